"""Ratings of answers."""

from __future__ import annotations

import pytest

from kb.errors import NotFound
from kb.state.conversations import AnswerRuns
from kb.state.ratings import Ratings
from kb.types import Caller, Question, RatingValue
from tests.state import State


def test_a_rating_is_kept_changed_listed_and_withdrawn(state: State) -> None:
    runs, ratings = AnswerRuns(state.database), Ratings(state.database)
    first = runs.begin(Question("What?"))
    second = runs.begin(Question("Why?"), conversation_id=first.conversation_id)
    other = runs.begin(Question("Who?"))
    for run in (first, second, other):
        ratings.rate(run.id, RatingValue.GOOD)
    ratings.rate(first.id, RatingValue.BAD, reason="The year is wrong.")
    (bad,) = ratings.all(rating=RatingValue.BAD)
    assert (bad.request_id, bad.question, bad.reason) == (first.id, "What?", "The year is wrong.")
    assert {each.request_id for each in ratings.all(conversation_id=first.conversation_id)} == {
        first.id,
        second.id,
    }
    assert len(ratings.all(limit=2)) == 2
    ratings.withdraw(second.id)
    with pytest.raises(NotFound):
        ratings.withdraw(second.id)
    runs.remove(first.conversation_id)
    assert [each.request_id for each in ratings.all()] == [other.id]


def test_nobody_rates_answers_of_others(state: State) -> None:
    runs, ratings = AnswerRuns(state.database), Ratings(state.database)
    theirs = runs.begin(Question("What?", caller=Caller("somebody")))
    with pytest.raises(NotFound):
        ratings.rate(theirs.id, RatingValue.GOOD)
    ratings.rate(theirs.id, RatingValue.GOOD, owner="somebody")
    assert ratings.all() == []
    with pytest.raises(NotFound):
        ratings.withdraw(theirs.id)
