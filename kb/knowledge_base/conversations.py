"""Questions and their answers as they are kept, whoever reads them and whenever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from kb.answer.reach_watch import ReachWatch, Refreshed
from kb.answer.running_answers import RunningAnswers
from kb.answer.runs import AnswerRunner, Ask
from kb.knowledge_base.request_log import RequestLogService
from kb.state.conversations import AnswerRuns
from kb.system.redact import without_our_keys
from kb.types import AccessScope, AnswerEvent, AnswerRun, Caller, Conversation, ListPlace, Question


class ConversationsService:
    """A caller's conversations, and the answers that are being made in them.

    What is a coroutine belongs to one event loop: that of the process that serves.
    """

    def __init__(
        self,
        runs: AnswerRuns,
        *,
        ask: Ask,
        requests: RequestLogService | None = None,
        running: RunningAnswers | None = None,
        refreshed: Refreshed | None = None,
    ) -> None:
        """``requests`` is the log of requests, ``running`` counts the answers of each key, which ``ask`` leaves to it.
        ``refreshed`` says how far callers reach by now: an answer ends where that is less than when it was asked.
        None does without.
        """
        self._running = running
        self._runs = runs
        self._requests = requests
        self._runner = AnswerRunner(runs, ask)
        self._watch = (
            None
            if refreshed is None
            else ReachWatch(refreshed, is_running=self._runner.is_running, end=self._runner.cancel)
        )

    def all(
        self,
        *,
        caller: Caller,
        limit: int = 50,
        offset: int = 0,
        after: ListPlace | None = None,
        saying: str = "",
    ) -> list[Conversation]:
        """Returns the pinned conversations, then the others, the one that was last asked something first.

        ``after``, as ``place`` gave it, leaves those behind it, and ``saying`` those that have these characters in
        their title, a question or an answer.

        Raises:
            BadInput: ``after`` is no place.
        """
        return self._runs.listed.window(
            limit=limit, offset=offset, after=after, saying=saying, owner=caller.conversations_id
        )

    def place(self, shown: Sequence[Conversation], *, caller: Caller) -> ListPlace | None:
        """Returns what ``all`` goes on by: behind the last that was shown and is still there; None where none is."""
        owner = caller.conversations_id
        places = (self._runs.listed.place(conversation.id, owner=owner) for conversation in reversed(shown))
        return next((place for place in places if place is not None), None)

    def latest(self, conversation_id: str, *, caller: Caller) -> str | None:
        """Returns the id of the newest run of a conversation; None where there is no such conversation."""
        return self._runs.outline.latest(conversation_id, owner=caller.conversations_id)

    def questions(self, conversation_id: str, *, caller: Caller) -> list[tuple[str, str]]:
        """Returns (id of the run, question) of everything asked in a conversation; empty where there is none."""
        return self._runs.outline.questions(conversation_id, owner=caller.conversations_id)

    def label(
        self, conversation_id: str, *, caller: Caller, title: str | None = None, pinned: bool | None = None
    ) -> None:
        """Renames a conversation, pins it or lets it go; None leaves each as it is.

        Raises:
            BadInput: it cannot be called so.
            NotFound: the caller has no such conversation.
            Denied: the caller's key may only read.
        """
        caller.require_own(AccessScope.WRITE)
        title = None if title is None else without_our_keys(title)
        self._runs.label(conversation_id, title=title, pinned=pinned, owner=caller.conversations_id)

    def runs(
        self,
        conversation_id: str,
        *,
        caller: Caller,
        newest: int | None = None,
        before: str | None = None,
    ) -> list[AnswerRun]:
        """Returns the runs of a conversation, in order, as far as they are kept; raises NotFound.

        Of passages that the caller may not see any more there are the quotes of footnotes alone, as of removed ones.

        Of those that were asked ``before`` a run with this id only the ``newest`` so many; None leaves none out.
        """
        return self._runs.of(
            conversation_id,
            newest=newest,
            before=before,
            owner=caller.conversations_id,
            seen=caller.collections,
        )

    async def start(
        self, question: Question, *, conversation_id: str | None = None, remember: bool = True
    ) -> AnswerRun:
        """Stores the question and begins to answer it for ``question.caller``, as ``AnswerRunner.start`` does.

        What has the shape of our keys in it is masked first: neither the database nor a model needs it.

        Raises:
            RateLimited: as many answers are being made for the caller's key as may be; nothing was stored.
        """
        question = replace(
            question,
            text=without_our_keys(question.text),
            typed=without_our_keys(question.typed),
            searched=None if question.searched is None else without_our_keys(question.searched),
        )
        end = self._running.begin(question.caller) if self._running else None
        try:
            run = await self._runner.start(
                question, conversation_id=conversation_id, remember=remember, on_end=end
            )
        except BaseException:
            if end is not None:
                end()
            raise
        if self._watch is not None:
            self._watch.follow(run.id, question.caller)
        return run

    async def get(self, run_id: str, *, caller: Caller) -> AnswerRun:
        """Returns a run with as much of its answer as there is; raises NotFound."""
        return await self._runner.get(run_id, caller=caller)

    async def events(self, run_id: str, *, caller: Caller) -> AsyncGenerator[AnswerEvent, None]:
        """Yields what has happened so far, then the rest as it comes; raises as ``AnswerRunner.events`` does."""
        async with aclosing(self._runner.events(run_id, caller=caller)) as events:
            async for event in events:
                yield event

    async def cancel(self, run_id: str, *, caller: Caller) -> None:
        """Ends an answer, and the model at work on it, within a second; what is written stays. Raises NotFound."""
        await self._runner.cancel(run_id, caller=caller)

    async def remove(self, conversation_id: str, *, caller: Caller) -> None:
        """Deletes a conversation, its texts in the log included, and stops what is answered in it.

        Raises:
            NotFound: the caller has no such conversation.
            Denied: the caller's key may only read.
        """
        caller.require_own(AccessScope.WRITE)
        await self._runner.remove(conversation_id, caller=caller)
        if self._requests is not None:
            await asyncio.to_thread(self._requests.forget_texts, conversation_id, caller=caller)

    async def close(self) -> None:
        """Ends every answer that is being made, and keeps what is written."""
        await self._runner.close()
