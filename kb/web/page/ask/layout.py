"""The components of the tab for questions; ``ask_tab.py`` connects them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kb.web.page.toolkit import gr

_MOST_PASTED = 1_000_000
"""Characters. A browser cuts what is longer without a word; of what is too long for a question the app says so."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the tab."""

    wanted: Any
    """The id of the conversation to show, which the page's script writes; empty for a new one."""
    again: Any
    """What to ask once more, as ``kb.web.page.ask.again`` reads it; the page's script writes it."""
    said: Any
    """Where it is announced, to who does not see the page, that an answer is complete."""
    earlier: Any
    current: Any
    sources: Any
    as_words: Any
    """A button that takes the conditions of the last question as words."""
    question: Any
    controls: Any
    """What is seen of the three that follow: the page's script writes them."""
    collection: Any
    scope: Any
    """As ``kb.web.page.ask.scope`` reads it."""
    model: Any
    """Empty for the best available."""


def draw(words: gr.I18n) -> Parts:
    wanted = _unseen("wanted")
    again = _unseen("again")
    said = _markup("said-frame")
    earlier = _markup("earlier")
    with gr.Row(elem_id="now", elem_classes=["turn", "spread"]):
        current = _markup("current", "text")
        sources = _markup("current-sources")
    as_words = gr.Button(words("as_words"), variant="secondary", size="sm", visible=False, elem_id="as-words")
    with gr.Column(elem_id="composer"):
        question = gr.Textbox(
            placeholder=words("question_placeholder"),
            label=words("ask"),
            show_label=False,
            container=False,
            lines=1,
            max_lines=8,
            max_length=_MOST_PASTED,
            submit_btn=True,
            stop_btn=False,
            autofocus=True,
            elem_id="question",
        )
        controls = _markup("composer-frame")
        collection, scope, model = (_unseen(name) for name in ("collection", "scope", "model"))
    return Parts(
        wanted=wanted,
        again=again,
        said=said,
        earlier=earlier,
        current=current,
        sources=sources,
        as_words=as_words,
        question=question,
        controls=controls,
        collection=collection,
        scope=scope,
        model=model,
    )


def _unseen(name: str) -> gr.Textbox:
    """Returns a field for the page's script: Gradio sends its value with an event."""
    return gr.Textbox(
        elem_id=name, elem_classes=["unseen"], container=False, show_label=False, max_length=_MOST_PASTED
    )


def _markup(name: str, *classes: str) -> gr.Markdown:
    """Returns a place for what ``kb.web.page.answer.render`` makes; it is clean already: Gradio leaves it as it is."""
    return gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id=name, elem_classes=list(classes))
