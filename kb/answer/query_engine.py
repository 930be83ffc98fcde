"""Searching and asking: the one object that the page, the commands, the HTTP API and the evaluation hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, aclosing, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Protocol

from kb.answer.running_answers import End, RunningAnswers
from kb.system.request_recording import Behalf, Record, on_behalf_of, recorded
from kb.system.threads import Threads
from kb.types import (
    AS_SET,
    Answer,
    AnswerEvent,
    Caller,
    Notice,
    Question,
    RequestKind,
    Searched,
    SearchTuning,
)

if TYPE_CHECKING:  # commands that ask nothing hold an engine too, and need not wait for what answers
    from kb.answer.answerer import Answerer
    from kb.models.chat.pool import ModelPool


class CountsNotReady(Protocol):
    """What knows of files that are being imported."""

    def not_ready(self, *, caller: Caller) -> int:
        """Returns how many of a caller's documents cannot be found yet."""
        ...


class QueryEngine:
    """``kb.ports.AnswersQuestions`` over the indexes of a library; safe to use from several threads."""

    def __init__(
        self,
        answerer: Callable[[], Answerer],
        models: Callable[[], ModelPool],
        *,
        record: Record | None = None,
        running: RunningAnswers | None = None,
        library: CountsNotReady | None = None,
    ) -> None:
        """``answerer`` is called for each question: its first call may open indexes, a later one give another.

        ``record`` takes every request for the log, None keeps none; ``running`` counts the answers of each key, None
        lets all begin. ``library`` counts a caller's files that cannot be found yet; None says nothing of them.
        """
        self._answerer = answerer
        self._models = models
        self._record = record
        self._running = running
        self._library = library
        self._opening = Threads("opening", 1)
        """Many that wait for a model take one thread, not all there are."""

    async def search(self, question: Question, *, k: int = 10, tuning: SearchTuning = AS_SET) -> Searched:
        answerer = await self._opening.run(self._answerer)
        with self._on_behalf_of(question):
            return await answerer.search(question, k=k, tuning=tuning)

    async def ask(self, question: Question, *, counted: bool = False) -> AsyncGenerator[AnswerEvent, None]:
        """Yields as ``AnswersQuestions.ask`` does; ``counted`` where ``begin`` has counted the answer."""
        with (
            nullcontext() if counted or not self._running else self._running.one_for(question.caller),
            self._on_behalf_of(question),
            recorded(RequestKind.ANSWER, text=question.as_typed) as request,
        ):
            answerer = await self._opening.run(self._answerer)
            request.begins()
            unread = await self._unread(question.caller)
            async with aclosing(answerer.answer(question)) as events:
                async for event in events:
                    if isinstance(event, Answer):
                        request.name_model(event.model)
                    yield event
                    if unread:
                        yield Notice(_not_searched(unread))
                        unread = 0

    async def _unread(self, caller: Caller) -> int:
        if self._library is None:
            return 0
        return await asyncio.to_thread(partial(self._library.not_ready, caller=caller))

    def begin(self, caller: Caller) -> End:
        """Counts an answer before it is asked for, until what it returns is called; raises RateLimited."""
        return self._running.begin(caller) if self._running else _nothing

    def _on_behalf_of(self, question: Question) -> AbstractContextManager[None]:
        if self._record is None:
            return nullcontext()
        return on_behalf_of(Behalf(self._record, question.caller))

    async def close_models(self) -> None:
        """Frees the answering models; in the event loop that used them."""
        await self._models().close()


def _not_searched(count: int) -> str:
    if count == 1:
        return "One file is still being read and was not searched."
    return f"{count:,} files are still being read and were not searched."


def _nothing() -> None:
    """Ends what is not counted."""
