"""The components of the tab for questions; ``ask_tab.py`` connects them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kb.web.page.filter_row import FilterParts, draw_filters
from kb.web.page.toolkit import gr

_MOST_PASTED = 1_000_000
"""Characters. A browser cuts what is longer without a word; of what is too long for a question the app says so."""

AUTO = "auto"
ANYWHERE = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the tab."""

    wanted: Any
    """The id of the conversation to show, which the page's script writes; empty for a new one."""
    said: Any
    """Where it is announced, to who does not see the page, that an answer is complete."""
    earlier: Any
    current: Any
    sources: Any
    searched: Any
    """What was searched for a follow-up question; sent, it searches again with other words."""
    as_words: Any
    """A button that takes the conditions of the last question as words."""
    question: Any
    model: Any
    collection: Any
    filters: FilterParts
    status: Any


def draw(words: gr.I18n) -> Parts:
    wanted = gr.Textbox(elem_id="wanted", container=False, show_label=False)
    said = _markup("said-frame")
    earlier = _markup("earlier")
    with gr.Row(elem_id="now", elem_classes=["turn", "spread"]):
        current = _markup("current", "text")
        sources = _markup("current-sources")
    searched = gr.Textbox(
        label=words("edit_search"),
        visible=False,
        lines=1,
        max_lines=4,
        max_length=_MOST_PASTED,
        submit_btn=True,
        elem_id="searched",
    )
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
        with gr.Row(elem_id="choices"):
            model = gr.Dropdown([AUTO], value=AUTO, label=words("model"), elem_id="model", min_width=200)
            collection = gr.Dropdown(
                [ANYWHERE], value=ANYWHERE, label=words("search_in"), elem_id="collection", min_width=160
            )
        filters = draw_filters(words)
        status = _markup("model-status")
    return Parts(
        wanted=wanted,
        said=said,
        earlier=earlier,
        current=current,
        sources=sources,
        searched=searched,
        as_words=as_words,
        question=question,
        model=model,
        collection=collection,
        filters=filters,
        status=status,
    )


def _markup(name: str, *classes: str) -> gr.Markdown:
    """Returns a place for what ``kb.web.page.render`` makes; it is clean already, so Gradio leaves it as it is."""
    return gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id=name, elem_classes=list(classes))
