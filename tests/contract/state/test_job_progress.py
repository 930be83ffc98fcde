"""How far the work is, for people to see."""

from __future__ import annotations

import pytest

from kb.state.job_steps import EmbeddingProgress
from tests.state import State


def test_place_in_the_queue_speed_and_time_left(state: State) -> None:
    state.ready("f")  # 2 chunks of 10 bytes tell what those to come may hold
    running = state.embedding("a")
    queued = [state.add(letter).id for letter in "bcd"]
    state.steps.progress({running: EmbeddingProgress(1, 1)}, chunks_per_second=0.5)
    shown = state.progress.of([running.document_id, queued[2], "nobody"])
    assert shown[running.document_id].position is None
    assert shown[running.document_id].seconds_left == pytest.approx(2.0)
    assert shown[queued[2]].position == 3
    assert "nobody" not in shown
    assert state.documents.get(running.document_id).pages_done == 1
    status = state.progress.queue()
    assert (status.running, status.queued, status.chunks_per_second) == (1, 3, 0.5)
    assert status.seconds_left == pytest.approx((1 + 3 * 2) / 0.5)
    assert [job.document_id for job in state.progress.all()] == [running.document_id, *queued]
