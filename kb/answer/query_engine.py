"""Searching and asking: the one object that the page, the commands, the HTTP API and the evaluation hold."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from kb.system.threads import Threads
from kb.types import AnswerEvent, Question, Searched

if TYPE_CHECKING:  # commands that ask nothing hold an engine too, and need not wait for what answers
    from kb.answer.answerer import Answerer
    from kb.models.chat.pool import ModelPool


class QueryEngine:
    """``kb.ports.AnswersQuestions`` over the indexes of a library; safe to use from several threads."""

    def __init__(self, answerer: Callable[[], Answerer], models: Callable[[], ModelPool]) -> None:
        """``answerer`` is called for each question: its first call may open indexes, a later one give another."""
        self._answerer = answerer
        self._models = models
        self._opening = Threads("opening", 1)
        """Many that wait for a model take one thread, not all there are."""

    async def search(self, question: Question, *, k: int = 10) -> Searched:
        answerer = await self._opening.run(self._answerer)
        return await answerer.search(question, k=k)

    async def ask(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        answerer = await self._opening.run(self._answerer)
        async with aclosing(answerer.answer(question)) as events:
            async for event in events:
                yield event

    async def close_models(self) -> None:
        """Frees the answering models; in the event loop that used them."""
        await self._models().close()
