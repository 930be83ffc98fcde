"""A question asked during an import, with the real bundled model: it waits for one batch at most."""

from __future__ import annotations

import statistics
import threading
import time

from kb.ports import Embedder

_PASSAGE = " ".join(f"The keeper of lighthouse {number} counts the passing ships." for number in range(16))
_PAUSE_S = 0.3
"""Between two questions: without it they, which go first, would leave the import nothing on two cores."""
_BATCH_TOKENS = 2048
"""PyTorch's batches, the largest of those that passages are computed in."""
_SLACK = 3
"""The machine may be busy with something else; waiting behind the import would be ten times as much."""


def test_a_question_waits_for_one_batch_of_an_import_at_most(embedder: Embedder) -> None:
    embedder.warm_up()
    per_batch = max(1, _BATCH_TOKENS // (embedder.count_tokens([_PASSAGE])[0] + 8))
    one_batch = _seconds(lambda: _embed(embedder, per_batch))
    idle = statistics.median(_seconds(lambda: embedder.embed_queries(["How many ships?"])) for _ in range(5))

    importing = threading.Thread(target=_embed, args=(embedder, 6 * per_batch))
    began = time.perf_counter()
    importing.start()
    waited = []
    while importing.is_alive():
        waited.append(_seconds(lambda: embedder.embed_queries(["How many ships?"])))
        time.sleep(_PAUSE_S)
    took = time.perf_counter() - began
    importing.join()
    assert statistics.median(waited) < _SLACK * (idle + one_batch), (idle, one_batch, waited)
    assert statistics.median(waited) < took / 2, "questions waited for the import"


def _embed(embedder: Embedder, passages: int) -> None:
    embedder.embed_documents([f"{number}. {_PASSAGE}" for number in range(passages)])


def _seconds(act: object) -> float:
    assert callable(act)
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
