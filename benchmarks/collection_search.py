"""How quick a collection with vectors of its own is searched: by comparing all of them, and by its index.

python -m benchmarks.collection_search [--passages 50000]

Prints p50 and p95 of a search for the ten nearest, recall@10 of the index against exact search, and how long the index
took to be made from the database. Vectors are seeded from the same many centres, as passages lie, 384 wide.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.vector_stores import seeded
from kb.index.collection_index import CollectionIndex
from kb.index.pair import streamed
from kb.ports import VectorSearch
from kb.state.chunks import text_hash
from kb.state.vectors import Vectors
from kb.types import Fingerprint
from tests.kb.library import Library

if TYPE_CHECKING:
    from kb.types import Matrix

_QUESTIONS = 100
_K = 10
_OF_A_DOCUMENT = 1000
_NAME = "own"


def main() -> None:
    """Prints one line for each way."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--passages", type=int, default=50_000)
    count = options.parse_args().passages
    logging.disable(logging.WARNING)
    both = seeded(count + _QUESTIONS)
    questions, rows = both[:_QUESTIONS], both[_QUESTIONS:]
    own = Fingerprint("own", "1", rows.shape[1], rows.shape[1], "no prompts")
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "home")
        vectors = Vectors(library.database, own)
        for start in range(0, count, _OF_A_DOCUMENT):
            texts = [f"passage {number}" for number in range(start, min(count, start + _OF_A_DOCUMENT))]
            library.add(f"{start}.txt", texts, collection=_NAME)
            vectors.put([text_hash(text) for text in texts], rows[start : start + len(texts)])
        with closing(CollectionIndex(library.home, own, library.database)) as index:
            exact = streamed(library.database, own)
            wanted = _measured("exact", exact, questions)
            began = time.perf_counter()
            index.follow([_NAME], stopped=lambda: False)
            print(f"the index of {count:,} passages is made in {time.perf_counter() - began:.0f} s")
            found = _measured("index", index, questions)
        hits = sum(len(want & have) for want, have in zip(wanted, found, strict=True))
        print(f"recall@{_K} of the index: {hits / (_K * len(wanted)):.4f}")
        library.close()


def _measured(name: str, store: VectorSearch, questions: Matrix) -> Sequence[set[int]]:
    took, found = [], []
    for question in questions:
        began = time.perf_counter()
        found.append({chunk_id for chunk_id, _ in store.search(question, _K, collection=_NAME)})
        took.append(1000 * (time.perf_counter() - began))
    p95 = statistics.quantiles(took, n=20)[-1]
    print(f"{name}: p50 {statistics.median(took):.1f} ms, p95 {p95:.1f} ms")
    return found


if __name__ == "__main__":
    main()
