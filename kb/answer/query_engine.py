"""Searching and asking, with what was said before."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from kb.answer.answerer import Answerer
from kb.models.chat.pool import ModelPool
from kb.retrieval.retriever import Retriever
from kb.types import AnswerEvent, Hit, Turn


async def search_in_context(
    answerer: Answerer, question: str, *, k: int, history: Sequence[Turn]
) -> tuple[str, list[Hit]]:
    """What a follow-up question is searched as, and the ``k`` best passages; raises BadInput when it is empty."""
    from kb.types import Question

    asked, found = await answerer.search(Question(question, history=tuple(history)), k=k)
    return asked.text, list(found.hits)


class QueryEngine:
    """A knowledge base as the evaluation asks it, with settings and answering models of its own."""

    def __init__(self, retriever: Retriever, answerer: Answerer, models: ModelPool) -> None:
        self._retriever = retriever
        self._answerer = answerer
        self._models = models

    def search(self, question: str, *, k: int = 10, collection: str | None = None) -> list[Hit]:
        """As ``KnowledgeBase.search``."""
        return list(self._retriever.retrieve(question, k=k, collection=collection).hits)

    async def search_in_context(
        self, question: str, *, k: int, history: Sequence[Turn]
    ) -> tuple[str, list[Hit]]:
        """As ``KnowledgeBase.search_in_context``."""
        return await search_in_context(self._answerer, question, k=k, history=history)

    async def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        model: str | None = None,
        history: Sequence[Turn] = (),
    ) -> AsyncGenerator[AnswerEvent, None]:
        """As ``KnowledgeBase.ask``."""
        from kb.types import Question

        asked = Question(question, collection=collection, model=model, history=tuple(history))
        async with aclosing(self._answerer.answer(asked)) as events:
            async for event in events:
                yield event

    async def close_models(self) -> None:
        """Frees the answering models; in the event loop that used them."""
        await self._models.close()
