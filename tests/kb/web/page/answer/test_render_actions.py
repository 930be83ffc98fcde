"""What can be done with which answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.types import Answer, Filters, Question, Searched
from kb.web.page.answer.render_actions import actions
from kb.web.page.answer.turns import TurnView
from kb.web.page.words.answer import EN
from tests.kb.web.page.answer.test_render import HIT, QUOTE, Outline

ASKED = TurnView("t1", Question("How often?"), request="r/1").after(Searched("How often?", (HIT,)))
ANSWER = Answer(
    "Twice [1].",
    "ollama/x",
    "How often?",
    (QUOTE,),
    timings_ms={"total": 2500.0, "first_token": 500.0, "generate": 1500.0},
    tokens=30,
)


def orders(view: TurnView) -> tuple[Outline, set[str]]:
    outline = Outline(actions(view, "Answered by x", EN))
    return outline, {str(button["data-again"]) for button in outline.all("button") if "data-again" in button}


def test_an_answer_is_copied_asked_again_rated_and_saved() -> None:
    outline, found = orders(ASKED.after(ANSWER))
    assert found == {"again", "model", "quotes", "edit"}
    buttons = outline.all("button")
    assert [button["data-copy"] for button in buttons if "data-copy" in button] == [
        "text",
        "sources",
        "markdown",
    ]
    assert [button["data-rate"] for button in buttons if "data-rate" in button] == ["good", "bad"]
    assert outline.all("a")[0]["href"] == "/api/answers/r%2F1/export"
    assert outline.words.endswith("Answered by x · 2.5 s · 30 tokens · 30 tokens a second")


def test_quotes_are_not_offered_twice_and_nothing_while_it_is_written() -> None:
    assert "quotes" not in orders(ASKED.after(replace(ANSWER, model="extractive")))[1]
    assert actions(ASKED, "", EN) == ""
    assert actions(replace(ASKED.after(ANSWER), request=""), "", EN) == ""


@pytest.mark.parametrize(
    "view",
    [
        ASKED.after(replace(ANSWER, refused=True, citations=(), closest=(QUOTE,))),
        replace(ASKED, stopped=True),
        replace(ASKED, error="The model is away."),
    ],
)
def test_what_was_not_answered_is_not_said_to_be_answered_and_can_be_asked_again(view: TurnView) -> None:
    outline, found = orders(view)
    assert found >= {"again", "edit"}
    assert "Answered by" not in outline.words
    assert not [button for button in outline.all("button") if "data-rate" in button or "data-copy" in button]
    narrowed = replace(view, question=Question("How often?", Filters(types=("pdf",))))
    assert "all" in orders(narrowed)[1] - found
