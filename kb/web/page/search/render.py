"""Searches -> markup: what was found in which order, with the scores that decided it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from urllib.parse import quote

from kb.text.document_names import shown_name
from kb.text.matches import matched_words
from kb.types import Hit, Searched
from kb.web.page.markup import one_line
from kb.web.page.words.search import SearchWords

_BARS = ("fused", "dense", "words", "part", "rerank")
_THUMBNAIL = 120
"""Pixels in width."""


def frame(words: SearchWords, *, dense_weight: float) -> str:
    """Returns the form with one setting or two, and a place for what each finds."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    settings = "".join(_setting(name, words, dense_weight) for name in "AB")
    return one_line(
        f'<div><footnote-search class="library search-screen" data-words="{said}">'
        f'<h1>{escape(words.search)}</h1><p class="fine">{escape(words.hint)}</p><form role="search">'
        f'<input type="search" name="question" maxlength="1000" autocomplete="off" required '
        f'placeholder="{escape(words.question)}" aria-label="{escape(words.question)}">'
        f'<button class="primary">{escape(words.search)}</button>'
        f'<label class="compare"><input type="checkbox" name="compare"> {escape(words.compare)}</label></form>'
        f'<div class="sides">{settings}</div></footnote-search></div>'
    )


def _setting(name: str, words: SearchWords, dense_weight: float) -> str:
    title = escape(words.setting.format(name=name))
    return (
        f'<section class="side" data-side="{name}" aria-label="{title}"{" hidden" if name == "B" else ""}>'
        f'<fieldset><legend>{title}</legend><label class="weight">{escape(words.weight)} '
        f"<span>{escape(words.weight_words)}</span>"
        f'<input type="range" min="0" max="1" step="0.05" value="{dense_weight}" data-set="{dense_weight}" '
        f'aria-label="{escape(words.weight)}: {escape(words.weight_words)} – {escape(words.weight_meaning)}">'
        f"<span>{escape(words.weight_meaning)}</span> <output>{escape(words.as_set)}</output></label>"
        f'<label><input type="checkbox" class="refined" checked> {escape(words.refined)}</label></fieldset>'
        f'<div class="found" aria-live="polite"></div></section>'
    )


def found(searched: Searched, words: SearchWords) -> str:
    """Returns what a search found, the best first, and what each step took."""
    notice = f'<p class="note problem">{escape(searched.notice)}</p>' if searched.notice else ""
    if not searched.hits:
        return one_line(f'{notice}<p class="none-match">{escape(words.none_found)}</p>')
    highest = _highest(searched.hits)
    rows = "".join(_hit(hit, searched.question, highest, words) for hit in searched.hits)
    return one_line(f'{_took(searched.timings_ms, words)}{notice}<ol class="hits">{rows}</ol>')


def _took(timings: Mapping[str, float], words: SearchWords) -> str:
    steps = [
        (words.step_rewrite, timings.get("rewrite", 0.0)),
        (words.step_embed, timings.get("embed", 0.0)),
        (words.step_search, timings.get("search", 0.0)),
        (words.step_rerank, timings.get("rerank", 0.0)),
    ]
    said = [f"{name} {_milliseconds(took, words)}" for name, took in steps if took >= 1]
    whole = words.took.format(milliseconds=_milliseconds(sum(took for _, took in steps), words))
    return f'<p class="fine took">{escape(" · ".join((whole, *said)))}</p>'


def _milliseconds(took: float, words: SearchWords) -> str:
    return words.milliseconds.format(count=f"{took:,.0f}")


def _scores(hit: Hit) -> dict[str, float]:
    return {"fused": hit.score, **hit.scores}


def _highest(hits: Sequence[Hit]) -> dict[str, float]:
    """Returns the highest score of each kind: what a whole bar stands for."""
    return {
        name: max((scores[name] for hit in hits if name in (scores := _scores(hit))), default=0.0)
        for name in _BARS
    }


def _hit(hit: Hit, question: str, highest: Mapping[str, float], words: SearchWords) -> str:
    page = hit.chunk.anchor.page
    address = f"/d/{quote(hit.document.id, safe='')}" + (f"?page={page}" if page else "")
    where = [escape(" › ".join(hit.chunk.heading_path))] if hit.chunk.heading_path else []
    if page is not None:
        where.insert(0, escape(words.place.format(page=page)))
    name = escape(shown_name(hit.display_name))
    picture = ""
    if page is not None and hit.document.pages is not None:
        source = f"/documents/{quote(hit.document.id, safe='')}/pages/{page}.png?width={_THUMBNAIL}"
        picture = f'<img src="{source}&amp;chunk={hit.chunk.id}" width="60" loading="lazy" alt="">'
    return (
        f'<li class="hit" data-chunk="{hit.chunk.id}">{picture}<div class="hit-text">'
        f'<p class="hit-head"><b>{hit.rank}</b> '
        f'<a href="{address}" data-go><bdi>{name}</bdi></a> <span class="fine">{" · ".join(where)}</span></p>'
        f'<p class="said" dir="auto">{_marked(hit.chunk.text, question)}</p>'
        f'<button type="button" class="plain" data-act="right" aria-label="{escape(words.right)}: {hit.rank}">'
        f"{escape(words.right)}</button></div>{_bars(hit, highest, words)}</li>"
    )


def _bars(hit: Hit, highest: Mapping[str, float], words: SearchWords) -> str:
    scores = _scores(hit)
    rows = "".join(
        f"<dt>{escape(getattr(words, name))}</dt><dd>"
        f'<meter min="0" max="1" value="{_share(scores[name], highest[name]):.3f}"></meter> {scores[name]:.3f}</dd>'
        for name in _BARS
        if name in scores
    )
    return f'<dl class="bars">{rows}</dl>'


def _share(score: float, highest: float) -> float:
    return min(1.0, max(0.0, score / highest)) if highest > 0 else 0.0


def _marked(text: str, question: str) -> str:
    parts, last = [], 0
    for start, end in matched_words(question, text):
        parts += [escape(text[last:start]), f"<mark>{escape(text[start:end])}</mark>"]
        last = end
    return "".join([*parts, escape(text[last:])])
