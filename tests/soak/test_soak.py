"""That ``python -m tests.soak`` works: seconds of what runs for minutes by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.run import MOST_GROWTH, book, small_files, soak
from tests.soak.watch import Sample, floors, slope


def test_a_few_seconds_of_work_leave_no_fault(tmp_path: Path) -> None:
    outcome = soak(tmp_path / "home", minutes=0.1, seed=1, embedder=None)
    assert outcome.work.faults == []
    assert outcome.work.added > 2
    assert 0 < outcome.work.answered == outcome.work.asked
    assert len(outcome.counted) > 10
    assert min(sample.app_bytes for sample in outcome.samples) > 20 << 20  # it is the app that is looked at


def test_memory_stays_low_over_a_long_document_and_many_short_ones(tmp_path: Path) -> None:
    for growth in (
        book(tmp_path / "book", pages=60, embedder=None),
        small_files(tmp_path / "small", count=150, seed=1),
    ):
        assert 0 < growth.tree < MOST_GROWTH


def test_what_a_batch_takes_and_gives_back_is_no_leak() -> None:
    working = [Sample(second, 1000 + 900 * (second % 7 > second // 60), 0, 5) for second in range(240)]
    assert slope(working, "app_bytes") != pytest.approx(0, abs=0.1)
    assert [sample.app_bytes for sample in floors(working, seconds=60)] == [1000] * 4


def test_a_leak_is_a_slope() -> None:
    leaking = [Sample(second, 1000 + 7 * second, 0, 5) for second in range(20)]
    assert slope(leaking, "app_bytes") == pytest.approx(7)
    assert slope(leaking, "handles") == pytest.approx(0)
