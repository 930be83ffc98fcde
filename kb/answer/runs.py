"""Answers are made by tasks of their own: whoever reads one may go away and come back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial

from kb.errors import BackendDown, FootnoteError
from kb.state.conversations import AnswerRuns
from kb.system.request_recording import in_conversation
from kb.system.threads import Threads
from kb.types import (
    OWNER,
    Answer,
    AnswerEvent,
    AnswerRun,
    AnswerRunState,
    Caller,
    Notice,
    Question,
    Searched,
    TextDelta,
    TextWithdrawn,
    Turn,
)

log = logging.getLogger(__name__)

_KEEPING = Threads("answers that are kept", 4)
"""Apart from the threads that search: a question is kept and shown while others wait for a model."""
_SAVE_EVERY_S = 0.7
"""How much of an answer the death of the process can cost: less than a second's worth."""
_REMEMBERED = 20
"""Turns of a conversation that are read for its next question: it is understood from the last few with a text."""
_CLOSED = "Footnote was closed while this was being answered. Ask again for the rest."
_OUR_FAULT = "Something went wrong inside Footnote; its log says what."


Ask = Callable[[Question], AsyncGenerator[AnswerEvent, None]]
"""What answers a question, as ``kb.ports.AnswersQuestions.ask`` does; closing the iterator stops the model."""


@dataclass(slots=True, eq=False)
class _Running:
    """An answer that is being made, and who waits for the next piece of it."""

    request: AnswerRun
    on_end: Callable[[], None] | None
    events: list[AnswerEvent] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    saved: AnswerRun | None = None
    ended: bool = False
    """Whether it has ended and is kept."""
    keeping: asyncio.Task[None] | None = None
    """What keeps it at its end; None while it is being made."""

    def add(self, event: AnswerEvent) -> None:
        self.events.append(event)
        self.request = after(self.request, event)
        self.tell()

    def tell(self) -> None:
        """Wakes up everybody who waits; the next to wait get an event of their own."""
        self.news.set()
        self.news = asyncio.Event()


def after(request: AnswerRun, event: AnswerEvent) -> AnswerRun:
    """Returns the run once ``event`` has happened."""
    match event:
        case Searched():
            return replace(request, searched=event)
        case TextDelta():
            return replace(request, text=request.text + event.text)
        case TextWithdrawn():
            return replace(request, text="")
        case Notice():
            return replace(request, notices=(*request.notices, event.text))
        case Answer():
            return replace(request, answer=event, text=event.text, state=AnswerRunState.DONE)
        case _:
            return request


class AnswerRunner:
    """Makes answers, in the event loop that it is called from; keeps them as ``AnswerRuns``.

    Any number at a time, each for any number of readers, none included.
    """

    def __init__(self, requests: AnswerRuns, ask: Ask) -> None:
        self._requests = requests
        self._ask = ask
        self._running: dict[str, _Running] = {}
        self._starting = asyncio.Lock()
        """Held between storing a question and having the task that answers it."""

    async def start(
        self,
        question: Question,
        *,
        conversation_id: str | None = None,
        remember: bool = True,
        on_end: Callable[[], None] | None = None,
    ) -> AnswerRun:
        """Stores the question and begins to answer it; without a conversation it begins one.

        The earlier turns of the conversation are its history, unless ``remember`` is False: then it keeps its own.
        ``on_end`` is called once the answer is made, or broken off.

        Raises:
            NotFound: there is no such conversation.
        """
        if remember and conversation_id:
            question = replace(question, history=tuple(await self._turns(conversation_id, question.caller)))
        async with self._starting:
            request = await _KEEPING.run(
                partial(self._requests.begin, question, conversation_id=conversation_id)
            )
            running = self._running[request.id] = _Running(request, on_end)
            running.task = asyncio.create_task(self._run(running, question))
        return request

    def is_running(self, request_id: str) -> bool:
        """Returns whether an answer is being made, or kept at its end."""
        return request_id in self._running

    async def get(self, request_id: str, *, caller: Caller = OWNER) -> AnswerRun:
        """Returns a run with as much of its answer as there is; raises NotFound."""
        if running := await self._find(request_id, caller):
            return running.request
        return await _KEEPING.run(
            partial(self._requests.get, request_id, owner=caller.conversations_id, seen=caller.collections)
        )

    async def events(self, request_id: str, *, caller: Caller = OWNER) -> AsyncGenerator[AnswerEvent, None]:
        """Yields everything that has happened so far, then the rest as it comes, until the answer ends.

        Closing it stops nothing. It ends without an ``Answer`` where the answer was stopped.

        Raises:
            NotFound: there is no such request.
            FootnoteError: there is no answer; the message says why. It comes after what there is.
        """
        running = await self._find(request_id, caller)
        if running is None:
            request = await _KEEPING.run(
                partial(
                    self._requests.get, request_id, owner=caller.conversations_id, seen=caller.collections
                )
            )
            for event in _events_of(request):
                yield event
        else:
            async for event in _follow(running):
                yield event
            request = running.request
        if request.state is AnswerRunState.FAILED:
            raise BackendDown(request.error or _OUR_FAULT)

    async def cancel(self, request_id: str, *, caller: Caller = OWNER) -> None:
        """Ends an answer, and the model at work on it, within a second; what is written stays.

        Nothing happens where it has ended already.

        Raises:
            NotFound: there is no such request.
        """
        running = await self._find(request_id, caller)
        if running is None:
            await _KEEPING.run(
                partial(
                    self._requests.get, request_id, owner=caller.conversations_id, seen=caller.collections
                )
            )
        else:
            await self._end(running, AnswerRunState.STOPPED)

    async def remove(self, conversation_id: str, *, caller: Caller = OWNER) -> None:
        for request_id in await _KEEPING.run(
            partial(self._requests.remove, conversation_id, owner=caller.conversations_id)
        ):
            if running := await self._find(request_id, caller):
                await self._end(running, AnswerRunState.STOPPED)

    async def close(self) -> None:
        """Ends every running answer, and keeps what is written."""
        await asyncio.gather(
            *(self._end(running, AnswerRunState.FAILED, _CLOSED) for running in list(self._running.values()))
        )

    async def _find(self, request_id: str, caller: Caller) -> _Running | None:
        """Returns the running answer of a run of ``caller``; None where it has ended, or is somebody else's."""
        if request_id not in self._running and self._starting.locked():
            async with self._starting:
                pass
        running = self._running.get(request_id)
        return running if running and running.request.question.caller.id == caller.conversations_id else None

    async def _turns(self, conversation_id: str, caller: Caller) -> list[Turn]:
        requests = await _KEEPING.run(
            partial(
                self._requests.of,
                conversation_id,
                newest=_REMEMBERED,
                owner=caller.conversations_id,
                seen=caller.collections,
            )
        )
        return [request.turn() for request in requests if request.text]

    # --- Making one ---------------------------------------------------------------------------

    async def _run(self, running: _Running, question: Question) -> None:
        saving = asyncio.create_task(self._save_regularly(running))
        try:
            await self._produce(running, question)
        except FootnoteError as error:
            running.request = replace(running.request, state=AnswerRunState.FAILED, error=str(error))
        except Exception:  # a fault of ours ends as a failed answer that says so, not as one that never ends
            log.exception("an answer failed")
            running.request = replace(running.request, state=AnswerRunState.FAILED, error=_OUR_FAULT)
        finally:
            saving.cancel()
            await asyncio.wait({saving})
            if not saving.cancelled() and (fault := saving.exception()) is not None:
                log.error("an answer could not be kept while it was made", exc_info=fault)
            await self._finish(running)

    async def _produce(self, running: _Running, question: Question) -> None:
        with in_conversation(running.request.conversation_id):
            async with aclosing(self._ask(question)) as events:
                async for event in events:
                    running.add(event)
        if running.request.state is AnswerRunState.RUNNING:
            raise BackendDown("The model ended without an answer. Ask again.")

    async def _end(self, running: _Running, state: AnswerRunState, error: str | None = None) -> None:
        """Cancels the task; it keeps what there is in ``state``, unless it had just finished by itself."""
        if running.request.state is AnswerRunState.RUNNING:
            running.request = replace(running.request, state=state, error=error)
        if running.task is not None:
            running.task.cancel()
            await asyncio.wait({running.task})
        await self._finish(running)  # it may have been cancelled before its first step

    async def _finish(self, running: _Running) -> None:
        """Keeps the answer, once: its own task may be at it when somebody ends it, and must not be broken off."""
        if running.keeping is None:
            if running.on_end is not None:
                running.on_end()
            running.keeping = asyncio.create_task(self._keep(running))
        await asyncio.shield(running.keeping)

    async def _keep(self, running: _Running) -> None:
        if running.request.state is AnswerRunState.RUNNING:  # cancelled by nobody of ours: the loop ends
            running.request = replace(running.request, state=AnswerRunState.FAILED, error=_CLOSED)
        try:
            await self._save(running)
        except ValueError:  # a text that cannot be stored: it ends as failed, not as one that runs for ever
            log.exception("an answer cannot be kept")
            running.request = replace(
                running.request,
                state=AnswerRunState.FAILED,
                error=_OUR_FAULT,
                searched=None,
                notices=(),
                text="",
                answer=None,
            )
            await self._save(running)
        finally:
            running.ended = True
            del self._running[running.request.id]
            running.tell()

    async def _save_regularly(self, running: _Running) -> None:
        while True:
            await asyncio.sleep(_SAVE_EVERY_S)
            if running.request is not running.saved:
                await self._save(running)

    async def _save(self, running: _Running) -> None:
        request = running.request
        await _KEEPING.run(partial(self._requests.save, request))
        running.saved = request


async def _follow(running: _Running) -> AsyncIterator[AnswerEvent]:
    """Yields the events of a running answer from the first on, until it has ended and is kept."""
    seen = 0
    while True:
        news = running.news
        while seen < len(running.events):
            yield running.events[seen]
            seen += 1
        if running.ended:
            return
        if news is running.news:
            await news.wait()


def _events_of(request: AnswerRun) -> list[AnswerEvent]:
    """Returns the events that would have been seen of a run that has ended."""
    events: list[AnswerEvent] = []
    if request.searched:
        events.append(request.searched)
    events.extend(Notice(notice) for notice in request.notices)
    if request.answer:
        events.append(request.answer)
    elif request.text:
        events.append(TextDelta(request.text))
    return events
