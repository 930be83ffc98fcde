"""What is asked once more, and with what before it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kb.text.query_syntax import any_value
from kb.types import EXTRACTIVE, Filters, Question, Searched
from kb.web.page.answer.turns import TurnView
from kb.web.page.ask.again import Again, asked_again

FIRST = TurnView("t1", Question("How high?", model="a"), text="Nine metres.").after(Searched("How high?", ()))
SECOND = TurnView(
    "t2", Question("And wide?", Filters(types=("pdf",)), ("c",), typed="And wide? type:pdf"), text="Two."
)


def again(how: str, turn: str = "t2", **more: str) -> Again | None:
    order = json.dumps({"turn": turn, "how": how, **more})
    return asked_again(order, [FIRST, SECOND], model="b")


def test_a_question_is_asked_again_as_it_was_with_what_came_before_it() -> None:
    found = again("again")
    assert found is not None
    assert not found.is_written
    assert (found.question.text, found.question.filters, found.question.model) == (
        "And wide?",
        SECOND.question.filters,
        "b",
    )
    assert [(turn.question, turn.answer) for turn in found.question.history] == [
        ("How high?", "Nine metres.")
    ]
    first = again("again", "t1")
    assert first is not None
    assert first.question.history == ()


def test_what_came_of_a_question_before_is_not_its_own_history() -> None:
    once_more = replace(SECOND, id="t3")
    found = asked_again('{"turn": "t3", "how": "again"}', [FIRST, SECOND, once_more], model=None)
    assert found is not None
    assert [turn.question for turn in found.question.history] == ["How high?"]


def test_with_quotes_in_everything_and_in_other_words() -> None:
    other = again("model", model="gguf/small.gguf")
    assert other is not None
    assert (other.question.model, other.question.text) == ("gguf/small.gguf", "And wide?")
    quotes, everything, edited = again("quotes"), again("all"), again("edit", text=" And deep? ")
    assert quotes is not None
    assert everything is not None
    assert edited is not None
    assert quotes.question.model == EXTRACTIVE
    assert (everything.question.filters, everything.question.collections) == (Filters(), ())
    assert (edited.question.text, edited.question.as_typed, edited.is_written) == (
        "And deep?",
        "And deep?",
        True,
    )


def test_what_is_searched_is_changed_or_is_the_question_alone() -> None:
    changed, alone = again("search", text=" width of the mast type:md "), again("alone")
    assert changed is not None
    assert alone is not None
    asked = changed.read(changed.question, any_value)
    assert (asked.text, asked.searched) == ("And wide?", "width of the mast")
    assert asked.filters.types == ("md",)
    assert alone.read(alone.question, any_value).searched == "And wide?"


@pytest.mark.parametrize(
    "order", ["", "[]", "null", "{}", "7", '{"turn": "t9", "how": "again"}', '{"turn": "t1", "how": "burn"}',
              '{"turn": "t1", "how": "edit", "text": "  "}', '{"turn": "t1", "how": "edit"}',
              '{"turn": "t1", "how": "search", "text": " "}']
)  # fmt: skip
def test_anything_else_asks_nothing(order: str) -> None:
    assert asked_again(order, [FIRST, SECOND], model=None) is None
