"""What answers the tools that search and ask."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Protocol

from kb.types import Question
from kb.web.api.answer_schemas import event_out
from kb.web.api.schemas import HitOut

if TYPE_CHECKING:
    from kb.ports import AnswersQuestions


class AnswersWire(Protocol):
    """Searches and answers, in the form that the HTTP API sends: in this process, or by the app that runs."""

    async def search(self, question: Question, *, k: int) -> list[dict[str, Any]]:
        """Returns the ``k`` best passages; raises BadInput for a question that is refused."""
        ...

    def ask(self, question: Question) -> AsyncGenerator[dict[str, Any], None]:
        """Yields the events of the answer; closing it stops the model."""
        ...


class InProcess:
    """``AnswersWire`` by the library of this process."""

    def __init__(self, engine: AnswersQuestions) -> None:
        self._engine = engine

    async def search(self, question: Question, *, k: int) -> list[dict[str, Any]]:
        found = await self._engine.search(question, k=k)
        return [HitOut.of(hit).model_dump(mode="json") for hit in found.hits]

    async def ask(self, question: Question) -> AsyncGenerator[dict[str, Any], None]:
        async with aclosing(self._engine.ask(question)) as events:
            async for event in events:
                yield event_out(event).model_dump(mode="json")
