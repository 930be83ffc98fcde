"""Asking: the question goes in, the answer streams out with its sources beside it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from kb.errors import FootnoteError
from kb.types import AnswerEvent
from kb.ui import render
from kb.ui.batches import batched
from kb.ui.shown import shown_name
from kb.ui.strings import Strings, strings_for
from kb.ui.toolkit import gr
from kb.ui.turns import TurnView
from kb.web.schemas import MAX_QUESTION

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

logger = logging.getLogger(__name__)

AUTO = "auto"
ANYWHERE = ""
_BETWEEN_UPDATES_S = 0.1
"""Tokens that come within this time go to the page together."""


class Conversation:
    """What one open page has asked so far; lives on the server as long as the page is open.

    No dataclass: Gradio would write one into the page's settings.
    """

    def __init__(self) -> None:
        self.turns: list[TurnView] = []
        self.stop: asyncio.Event | None = None
        """Set to end the answer that is being written; None while there is none."""


class AskTab:
    """The events of the tab; one instance serves every open page and keeps nothing of its own."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb

    async def opened(self, request: gr.Request) -> tuple[Any, ...]:
        """Fills in what a page shows when it opens: welcome, models, collections, who answers."""
        strings = _strings(request)
        documents = await anyio.to_thread.run_sync(self._kb.count)
        try:
            models = await self._kb.models()
        except FootnoteError as error:
            logger.warning("models cannot be listed", extra={"reason": str(error)})
            models = {}
        choices = [(strings.model_auto, AUTO), *((name, name) for name in models)]
        return (
            render.welcome(documents, strings),
            gr.update(choices=choices, value=AUTO),
            await self.collections(request),
        )

    async def status(self, model: str, request: gr.Request) -> str:
        """The line that says which model answers."""
        try:
            return render.model_line(await self._kb.model_status(_chosen(model)), _strings(request))
        except FootnoteError as error:
            return render.problem(str(error))

    async def collections(self, request: gr.Request) -> Any:
        """The collections there are now."""
        names = await anyio.to_thread.run_sync(self._kb.collections)
        everywhere = (_strings(request).all_collections, ANYWHERE)
        return gr.update(choices=[everywhere, *((shown_name(name), name) for name in names)])

    async def ask(
        self, question: str, collection: str, model: str, conversation: Conversation, request: gr.Request
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Streams (earlier turns, this turn, its sources, question box)."""
        strings = _strings(request)
        question = question.strip()
        if not question or conversation.stop is not None:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        view = new = TurnView(id=f"t{secrets.token_hex(4)}", question=question)
        earlier = "\n\n".join(render.turn(turn, strings) for turn in conversation.turns)
        asked = gr.update(value="", submit_btn=False, stop_btn=True)
        yield earlier, render.turn_text(view, strings), "", asked
        events = self._kb.ask(
            question,
            collection=collection or None,
            model=_chosen(model),
            history=[turn.turn() for turn in conversation.turns if turn.answer],
        )
        conversation.stop = asyncio.Event()
        try:
            async for view in _views(new, events, conversation.stop, strings):
                text, sources = render.turn_text(view, strings), render.turn_sources(view, strings)
                yield gr.skip(), text, sources, gr.skip()
        finally:
            conversation.stop = None
            conversation.turns.append(view)
        yield gr.skip(), gr.skip(), gr.skip(), gr.update(submit_btn=True, stop_btn=False)

    def stop(self, conversation: Conversation) -> None:
        """Ends the running answer; what is written stays."""
        if conversation.stop is not None:
            conversation.stop.set()

    async def start_anew(self, conversation: Conversation, request: gr.Request) -> tuple[Any, ...]:
        """Forgets the conversation of this page."""
        self.stop(conversation)
        documents = await anyio.to_thread.run_sync(self._kb.count)
        return "", render.welcome(documents, _strings(request)), "", Conversation()


async def _views(
    view: TurnView, events: AsyncIterator[AnswerEvent], stop: asyncio.Event, strings: Strings
) -> AsyncIterator[TurnView]:
    """``view`` after each batch of events; the last one is final, whatever happened."""
    try:
        async for batch in batched(events, stop=stop, pause_s=_BETWEEN_UPDATES_S):
            for event in batch:
                view = view.after(event)
            yield view
    except FootnoteError as error:
        yield replace(view, error=str(error))
    except Exception:
        logger.exception("an answer failed")
        yield replace(view, error=strings.something_wrong)
    else:
        if view.running:
            yield replace(view, stopped=True)


def ask_tab(kb: KnowledgeBase, page: gr.Blocks, words: gr.I18n) -> None:
    """Draws the tab and connects its events."""
    tab = AskTab(kb)
    conversation = gr.State(Conversation())
    earlier = _markup("earlier")
    with gr.Row(elem_id="now", elem_classes=["turn", "spread"]):
        current = _markup("current", "text")
        sources = _markup("current-sources")
    with gr.Column(elem_id="composer"):
        question = gr.Textbox(
            placeholder=words("question_placeholder"),
            label=words("ask"),
            show_label=False,
            container=False,
            lines=1,
            max_lines=8,
            max_length=MAX_QUESTION,
            submit_btn=True,
            stop_btn=False,
            autofocus=True,
            elem_id="question",
        )
        with gr.Row(elem_id="choices"):
            model = gr.Dropdown([AUTO], value=AUTO, label=words("model"), elem_id="model", min_width=200)
            collection = gr.Dropdown(
                [ANYWHERE], value=ANYWHERE, label=words("search_in"), elem_id="collection", min_width=160
            )
        with gr.Row(elem_id="below"):
            status = _markup("model-status")
            anew = gr.Button(words("new_conversation"), variant="secondary", size="sm", elem_id="anew")

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    page.load(tab.opened, outputs=[current, model, collection], **quiet).then(
        tab.status, inputs=model, outputs=status, **quiet
    )
    model.input(tab.status, inputs=model, outputs=status, **quiet)
    collection.focus(tab.collections, outputs=collection, **quiet)
    question.submit(
        tab.ask,
        inputs=[question, collection, model, conversation],
        outputs=[earlier, current, sources, question],
        concurrency_limit=None,
        **quiet,
    )
    question.stop(tab.stop, inputs=conversation, **quiet)
    anew.click(
        tab.start_anew, inputs=conversation, outputs=[earlier, current, sources, conversation], **quiet
    )


def _markup(name: str, *classes: str) -> gr.Markdown:
    """A place for what ``kb.ui.render`` makes; it is clean already, so Gradio leaves it as it is."""
    return gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id=name, elem_classes=list(classes))


def _chosen(model: str) -> str | None:
    return None if model == AUTO else model


def _strings(request: gr.Request) -> Strings:
    return strings_for(request.headers.get("accept-language"))
