"""Filters for the next questions: documents, types, languages, tags and dates, below the question box.

They are the filters that can be typed into a question, too; what is typed counts before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from kb.text.document_names import shown_name
from kb.types import OWNER, Filters
from kb.web.page import render
from kb.web.page.format import language_name
from kb.web.page.languages import strings_of
from kb.web.page.toolkit import gr

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_MOST_DOCUMENTS = 1000
"""Names that are offered, the newest; the page would be slow with more, and ``document:`` takes every name."""
_MOST_CHOSEN = 20


@dataclass(frozen=True, slots=True)
class FilterParts:
    """The components of the row."""

    row: Any
    documents: Any
    types: Any
    languages: Any
    tags: Any
    since: Any
    until: Any
    summary: Any
    """What is active, seen while the row is closed too."""
    clear: Any

    @property
    def lists(self) -> list[Any]:
        """The components that are filled from the library."""
        return [self.documents, self.types, self.languages, self.tags]

    @property
    def controls(self) -> list[Any]:
        """The components that ``filters`` reads, in its order."""
        return [*self.lists, self.since, self.until]


def draw_filters(words: gr.I18n) -> FilterParts:
    with gr.Row(elem_id="filters"):
        with gr.Accordion(words("filter"), open=False, elem_id="filter") as row, gr.Row(elem_id="conditions"):
            documents, types, languages, tags = (
                gr.Dropdown(
                    [],
                    value=[],
                    multiselect=True,
                    max_choices=_MOST_CHOSEN,
                    label=words(name),
                    elem_id=name.replace("_", "-"),
                )
                for name in ("filter_documents", "filter_types", "filter_languages", "filter_tags")
            )
            since, until = (
                gr.DateTime(
                    include_time=False, type="string", label=words(name), elem_id=name.replace("_", "-")
                )
                for name in ("filter_since", "filter_until")
            )
        summary = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="filter-summary")
        clear = gr.Button(
            words("filter_clear"), variant="secondary", size="sm", visible=False, elem_id="filter-clear"
        )
    return FilterParts(row, documents, types, languages, tags, since, until, summary, clear)


def filters(
    documents: list[str],
    types: list[str],
    languages: list[str],
    tags: list[str],
    since: str | None,
    until: str | None,
) -> Filters:
    """Returns the filters of the controls; ``until`` is the last day that counts. What is no date is left to be
    refused.
    """
    return Filters(
        documents=tuple(documents),
        types=tuple(types),
        languages=tuple(languages),
        tags=tuple(tags),
        since=since,
        before=_day_after(until) if until else None,
    )


def connect_filters(kb: KnowledgeBase, page: gr.Blocks, parts: FilterParts, quiet: dict[str, Any]) -> None:
    """Fills the lists when the page or the row is opened, keeps the summary true, and clears."""

    async def fill() -> list[Any]:
        found = await anyio.to_thread.run_sync(partial(kb.library.facets, caller=OWNER))
        names = found.documents[:_MOST_DOCUMENTS]
        return [
            gr.update(choices=[(shown_name(name), name) for name in names]),
            gr.update(choices=[(suffix.upper(), suffix) for suffix in found.types]),
            gr.update(choices=[(language_name(code), code) for code in found.languages]),
            gr.update(choices=[(f"#{tag}", tag) for tag in found.tags]),
        ]

    def summarise(request: gr.Request, *values: Any) -> tuple[str, Any]:
        chosen = filters(*values)
        strings = strings_of(request.headers)
        return render.conditions(chosen, strings), gr.update(visible=chosen != Filters())

    page.load(fill, outputs=parts.lists, **quiet)
    parts.row.expand(fill, outputs=parts.lists, **quiet)
    gr.on(
        [control.change for control in parts.controls],
        summarise,
        inputs=parts.controls,
        outputs=[parts.summary, parts.clear],
        trigger_mode="always_last",
        **quiet,
    )
    parts.clear.click(lambda: [[], [], [], [], None, None], outputs=parts.controls, **quiet)


def _day_after(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return day
