"""Asking a question of the conversation once more: the same way, another model, in everything, or in other words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.text.query_syntax import KnownValue, parse_question, search_instead
from kb.types import EXTRACTIVE, Filters, Question, Turn
from kb.web.api.errors import printable
from kb.web.api.fields import MAX_QUESTION
from kb.web.page.answer.turns import TurnView


@dataclass(frozen=True, slots=True)
class Again:
    """A question to be asked once more."""

    question: Question
    """With what was said before it as its history: what came of it the first time is none of it."""
    is_written: bool
    """Whether a person has just written it, so that it has to be read."""
    searched: str = ""
    """What a person wants to be searched in its place; empty for what is understood."""

    def read(self, question: Question, known: KnownValue) -> Question:
        """Returns the question as it is understood, with what ``known`` says are values of conditions."""
        if self.searched:
            return search_instead(question, typed=self.searched, known=known)
        return parse_question(question, known=known) if self.is_written else question


def asked_again(order: str, turns: Sequence[TurnView], *, model: str | None) -> Again | None:
    """Returns what the page's script orders: JSON of ``turn``, ``how`` and, for what was edited, ``text``.

    ``how`` is "again" (with ``model``), "model" (with the one that the order names), "quotes", "all" (no conditions),
    "edit", "search" (``text`` is searched in its place) or "alone" (it is searched as it stands, without what was said
    before). None where it is nothing of that, or the turn is not among ``turns``.
    """
    try:
        wanted = json.loads(order)
        turn, how, text = str(wanted["turn"]), str(wanted["how"]), str(wanted.get("text", ""))
        other = str(wanted.get("model", "")) or None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    place = next((place for place, view in enumerate(turns) if view.id == turn), None)
    if place is None:
        return None
    typed = turns[place].question.as_typed
    earlier = (view for view in turns[:place] if view.text and view.question.as_typed != typed)
    history = tuple(_turn(view) for view in earlier)
    before = replace(turns[place].question, history=history, model=model, searched=None)
    match how:
        case "again":
            return Again(before, is_written=False)
        case "model":
            return Again(replace(before, model=other), is_written=False)
        case "quotes":
            return Again(replace(before, model=EXTRACTIVE), is_written=False)
        case "all":
            return Again(replace(before, filters=Filters(), collections=()), is_written=False)
        case "edit" if asked := printable(text.strip(), MAX_QUESTION):
            return Again(replace(before, text=asked, typed=""), is_written=True)
        case "search" if wished := printable(text.strip(), MAX_QUESTION):
            return Again(before, is_written=False, searched=wished)
        case "alone" if before.text:
            return Again(before, is_written=False, searched=before.text)
        case _:
            return None


def _turn(view: TurnView) -> Turn:
    return Turn(
        question=view.question.text,
        answer=view.text,
        searched=view.searched.question if view.searched else "",
        citations=view.answer.citations if view.answer else (),
    )
