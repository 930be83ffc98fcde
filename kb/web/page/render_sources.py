"""Passages beside an answer -> markup: cards that open on the page or the text. Like ``render``, one line each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlencode

from kb.text.document_names import shown_name
from kb.types import BETWEEN_QUOTES, Anchor, Citation, Document, DocumentState, Hit
from kb.types.places import describe, place_words
from kb.web.api.rects import write_rects
from kb.web.page.format import flat
from kb.web.page.strings import Strings
from kb.web.page.turns import TurnView

_AROUND_QUOTE = 90
"""Characters of the passage shown on each side of the quoted words."""


def sources(view: TurnView, strings: Strings) -> str:
    """Returns the passages: all of them while the answer is written, then the cited ones first."""
    if not view.hits:
        return ""
    cited = view.citations
    numbered = list(enumerate(view.hits, start=1))
    first = [(n, hit) for n, hit in numbered if not view.answer or n in cited]
    rest = [(n, hit) for n, hit in numbered if view.answer and n not in cited]
    cards = "".join(_source(view, n, hit, cited.get(n), strings) for n, hit in first)
    if rest:
        also = escape(strings.also_found.format(count=len(rest)))
        more = "".join(_source(view, n, hit, None, strings) for n, hit in rest)
        cards += f'<details class="also"><summary>{also}</summary>{more}</details>'
    title = ""
    if view.answer and view.answer.refused and first:
        title = f'<p class="fine closest">{escape(strings.closest)}</p>'
    return f'<aside class="sources" aria-label="{escape(strings.sources)}">{title}{cards}</aside>'


def _source(view: TurnView, n: int, hit: Hit, citation: Citation | None, strings: Strings) -> str:
    """Returns a card: number, document, place and quote; opened, the page or the passage itself."""
    turn_id = view.id
    anchor = citation.anchor if citation else hit.chunk.anchor
    name = escape(shown_name(citation.document if citation else hit.document.name))
    quoted = citation.quote if citation else ""
    back = f'<a class="back" href="#{turn_id}-f{n}" data-back="{turn_id}-f{n}">{escape(strings.back_to_text)}</a>'
    return (
        f'<details class="source{" cited" if citation else ""}" id="{turn_id}-s{n}">'
        f'<summary><span class="n">{n}</span><span class="of-doc"><bdi>{name}</bdi></span>'
        f'<span class="where">{escape(place(anchor, strings))}</span>'
        f'<span class="quote" dir="auto">{_excerpt(hit.chunk.text, quoted)}</span></summary>'
        f'<div class="opened">{_passage(hit, anchor, quoted, strings)}'
        f'{_also(hit, strings)}<p class="fine">{back if citation else ""}{_original(hit.document, strings)}'
        f"{_keep(view, hit, quoted, strings)}</p></div></details>"
    )


def _also(hit: Hit, strings: Strings) -> str:
    if not hit.also:
        return ""
    places = [
        shown_name(also.document) + (f", {also.anchor.page}" if also.anchor.page else "") for also in hit.also
    ]
    return f'<p class="fine">{escape(strings.also_in)} <bdi>{escape("; ".join(places))}</bdi></p>'


def _keep(view: TurnView, hit: Hit, quoted: str, strings: Strings) -> str:
    """Returns a button that keeps the question with this passage, for the evaluation."""
    if view.answer is None:
        return ""
    asked = view.searched.question if view.searched else view.question.text
    return (
        f'<button type="button" class="keep" data-keep="{hit.chunk.id}" data-question="{escape(asked)}" '
        f'data-quote="{escape(quoted)}" data-kept="{escape(strings.kept)}">{escape(strings.keep_answer)}</button>'
    )


def _original(document: Document, strings: Strings) -> str:
    if document.state is DocumentState.DELETING:
        return escape(strings.source_gone)
    href = f"/documents/{quote(document.id, safe='')}/original"
    return f'<a href="{href}" download>{escape(strings.download_original)}</a>'


def _passage(hit: Hit, anchor: Anchor, quoted: str, strings: Strings) -> str:
    """Returns the pages it stands on, as pictures; for formats without pages the whole passage."""
    pages = sorted({rect.page for rect in anchor.rects})
    if not pages or hit.document.state is DocumentState.DELETING:
        return f'<blockquote class="passage" dir="auto">{_marked(hit.chunk.text, quoted)}</blockquote>'
    return "".join(_page(hit, anchor, page, strings) for page in pages)


def _page(hit: Hit, anchor: Anchor, page: int, strings: Strings) -> str:
    base = f"/documents/{quote(hit.document.id, safe='')}/pages/{page}.png"
    rects = write_rects(anchor.rects, page)
    alt = escape(strings.picture_alt.format(page=page, name=shown_name(hit.document.name)))
    small, large = (escape(f"{base}?{urlencode({'rects': rects, 'width': width})}") for width in (1000, 1800))
    return (
        f'<a class="page" href="{large}" target="_blank"><img loading="lazy" src="{small}" alt="{alt}"></a>'
    )


def place(anchor: Anchor, strings: Strings) -> str:
    parts = [describe(anchor.place, place_words(strings.language))] if anchor.place else []
    parts += [shown_name(heading) for heading in anchor.heading_path[-2:]]
    return " · ".join(parts)


def _excerpt(text: str, quoted: str) -> str:
    """Returns the quoted words in their surroundings, or the beginning of the passage."""
    found = _places(text, quoted)
    if not found:
        return escape(flat(text[: 2 * _AROUND_QUOTE])) + ("…" if len(text) > 2 * _AROUND_QUOTE else "")
    start, end = max(0, found[0][0] - _AROUND_QUOTE), min(len(text), found[-1][1] + _AROUND_QUOTE)
    return (
        ("…" if start else "")
        + _with_marks(text, start, end, found, flattened=True)
        + ("…" if end < len(text) else "")
    )


def _marked(text: str, quoted: str) -> str:
    """Returns the whole passage with the quoted words marked."""
    return _with_marks(text, 0, len(text), _places(text, quoted), flattened=False)


def _with_marks(
    text: str, start: int, end: int, places: Sequence[tuple[int, int]], *, flattened: bool
) -> str:
    """Returns ``text[start:end]`` as markup with what stands at ``places`` marked, on one line where ``flattened``."""
    shown = flat if flattened else str
    parts, at = [], start
    for first, last in places:
        parts += [
            escape(shown(text[at:first])),
            f"<mark>{escape(shown(text[first:last]))}</mark>",
        ]
        at = last
    return "".join([*parts, escape(shown(text[at:end]))])


def _places(text: str, quoted: str) -> list[tuple[int, int]]:
    """Returns where the parts of ``quoted``, between its ellipses, stand in ``text``, in their order.

    Whatever the spaces between the words of a part. What does not stand there is left out.
    """
    found: list[tuple[int, int]] = []
    for part in (quoted, *quoted.split(BETWEEN_QUOTES)):
        words = part.split()
        pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
        match = pattern.search(text, found[-1][1] if found else 0) if words else None
        if match:
            found.append(match.span())
            if part == quoted:
                break
    return found
