"""Asking: the question goes in, the answer streams out with its sources beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from kb.errors import BadInput, FootnoteError, NotFound
from kb.text.query_syntax import as_words, parse_question
from kb.types import AnswerRun, Caller, Question
from kb.web.api.askable import require_askable
from kb.web.api.errors import printable
from kb.web.api.fields import MAX_QUESTION
from kb.web.page.answer import render
from kb.web.page.answer.turns import TurnView
from kb.web.page.ask import render_composer, render_welcome
from kb.web.page.ask.again import Again, asked_again
from kb.web.page.ask.asker import asker
from kb.web.page.ask.batches import batched
from kb.web.page.ask.conversation_view import SHOWN, Window, earlier, refused, shown
from kb.web.page.ask.layout import Parts, draw
from kb.web.page.ask.open_conversation import OpenConversation
from kb.web.page.ask.scope import filters_of
from kb.web.page.ask.welcome import look
from kb.web.page.languages import strings_of, words_of
from kb.web.page.strings import Strings
from kb.web.page.toolkit import gr
from kb.web.page.words import asking as asking_words
from kb.web.page.words import composer as composer_words
from kb.web.page.words import welcome as welcome_words

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_NONE_YET = "none-yet"
"""What the script asks for when the page has come up at an address without a conversation."""
_BETWEEN_UPDATES_S = 0.1
"""Tokens that come within this time go to the page together."""


class AskTab:
    """The events of the tab; one instance serves every open page and keeps nothing of its own."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb

    # --- Opening ------------------------------------------------------------------------------

    async def opened(
        self, wanted: str, conversation: OpenConversation, request: gr.Request
    ) -> tuple[Any, ...]:
        """Shows the conversation with the id ``wanted``; what is being answered in the one before goes on.

        Nothing changes where a question of that very conversation came first, or any where the page has just come up.
        """
        came_first = conversation.busy or conversation.turns
        if (wanted == _NONE_YET and came_first) or (conversation.busy and wanted == conversation.id):
            return (gr.skip(),) * 5
        other = conversation
        if conversation.id is not None or conversation.busy:
            conversation.left.set()
            other = OpenConversation()
        requests = [] if wanted == _NONE_YET else await self._requests(wanted, asker(self._kb, request))
        idle = gr.update(submit_btn=True, stop_btn=False)
        if not requests:
            found = await anyio.to_thread.run_sync(look, self._kb, asker(self._kb, request))
            words = words_of(request.headers, welcome_words.EN, welcome_words.ZH)
            return "", render_welcome.welcome(found, words), "", idle, other
        return (*shown(Window.of(requests), other, _strings(request)), idle, other)

    async def _requests(self, conversation_id: str, caller: Caller) -> list[AnswerRun]:
        """Returns the newest runs of a conversation; none where there is no such conversation any more."""
        if not conversation_id:
            return []
        read = partial(self._kb.conversations.runs, conversation_id, caller=caller, newest=SHOWN + 1)
        try:
            return await anyio.to_thread.run_sync(read)
        except NotFound:
            return []

    # --- Asking -------------------------------------------------------------------------------

    async def ask(
        self,
        question: str,
        collection: str,
        model: str,
        conversation: OpenConversation,
        scope: str,
        request: gr.Request,
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Yields (earlier turns, this turn, its sources, question box); ``scope`` as ``filters_of`` takes it."""
        question = printable(question.strip(), MAX_QUESTION)
        if not question or conversation.busy:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        beside = self._asked(question, scope, collection, model, request)
        read = partial(parse_question, known=self._kb.known_value(beside.caller))
        async with aclosing(self._answered(beside, read, conversation, _strings(request))) as updates:
            async for update in updates:
                yield update

    async def ask_as_words(
        self,
        collection: str,
        model: str,
        conversation: OpenConversation,
        scope: str,
        request: gr.Request,
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Asks the last question once more, what was read as its conditions taken as words; yields as ``ask`` does."""
        if conversation.busy or not conversation.turns:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        typed = conversation.turns[-1].question.as_typed
        beside = self._asked(typed, scope, collection, model, request)
        async with aclosing(self._answered(beside, as_words, conversation, _strings(request))) as updates:
            async for update in updates:
                yield update

    async def ask_again(
        self, order: str, model: str, conversation: OpenConversation, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Asks a question of the conversation once more, as ``asked_again`` reads ``order``; yields as ``ask`` does."""
        caller = asker(self._kb, request)
        again = None if conversation.busy else await self._again(order, conversation, _chosen(model), caller)
        if again is None:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        read = partial(again.read, known=self._kb.known_value(caller))
        question = replace(again.question, caller=caller)
        answered = self._answered(question, read, conversation, _strings(request), remember=False)
        async with aclosing(answered) as updates:
            async for update in updates:
                yield update

    async def _again(
        self, order: str, conversation: OpenConversation, model: str | None, caller: Caller
    ) -> Again | None:
        """Returns what is ordered of a turn of the conversation, of those that were scrolled to as well."""
        again = asked_again(order, conversation.turns, model=model)
        if again is not None or not conversation.has_older or conversation.id is None:
            return again
        read = partial(self._kb.conversations.runs, conversation.id, caller=caller)
        turns = [TurnView.of(run) for run in await anyio.to_thread.run_sync(read)]
        return asked_again(order, turns, model=model)

    def _asked(self, text: str, scope: str, collection: str, model: str, request: gr.Request) -> Question:
        where, caller = _where(collection), asker(self._kb, request)
        return Question(text, filters_of(scope), where, _chosen(model), caller=caller)

    async def _answered(
        self,
        question: Question,
        read: Callable[[Question], Question],
        conversation: OpenConversation,
        strings: Strings,
        *,
        remember: bool = True,
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Yields the answer to ``question`` as ``read`` understands it, or why it cannot be asked.

        A date is none, or it is too long: then the question stays in its box.
        """
        conversation.followed = True
        try:
            require_askable(question)
            understood = await anyio.to_thread.run_sync(read, question)
            asked = await self._start(require_askable(understood), conversation, remember=remember)
        except BadInput as error:
            conversation.followed = False
            yield *refused(question, error, conversation, strings), gr.skip()
            return
        finally:
            conversation.followed = False
        async with aclosing(self._follow(asked, conversation, strings, question.caller)) as updates:
            async for update in updates:
                yield update

    def last_had_conditions(self, conversation: OpenConversation) -> Any:
        """Returns the button that takes the conditions of the last question as words; hidden where it had none."""
        last = conversation.turns[-1] if conversation.turns else None
        return gr.update(visible=last is not None and bool(last.question.typed))

    async def _start(
        self, question: Question, conversation: OpenConversation, *, remember: bool
    ) -> AnswerRun:
        start = partial(self._kb.conversations.start, question, remember=remember)
        try:
            asked = await start(conversation_id=conversation.id)
        except NotFound:  # it was deleted on another page
            conversation.turns = []
            asked = await start()
        conversation.id, conversation.request = asked.conversation_id, asked.id
        return asked

    async def resume(
        self, conversation: OpenConversation, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Yields the rest of an answer that was being made when the page was opened."""
        if conversation.followed:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        if conversation.request is None:
            yield gr.skip(), gr.skip(), gr.skip(), gr.update(submit_btn=True, stop_btn=False)
            return
        asked = await self._kb.conversations.get(conversation.request, caller=asker(self._kb, request))
        followed = self._follow(asked, conversation, _strings(request), asker(self._kb, request))
        async with aclosing(followed) as updates:
            async for update in updates:
                yield update

    async def _follow(
        self, asked: AnswerRun, conversation: OpenConversation, strings: Strings, caller: Caller
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Yields an answer as it is made. That nobody follows it any more does not end it."""
        conversation.followed = True
        view = new = TurnView.new(asked)
        busy = gr.update(value="", submit_btn=False, stop_btn=True)
        yield earlier(conversation, strings), render.turn_text(view, strings), "", busy
        async with aclosing(self._views(new, conversation.left, caller)) as views:
            async for view in views:
                text, sources = render.turn_text(view, strings), render.turn_sources(view, strings)
                yield gr.skip(), text, sources, gr.skip()
        if conversation.left.is_set():
            return
        conversation.request, conversation.followed = None, False
        conversation.turns = [*conversation.turns, view]
        yield gr.skip(), gr.skip(), gr.skip(), gr.update(submit_btn=True, stop_btn=False)

    async def _views(
        self, view: TurnView, left: asyncio.Event, caller: Caller
    ) -> AsyncGenerator[TurnView, None]:
        """Yields ``view`` after each batch of events; the last one is final, whatever happened."""
        try:
            async with (
                aclosing(self._kb.conversations.events(view.request, caller=caller)) as events,
                # closed before the events, which it is reading: a page may be closed at any moment
                aclosing(batched(events, stop=left, pause_s=_BETWEEN_UPDATES_S)) as batches,
            ):
                async for batch in batches:
                    for event in batch:
                        view = view.after(event)
                    yield view
        except FootnoteError as error:
            yield replace(view, error=str(error))
        else:
            if view.running and not left.is_set():
                yield replace(view, stopped=True)

    async def stop(self, conversation: OpenConversation, request: gr.Request) -> None:
        """Ends the running answer; what is written stays."""
        if conversation.request is not None:
            await self._kb.conversations.cancel(conversation.request, caller=asker(self._kb, request))


def ask_tab(kb: KnowledgeBase, page: gr.Blocks, words: gr.I18n) -> None:
    tab = AskTab(kb)
    conversation = gr.State(OpenConversation())
    parts = draw(words)
    _connect_opening(tab, page, parts, conversation)
    _connect_asking(tab, parts, conversation)


def _connect_opening(tab: AskTab, page: gr.Blocks, parts: Parts, conversation: gr.State) -> None:
    answer = [parts.earlier, parts.current, parts.sources, parts.question]

    def announcement(request: gr.Request) -> str:
        return render.announcement(words_of(request.headers, asking_words.EN, asking_words.ZH))

    def controls(request: gr.Request) -> str:
        return render_composer.composer(words_of(request.headers, composer_words.EN, composer_words.ZH))

    page.load(announcement, outputs=parts.said, **_QUIET)
    page.load(controls, outputs=parts.controls, **_QUIET)
    parts.wanted.submit(
        tab.opened,
        inputs=[parts.wanted, conversation],
        outputs=[*answer, conversation],
        concurrency_limit=None,
        trigger_mode="multiple",
        **_QUIET,
    ).then(tab.resume, inputs=conversation, outputs=answer, concurrency_limit=None, **_QUIET)


def _connect_asking(tab: AskTab, parts: Parts, conversation: gr.State) -> None:
    answer = [parts.earlier, parts.current, parts.sources, parts.question]
    chosen = [parts.collection, parts.model, conversation]
    for begin, asking, inputs in (
        (parts.question.submit, tab.ask, [parts.question, *chosen, parts.scope]),
        (parts.as_words.click, tab.ask_as_words, [*chosen, parts.scope]),
        (parts.again.submit, tab.ask_again, [parts.again, parts.model, conversation]),
    ):
        begin(asking, inputs=inputs, outputs=answer, concurrency_limit=None, **_QUIET).then(
            tab.last_had_conditions, inputs=conversation, outputs=parts.as_words, **_QUIET
        )
    parts.question.stop(tab.stop, inputs=conversation, **_QUIET)


_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def _where(collection: str) -> tuple[str, ...]:
    return (collection,) if collection else ()


def _chosen(model: str) -> str | None:
    return model or None


def _strings(request: gr.Request) -> Strings:
    return strings_of(request.headers)
