"""Results of evaluations, compared over time."""

from __future__ import annotations

import pytest

from kb.errors import NotFound
from kb.state.evaluations import Evaluations
from kb.types import Evaluation, Figure, Missed
from tests.state import State

RESULT = Evaluation(
    "key",
    "set",
    "model@1",
    {"embedder": "bundled"},
    documents=3,
    questions=2,
    asked=2,
    figures={"ndcg@10": Figure(0.5, 0.25, 0.75, 2)},
    latencies_ms={"p50": 12.5},
    unread=("broken.pdf: It is damaged.",),
    missed=(Missed("谁?", "x.pdf, page 2", "y.pdf", "The heron"),),
    differences={"ndcg@10": Figure(0.1, -0.1, 0.3, 2, p_value=0.4)},
)


def test_a_result_comes_back_as_it_was_with_its_id_and_time(state: State) -> None:
    evaluations = Evaluations(state.database)
    stored = evaluations.add(RESULT)
    assert stored.id
    assert stored.finished
    assert evaluations.get(stored.id) == stored
    assert evaluations.latest() == [stored]


def test_the_latest_come_first_and_by_set(state: State) -> None:
    evaluations = Evaluations(state.database)
    ids = [evaluations.add(RESULT).id for _ in range(3)]
    assert [found.id for found in evaluations.latest(limit=2)] == ids[:0:-1]
    assert [found.id for found in evaluations.latest(set_key="key")] == ids[::-1]
    assert evaluations.latest(set_key="another") == []


def test_a_comparison_outlives_what_it_was_compared_with(state: State) -> None:
    evaluations = Evaluations(state.database)
    first = evaluations.add(RESULT)
    second = evaluations.add(
        Evaluation("key", "set", "m", {}, documents=1, questions=1, asked=1, compared_with=first.id)
    )
    evaluations.remove(first.id)
    assert evaluations.get(second.id).compared_with is None
    for gone in (evaluations.get, evaluations.remove):
        with pytest.raises(NotFound, match=str(first.id)):
            gone(first.id)
