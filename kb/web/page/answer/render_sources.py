"""The passages of an answer -> markup for the pane beside it: a list by document, each entry with its places.

What a footnote stands for is told in data: a document, a page, rectangles, the words. The page's script opens the
reader there. Like ``render``, one line each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from kb.text.document_names import shown_name
from kb.types import BETWEEN_QUOTES, Anchor, Citation, DocumentState, Hit
from kb.web.page.answer.footnote_marks import Mark
from kb.web.page.answer.turns import TurnView
from kb.web.page.format import flat, place
from kb.web.page.strings import Strings
from kb.web.page.words.answer import AnswerWords

_AROUND_QUOTE = 90
"""Characters of the passage shown on each side of the quoted words."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A passage in the list."""

    element: str
    hit: Hit
    number: int | None
    """As the footnotes show it; None for a passage that none names."""
    cited: tuple[Citation, ...]
    """What sentences of the answer rest on in it; empty where that is not known."""

    @property
    def quote(self) -> str:
        return BETWEEN_QUOTES.join(dict.fromkeys(citation.quote for citation in self.cited))

    @property
    def anchor(self) -> Anchor:
        return self.cited[0].anchor if self.cited else self.hit.chunk.anchor

    @property
    def is_gone(self) -> bool:
        return self.hit.document.state is DocumentState.DELETING


def sources(view: TurnView, marks: Sequence[Mark], strings: Strings, words: AnswerWords) -> str:
    """Returns the passages: those that footnotes name in their order, then the others."""
    if not view.hits:
        return ""
    numbered = {mark.source: mark.number for mark in marks}
    refused = view.answer if view.answer is not None and view.answer.refused else None
    first = [_source(view, source, number, marks) for source, number in numbered.items()]
    first += [_nearest(view, citation) for citation in refused.closest] if refused else []
    named = {*numbered, *(citation.n for citation in (refused.closest if refused else ()))}
    rest = [
        _Source(f"{view.id}-p{n}", hit, None, ())
        for n, hit in enumerate(view.hits, start=1)
        if n not in named
    ]
    title = words.nearest if refused else words.sources
    list_ = _list(view, first, strings, words) + _others(view, rest, strings, words, with_others=bool(first))
    data = escape(json.dumps([_mark_data(view, mark) for mark in marks], ensure_ascii=False))
    return (
        f'<aside class="sources" id="{view.id}-sources" data-title="{escape(title)}" data-marks="{data}" '
        f'aria-label="{escape(title)}" hidden>{list_}</aside>'
    )


def nearest_cards(view: TurnView, strings: Strings, words: AnswerWords) -> str:
    """Returns what comes nearest to a question that was refused, as cards below the refusal; else nothing."""
    if view.answer is None or not view.answer.refused or not view.answer.closest or not view.hits:
        return ""
    found = [_nearest(view, citation) for citation in view.answer.closest]
    cards = "".join(
        f'<li><button type="button" class="card" data-open="{source.element}"'
        f"{' disabled' if source.is_gone else ''}>{_entry(source, strings, named=True)}</button></li>"
        for source in found
    )
    return f'<div class="nearest"><h3>{escape(words.nearest)}</h3><ul>{cards}</ul></div>'


def _source(view: TurnView, n: int, number: int, marks: Sequence[Mark]) -> _Source:
    found = [citation for mark in marks if mark.source == n for citation in _evidence(view, mark)]
    unique = tuple({citation.quote: citation for citation in found}.values())
    return _Source(f"{view.id}-s{number}", view.hits[n - 1], number, unique)


def _nearest(view: TurnView, citation: Citation) -> _Source:
    return _Source(f"{view.id}-n{citation.n}", view.hits[citation.n - 1], None, (citation,))


def _evidence(view: TurnView, mark: Mark) -> list[Citation]:
    """Returns what the sentences of a footnote rest on in its passage; in answers of before, what any of them does."""
    if view.answer is None:
        return []
    of_sentences = [
        citation
        for check in mark.checks
        for citation in view.answer.checks[check].evidence
        if citation.n == mark.source
    ]
    return of_sentences or [citation for citation in view.answer.citations if citation.n == mark.source]


# --- The list -------------------------------------------------------------------------------------


def _list(view: TurnView, found: Sequence[_Source], strings: Strings, words: AnswerWords) -> str:
    """Returns the entries, those of a document together under its name, documents in the order of their first."""
    order = list(dict.fromkeys(source.hit.document.id for source in found))
    together = sorted(found, key=lambda source: order.index(source.hit.document.id))
    parts = []
    for _document, run in groupby(together, key=lambda source: source.hit.document.id):
        own = list(run)
        name = escape(shown_name(_name(own[0])))
        entries = "".join(_item(view, source, strings, words) for source in own)
        parts.append(
            f'<section class="of-document"><h3 class="of-doc"><bdi>{name}</bdi></h3><ul>{entries}</ul></section>'
        )
    return "".join(parts)


def _name(source: _Source) -> str:
    """Returns what its document was called when the answer was given, with what tells it from its namesakes."""
    is_renamed = bool(source.cited) and source.cited[0].document != source.hit.document.name
    return source.cited[0].display_name if is_renamed else source.hit.display_name


def _others(
    view: TurnView, rest: Sequence[_Source], strings: Strings, words: AnswerWords, *, with_others: bool
) -> str:
    """Returns what was found and is not cited: folded below the cited ones, open where there are none."""
    if not rest:
        return ""
    entries = _list(view, rest, strings, words)
    if view.answer is None:
        being_read = escape(words.reading_n.format(count=len(rest)))
        return f'<div class="found"><p class="fine">{being_read}</p>{entries}</div>'
    also = escape(words.also_found.format(count=len(rest)))
    return (
        f'<details class="also"{"" if with_others else " open"}><summary>{also}</summary>{entries}</details>'
    )


def _item(view: TurnView, source: _Source, strings: Strings, words: AnswerWords) -> str:
    classes = "source cited" if source.number is not None else "source"
    places = escape(json.dumps(_places(source.hit, source.cited), ensure_ascii=False))
    if source.is_gone:
        inner = f'<div class="entry">{_entry(source, strings)}</div><p class="fine">{escape(strings.source_gone)}</p>'
    else:
        inner = (
            f'<button type="button" class="entry" data-open="{source.element}" title="{escape(words.read_here)}">'
            f"{_entry(source, strings)}</button>{_beside(view, source, strings)}"
        )
    return f'<li class="{classes}" id="{source.element}" data-places="{places}">{inner}</li>'


def _entry(source: _Source, strings: Strings, *, named: bool = False) -> str:
    number = f'<span class="n">{source.number}</span>' if source.number is not None else ""
    name = f'<span class="of-doc"><bdi>{escape(shown_name(_name(source)))}</bdi></span>' if named else ""
    where = escape(place(source.anchor, strings))
    return (
        f'{number}{name}<span class="where">{where}</span>'
        f'<span class="quote" dir="auto">{_excerpt(source.hit.chunk.text, source.quote)}</span>'
    )


def _beside(view: TurnView, source: _Source, strings: Strings) -> str:
    """Returns where else the passage stands, and a button that keeps it as the answer, for the evaluation."""
    also = ""
    if source.hit.also:
        others = [
            shown_name(other.display_name) + (f", {other.anchor.page}" if other.anchor.page else "")
            for other in source.hit.also
        ]
        also = f'<p class="fine">{escape(strings.also_in)} <bdi>{escape("; ".join(others))}</bdi></p>'
    if view.answer is None:
        return also
    asked = view.searched.question if view.searched else view.question.text
    return also + (
        f'<button type="button" class="keep" data-keep="{source.hit.chunk.id}" data-question="{escape(asked)}" '
        f'data-quote="{escape(source.quote)}" data-kept="{escape(strings.kept)}">{escape(strings.keep_answer)}</button>'
    )


# --- The places -----------------------------------------------------------------------------------


def _mark_data(view: TurnView, mark: Mark) -> dict[str, Any]:
    hit = view.hits[mark.source - 1]
    return {
        "mark": mark.element,
        "source": f"{view.id}-s{mark.number}",
        "places": _places(hit, tuple(_evidence(view, mark))),
    }


def _places(hit: Hit, cited: Sequence[Citation]) -> list[dict[str, Any]]:
    """Returns where the reader has to go: a place for each page; the whole passage where nothing of it is quoted."""
    if hit.document.state is DocumentState.DELETING:
        return []
    wanted = [(citation.anchor, citation.quote) for citation in cited] or [(hit.chunk.anchor, hit.chunk.text)]
    return [
        {
            "document": hit.document.id,
            "name": shown_name(hit.display_name),
            "chunk": hit.chunk.id,
            "page": page,
            "rects": [
                [round(rect.x0, 1), round(rect.y0, 1), round(rect.x1, 1), round(rect.y1, 1)]
                for rect in anchor.rects
                if rect.page == page
            ],
            "quote": quote,
        }
        for anchor, quote in wanted
        for page in sorted({rect.page for rect in anchor.rects}) or [anchor.page or 1]
    ]


# --- Words of a passage ---------------------------------------------------------------------------


def _excerpt(text: str, quoted: str) -> str:
    """Returns the quoted words in their surroundings, on one line, or the beginning of the passage."""
    found = _found(text, quoted)
    if not found:
        return escape(flat(text[: 2 * _AROUND_QUOTE])) + ("…" if len(text) > 2 * _AROUND_QUOTE else "")
    start, end = max(0, found[0][0] - _AROUND_QUOTE), min(len(text), found[-1][1] + _AROUND_QUOTE)
    parts, at = [], start
    for first, last in found:
        parts += [escape(flat(text[at:first])), f"<mark>{escape(flat(text[first:last]))}</mark>"]
        at = last
    rest = escape(flat(text[at:end]))
    return f"{'…' if start else ''}{''.join(parts)}{rest}{'…' if end < len(text) else ''}"


def _found(text: str, quoted: str) -> list[tuple[int, int]]:
    """Returns where the parts of ``quoted``, between its ellipses, stand in ``text``, in the order of the text.

    Whatever the spaces between the words of a part. What does not stand there, or within another part, is left out.
    """
    found: list[tuple[int, int]] = []
    for part in (quoted, *quoted.split(BETWEEN_QUOTES)):
        words = part.split()
        pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
        match = pattern.search(text) if words else None
        if match and all(match.end() <= start or end <= match.start() for start, end in found):
            found.append(match.span())
            if part == quoted:
                break
    return sorted(found)
