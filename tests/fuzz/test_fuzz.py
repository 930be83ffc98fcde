"""A share of ``python -m tests.fuzz``: damaged files through the real app."""

from __future__ import annotations

import random
from pathlib import Path

from tests.fuzz.mutate import mutate
from tests.fuzz.run import MEGABYTES, SECONDS, run
from tests.fuzz.sources import own_sources, shared_sources

FILES, SEED = 250, 20


def test_whatever_comes_ends_in_a_state_with_a_reason(tmp_path: Path) -> None:
    outcome = run(
        [*own_sources(), *shared_sources()], files=FILES, seed=SEED, folder=tmp_path, report=lambda _: None
    )
    assert outcome.findings == []
    assert outcome.exits == 0
    assert outcome.states.total() == FILES
    assert outcome.longest_seconds <= SECONDS
    assert 0 < outcome.peak_bytes <= MEGABYTES << 20
    # it is no test of anything if all are whole, or none is
    assert outcome.states["failed"] > FILES // 20
    assert outcome.states["ready"] > FILES // 20


def test_a_seed_means_the_same_files_again() -> None:
    sources = own_sources()
    first, again = (
        [mutate(rng, rng.choice(sources), sources) for _ in range(40)]
        for rng in (random.Random(3), random.Random(3))
    )
    assert first == again
    assert len({content for _, content in first}) > 30
