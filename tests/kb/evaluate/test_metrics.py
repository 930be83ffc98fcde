"""The formulas, worked by hand, against trec_eval, and against the scorer of the shared data."""

from __future__ import annotations

import math

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from kb.evaluate.metrics import (
    Statement,
    chunk_overlap,
    citation_precision,
    citation_recall,
    hit_at,
    ndcg_at,
    recall_at,
    reciprocal_rank,
    union,
)

# --- Rankings ---------------------------------------------------------------------------------


def test_a_ranking_worked_by_hand() -> None:
    ranked = ["d", "a", "c", "b"]
    relevant = {"a", "b", "x"}
    assert [hit_at(k, ranked, relevant) for k in (1, 2)] == [0.0, 1.0]
    assert recall_at(1, ranked, relevant) == 0
    assert recall_at(2, ranked, relevant) == pytest.approx(1 / 3)
    assert recall_at(9, ranked, relevant) == pytest.approx(2 / 3)
    assert reciprocal_rank(10, ranked, relevant) == 0.5
    assert reciprocal_rank(1, ranked, relevant) == 0


def test_graded_gains_are_discounted_by_place() -> None:
    gains = {"a": 3.0, "b": 1.0}
    found = (2**1 - 1) / math.log2(2) + (2**3 - 1) / math.log2(4)
    best = (2**3 - 1) / math.log2(2) + (2**1 - 1) / math.log2(3)
    assert ndcg_at(10, ["b", "x", "a"], gains) == pytest.approx(found / best)
    assert ndcg_at(10, ["a", "b"], gains) == 1
    assert ndcg_at(2, ["x", "y", "a"], gains) == 0


def test_what_is_ranked_twice_counts_once() -> None:
    assert ndcg_at(10, ["a", "a", "b"], {"a": 1.0, "b": 1.0}) == 1
    assert recall_at(2, ["a", "a"], ["a", "b"]) == 0.5


def test_without_anything_relevant_there_is_no_score() -> None:
    with pytest.raises(ValueError, match="relevant"):
        recall_at(5, ["a"], [])
    with pytest.raises(ValueError, match="gain"):
        ndcg_at(5, ["a"], {"a": 0.0})


IDS = [f"d{number}" for number in range(12)]


@given(
    ranked=st.permutations(IDS).flatmap(lambda order: st.integers(1, 12).map(lambda n: order[:n])),
    grades=st.dictionaries(st.sampled_from([*IDS, "unfound"]), st.integers(1, 3), min_size=1),
)
def test_rankings_agree_with_trec_eval(ranked: list[str], grades: dict[str, int]) -> None:
    # trec_eval takes the gain as it is, so it is given 2**grade - 1, which is what ours computes
    measures = {"ndcg_cut.10", "recip_rank", "recall.1,5,10", "success.1,5"}
    exponential = {key: 2**grade - 1 for key, grade in grades.items()}
    scored = {key: float(len(ranked) - place) for place, key in enumerate(ranked)}
    theirs = pytrec_eval.RelevanceEvaluator({"q": exponential}, measures).evaluate({"q": scored})["q"]
    ours = {
        "ndcg_cut_10": ndcg_at(10, ranked, grades),
        "recip_rank": reciprocal_rank(len(ranked), ranked, grades),
        **{f"recall_{k}": recall_at(k, ranked, grades) for k in (1, 5, 10)},
        **{f"success_{k}": hit_at(k, ranked, grades) for k in (1, 5)},
    }
    assert ours == pytest.approx({name: theirs[name] for name in ours})


# --- Chunks -----------------------------------------------------------------------------------


def test_chunks_worked_by_hand() -> None:
    found = chunk_overlap([(0, 10), (5, 20)], [(8, 12), (30, 40)])
    assert found.recall == pytest.approx(4 / 14)
    assert found.precision == pytest.approx(4 / 25)  # characters 5 to 9 were found twice
    assert found.iou == pytest.approx(4 / (25 + 14 - 4))


def test_no_chunks_and_right_chunks() -> None:
    nothing = chunk_overlap([], [(0, 4)])
    assert (nothing.recall, nothing.precision, nothing.iou) == (0, 0, 0)
    right = chunk_overlap([(0, 4)], [(0, 2), (2, 4)])
    assert (right.recall, right.precision, right.iou) == (1, 1, 1)
    with pytest.raises(ValueError, match="answer"):
        chunk_overlap([(0, 4)], [(3, 3)])


RANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5)


@given(chunks=RANGES, answers=RANGES)
def test_overlap_is_that_of_sets_of_characters(
    chunks: list[tuple[int, int]], answers: list[tuple[int, int]]
) -> None:
    chunks = [chunk for chunk in chunks if chunk[0] < chunk[1]]
    wanted = {at for start, end in answers for at in range(start, end)}
    if not wanted:
        return
    held = [at for start, end in chunks for at in range(start, end)]
    shared = len(wanted & set(held))
    found = chunk_overlap(chunks, answers)
    assert found.recall == pytest.approx(shared / len(wanted))
    assert found.precision == pytest.approx(shared / len(held) if held else 0)
    assert sum(end - start for start, end in union(answers)) == len(wanted)


# --- Footnotes --------------------------------------------------------------------------------


def test_citations_worked_by_hand() -> None:
    # passage 1 says it all, 2 and 3 only together, 4 nothing
    def supports(_statement: str, numbers: object) -> bool:
        held = set(numbers)  # type: ignore[call-overload]
        return 1 in held or {2, 3} <= held

    answer = [
        Statement("one footnote that is right", (1,)),
        Statement("two that hold it together", (2, 3)),
        Statement("one right, one idle", (1, 4)),
        Statement("wrong", (4,)),
        Statement("none"),
    ]
    assert citation_recall(answer, supports) == pytest.approx(3 / 5)
    assert citation_precision(answer, supports) == pytest.approx((1 + 2 + 1 + 0) / 6)


def test_an_answer_without_statements_or_footnotes_has_no_score() -> None:
    assert citation_recall([], lambda *_: True) is None
    assert citation_precision([Statement("bare")], lambda *_: True) is None
    assert citation_recall([Statement("bare")], lambda *_: True) == 0
