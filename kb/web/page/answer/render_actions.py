"""What can be done with an answer, below it -> markup. Like ``render``, one line each."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from kb.types import EXTRACTIVE, Filters
from kb.web.page.answer.turns import TurnView
from kb.web.page.words.answer import AnswerWords

_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 11v9H4v-9zM7 11l4-8c1.7 0 2.5 1 2.5 2.5V9h5.2c1.3 0 '
    '2.2 1.2 1.9 2.4l-1.5 6.8c-.2 1-1.1 1.8-2.2 1.8H7"/></svg>'
)
_ICONS = {
    "copy": '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15V6a2 2 0 0 1 2-2h8"/>',
    "again": '<path d="M20 12a8 8 0 1 1-2.3-5.6M20 3.5V8h-4.5"/>',
    "model": '<path d="M7 7h10v10H7zM10 3v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4"/>',
    "quotes": '<path d="M5 7h5v6c0 2.5-1.2 4-4 4M14 7h5v6c0 2.5-1.2 4-4 4"/>',
    "all": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>',
    "edit": '<path d="M4 20v-4L15.5 4.5l4 4L8 20z"/>',
    "sources": '<path d="M5 5h14M5 10h14M5 15h9M5 20h6"/>',
    "save": '<path d="M12 4v11m-5-4.5 5 5 5-5M5 20h14"/>',
}
"""What stands in the place of a word where the row would take a second line."""


def actions(view: TurnView, answered_by: str, words: AnswerWords) -> str:
    """Returns the row of buttons of a question that is no longer being answered; empty while it is."""
    if view.running or not view.request:
        return ""
    is_answered = view.answer is not None and not view.answer.refused and bool(view.text.strip())
    is_quoted = view.answer is not None and view.answer.model == EXTRACTIVE
    parts = [
        *([_copy(words)] if is_answered else []),
        *([_button("again", words.ask_again)] if not view.failed else []),
        *([_button("model", words.other_model)] if view.answer is not None else []),
        *([_button("quotes", words.with_quotes)] if not is_quoted and not view.failed else []),
        *([_button("all", words.search_all)] if not is_answered and _is_narrow(view) else []),
        _button("edit", words.edit_question),
        *([_sources(view, words)] if view.hits else []),
        *([_rating(words), _save(view, words)] if is_answered else []),
    ]
    facts = " · ".join(filter(None, [answered_by if is_answered else "", *_facts(view, words)]))
    said = f'<span class="fine facts">{escape(facts)}</span>' if facts else ""
    return (
        f'<div class="actions" role="group" aria-label="{escape(words.actions)}" data-turn="{escape(view.id)}" '
        f'data-request="{escape(view.request)}">{"".join(parts)}{said}</div>'
    )


def _is_narrow(view: TurnView) -> bool:
    return view.question.effective_filters != Filters()


def _button(order: str, label: str) -> str:
    return f'<button type="button" data-again="{order}"{_named(order, label)}</button>'


def _named(icon: str, label: str) -> str:
    """Returns the end of a tag, and what stands in it: its picture and its word, of which the width shows one."""
    word = escape(label)
    return (
        f' title="{word}"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{_ICONS[icon]}</svg>'
        f"<span>{word}</span>"
    )


def _copy(words: AnswerWords) -> str:
    forms = (("text", words.copy_text), ("sources", words.copy_sources), ("markdown", words.copy_markdown))
    buttons = "".join(
        f'<button type="button" data-copy="{form}" data-copied="{escape(words.copied)}" '
        f'data-refused="{escape(words.not_copied)}">{escape(label)}</button>'
        for form, label in forms
    )
    return (
        f'<details class="copy"><summary{_named("copy", words.copy)}</summary><div>{buttons}</div></details>'
    )


def _sources(view: TurnView, words: AnswerWords) -> str:
    label = _named("sources", words.sources)
    return f'<button type="button" class="to-sources" data-sources="{escape(view.id)}"{label}</button>'


def _rating(words: AnswerWords) -> str:
    return "".join(
        f'<button type="button" class="thumb {value}" data-rate="{value}" aria-pressed="false" title="{escape(label)}" '
        f'aria-label="{escape(label)}">{_THUMB}</button>'
        for value, label in (("good", words.good), ("bad", words.bad))
    )


def _save(view: TurnView, words: AnswerWords) -> str:
    address = f"/api/answers/{quote(view.request, safe='')}/export"
    return f'<a href="{address}" download{_named("save", words.save)}</a>'


def _facts(view: TurnView, words: AnswerWords) -> list[str]:
    """Returns how long it took, and how many tokens were written and how fast, as far as it is known."""
    if view.answer is None:
        return []
    facts = []
    timings = view.answer.timings_ms
    if total := timings.get("total"):
        facts.append(words.took.format(seconds=f"{total / 1000:.1f}"))
    if tokens := view.answer.tokens:
        facts.append(words.tokens.format(count=tokens))
        writing = timings.get("generate", 0.0) - timings.get("first_token", 0.0)
        if writing > 0:
            facts.append(words.per_second.format(rate=f"{1000 * tokens / writing:.0f}"))
    return facts
