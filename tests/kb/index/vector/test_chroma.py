"""What only Chroma needs: everything else about stores is in the contract suite."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np

from kb.index.vector.chroma import ChromaStore
from kb.types import Fingerprint


def test_other_threads_go_on_while_many_rows_are_written(tmp_path: Path) -> None:
    store = ChromaStore(Fingerprint("m", "1", 384, 384, ""), folder=tmp_path)
    vectors = np.random.default_rng(0).standard_normal((2000, 384)).astype(np.float32)
    ended = threading.Event()
    longest = 0.0

    def tick() -> None:
        nonlocal longest
        last = time.monotonic()
        while not ended.wait(0.001):
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    ticking = threading.Thread(target=tick)
    ticking.start()
    start = time.monotonic()
    store.add(range(2000), vectors, collection="c")
    seconds = time.monotonic() - start
    ended.set()
    ticking.join()
    store.close()
    assert longest < seconds / 3
