"""The screen for evaluations as it begins -> markup: three figures in sentences, and the form of experts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from kb.types import Evaluation, LabelledQuestion
from kb.web.page.format import local_time
from kb.web.page.markup import one_line
from kb.web.page.strings import Strings
from kb.web.page.words.evaluation import EvaluationWords

_SAID_BY_SCRIPT = (
    "cancel", "confirm_remove_result", "connection_lost", "delete", "evaluation_settings_form",
    "kept", "something_wrong",
)  # fmt: skip
"""The words that ``static/evaluation.js`` needs besides those of the screen."""
_SETTINGS = {
    "balanced": "retrieval.dense_weight=0.5",
    "meaning": "retrieval.dense_weight=1",
    "words_only": "retrieval.dense_weight=0",
    "second_look": "reranker.model=auto",
    "few": "retrieval.passages=4",
    "careful": "answering.refusals=careful",
    "generous": "answering.refusals=generous",
}
"""What is worth a comparison, by its word, as it is sent: whatever else there is can be written."""
_OWN = "own"
"""Stands for settings that are written."""
_ANSWERED = 50
"""Answers take seconds each, so a first measurement makes so many at most."""


def frame(words: EvaluationWords, strings: Strings) -> str:
    """Returns the places that the page's script fills, and between them the form of comparisons."""
    said = json.dumps({name: getattr(strings, name) for name in _SAID_BY_SCRIPT}, ensure_ascii=False)
    places = "".join(f'<div data-part="{name}"></div>' for name in ("results", "disk", "kept"))
    return one_line(
        f'<div class="library evaluation"><footnote-evaluation data-words="{escape(said)}">'
        f'<div data-part="head"></div><div data-part="refused"></div><div data-part="progress"></div>'
        f'<details class="compare"><summary>{escape(words.compare)}</summary>{_form(words)}</details>'
        f"{places}</footnote-evaluation></div>"
    )


def _form(words: EvaluationWords) -> str:
    numbers = "".join(
        f'<label>{escape(title)}<input name="{name}" type="number" min="{least}" value="{value}"></label>'
        for name, title, least, value in (
            ("limit", words.limit, 1, ""),
            ("answers", words.answers, 0, _ANSWERED),
        )
    )
    return (
        f'<form id="evaluate"><p class="fine">{escape(words.compare_hint)}</p>'
        f"{_setting('config', words.setting_a, 'as_set', words)}"
        f"{_setting('compare', words.setting_b, 'no_other', words)}"
        f'<label class="tick"><input type="checkbox" name="kept" checked> {escape(words.kept)}</label>'
        f'<label>{escape(words.folder)}<input name="folder" autocomplete="off" spellcheck="false" '
        f'placeholder="~/my-questions"></label>{numbers}'
        f'<span><button type="submit" class="primary">{escape(words.run)}</button></span></form>'
    )


def _setting(name: str, label: str, none: str, words: EvaluationWords) -> str:
    """Returns a list of settings with what each means, and a field for those that are written.

    ``none`` is the word for no setting.
    """
    choices = {none: "", **_SETTINGS, _OWN: _OWN}
    options = "".join(
        f'<option value="{escape(value)}" data-why="{escape(_why(word, words))}">'
        f"{escape(words.of('', word))}</option>"
        for word, value in choices.items()
    )
    own = escape(words.own_settings)
    return (
        f'<div class="setting-of"><label>{escape(label)}<select name="{name}" data-settings>{options}</select></label>'
        f'<input name="{name}-own" aria-label="{escape(label)}: {own}" placeholder="retrieval.dense_weight=0.8" '
        f'autocomplete="off" spellcheck="false" hidden>'
        f'<p class="fine" aria-live="polite">{escape(_why(none, words))}</p></div>'
    )


def _why(word: str, words: EvaluationWords) -> str:
    return "" if word == "no_other" else words.of("why", word)


def how_good(
    evaluations: Sequence[Evaluation],
    kept: Sequence[LabelledQuestion],
    words: EvaluationWords,
    *,
    running: bool,
) -> str:
    """Returns the three figures of the person's own questions in sentences, or how to come by them.

    ``evaluations`` are those of the kept questions, newest first: the newest that was measured as it is set.
    """
    measured = next((each for each in evaluations if not each.config), None)
    title = f'<h1>{escape(words.title)}</h1><p class="fine">{escape(words.hint)}</p>'
    asked = len({each.question for each in kept})
    if measured is None:
        said = words.not_measured.format(count=asked) if asked else words.none_kept
        return one_line(f'{title}<p class="how">{escape(said)}</p>{_measure(words.measure, asked, running)}')
    when = words.measured.format(when=local_time(measured.finished), questions=measured.asked)
    return one_line(
        f'{title}<div class="good">{_first(measured, words)}{_among(measured, words)}{_answered(measured, words)}</div>'
        f'<p class="fine">{escape(when)}</p>{_measure(words.again, asked, running)}'
    )


def _measure(label: str, asked: int, running: bool) -> str:
    if not asked or running:
        return ""
    return (
        f'<p><button type="button" class="primary" data-act="measure" data-answers="{_ANSWERED}">'
        f"{escape(label)}</button></p>"
    )


def _first(measured: Evaluation, words: EvaluationWords) -> str:
    figure = measured.figures.get("hit@1")
    if figure is None:
        return ""
    found = round(figure.value * figure.questions)
    return _large(figure.value, words.first.format(found=found, questions=figure.questions))


def _among(measured: Evaluation, words: EvaluationWords) -> str:
    figure = measured.figures.get("recall@10")
    return "" if figure is None else _large(figure.value, words.among)


def _answered(measured: Evaluation, words: EvaluationWords) -> str:
    figure = measured.figures.get("answered")
    if figure is None:
        return _large(None, words.not_answered)
    found = round(figure.value * figure.questions)
    said = words.answered.format(found=found, questions=figure.questions)
    if found < figure.questions:
        said += f" {words.refused.format(count=figure.questions - found)}"
    return _large(figure.value, said)


def _large(share: float | None, sentence: str) -> str:
    shown = "–" if share is None else f"{share:.0%}"
    return f'<p class="large"><strong>{shown}</strong> <span>{escape(sentence)}</span></p>'
