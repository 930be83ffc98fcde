from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import Misconfigured
from kb.models.embed import batching as shape

if TYPE_CHECKING:
    from kb.types import Matrix


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 600))
def test_batches_hold_every_row_once_and_stay_within_their_tokens(lengths: list[int], tokens: int) -> None:
    groups = shape.batches(lengths, tokens=tokens)
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[index] for index in group) <= tokens


def test_rows_of_like_length_share_a_batch() -> None:
    assert shape.batches([5, 100, 6, 99], tokens=200) == [[1, 3], [2, 0]]


@pytest.mark.parametrize(
    ("longest", "tail", "expected"),
    [(9, 1, [1, 2, 3, 4, 5, 9]), (4, 1, [1, 2, 3, 9]), (4, 0, [1, 2, 3, 4]), (3, 2, [1, 5, 9])],
)
def test_a_cut_keeps_the_end_tokens(longest: int, tail: int, expected: list[int]) -> None:
    assert shape.cut_tokens([1, 2, 3, 4, 5, 9], longest=longest, tail=tail) == expected


def test_padding_goes_to_its_side() -> None:
    ids, mask = shape.padded([[1, 2, 3], [4]], side="left", pad=0)
    assert ids.tolist() == [[1, 2, 3], [0, 0, 4]]
    assert mask.tolist() == [[1, 1, 1], [0, 0, 1]]
    ids, mask = shape.padded([[1, 2, 3], [4]], side="right", pad=7)
    assert ids.tolist() == [[1, 2, 3], [4, 7, 7]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize("bad", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_a_vector_without_a_direction_is_refused(bad: list[float]) -> None:
    with pytest.raises(Misconfigured, match="direction"):
        shape.unit_rows(np.array([[1.0, 0.0], bad]))


def test_a_narrower_vector_is_the_prefix_at_length_one() -> None:
    vectors = shape.unit_rows(np.array([[3.0, 4.0, 12.0]]))
    assert shape.narrowed(vectors, 2)[0] == pytest.approx([0.6, 0.8])
    assert shape.narrowed(vectors, 3) is vectors


class _ScriptedGpu:
    """Fails for more than ``room`` rows until the model was moved to the CPU."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.ran: list[int] = []

    def run(self, rows: shape.Rows) -> Matrix:
        if len(rows) > self.room:
            raise MemoryError
        self.ran.append(len(rows))
        return np.array([[row[0]] for row in rows], np.float32)

    def move(self) -> None:
        self.room = 1000


def test_out_of_memory_halves_the_batch_and_keeps_the_order() -> None:
    gpu = _ScriptedGpu(room=2)
    rows = [[number] for number in range(7)]
    vectors = shape.run_halving(rows, gpu.run, out_of_memory=MemoryError, last_resort=gpu.move)
    assert vectors[:, 0].tolist() == list(range(7))
    assert max(gpu.ran) == 2


def test_when_one_row_is_too_much_the_last_resort_is_taken() -> None:
    gpu = _ScriptedGpu(room=0)
    vectors = shape.run_halving([[4], [5]], gpu.run, out_of_memory=MemoryError, last_resort=gpu.move)
    assert vectors[:, 0].tolist() == [4, 5]


def test_other_errors_are_passed_on() -> None:
    def broken(rows: shape.Rows) -> Matrix:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        shape.run_halving([[1], [2]], broken, out_of_memory=MemoryError, last_resort=lambda: None)
