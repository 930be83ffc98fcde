"""How quick each vector store is, and how much of what exact search finds it finds.

python -m benchmarks.vector_stores [--rows 10000] [--vectors DATABASE] [--weaviate URL]

Prints for each store the rows added a second, recall@10 against exact search, and p50 and p95 of a search, all in one
run. Vectors and questions are seeded from the same many centres, as passages lie, 384 wide; with --vectors both are
those in a library's footnote.db, or in the vectors.db that `benchmarks.retrieval` leaves in the folder for temporary
files. The Chroma server is started here. Without --weaviate its double answers, which compares row by row in Python:
then only the client's share is measured, and its recall says nothing.
"""

from __future__ import annotations

import argparse
import logging
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.config import StorageSettings
from kb.index.pair import vector_lifecycle
from kb.index.vector.exact import ExactStore
from kb.types import Fingerprint
from tests.doubles.weaviate_server import WeaviateDouble
from tests.harness.chroma_server import ChromaServerProcess

if TYPE_CHECKING:
    from kb.types import Matrix

_WIDTH = 384
_QUESTIONS = 300
_K = 10
_PER_CALL = 1000


def main() -> None:
    """Prints one line a store."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--vectors", type=Path, metavar="DATABASE")
    options.add_argument("--weaviate", metavar="URL", help="a server; its gRPC port is 50051")
    given = options.parse_args()
    logging.disable(logging.WARNING)
    drawn = given.rows + _QUESTIONS
    both = seeded(drawn) if given.vectors is None else _stored(given.vectors, drawn)
    questions, vectors = both[:_QUESTIONS], both[_QUESTIONS:]
    print(f"{len(vectors):,} rows, {vectors.shape[1]} wide, {_QUESTIONS} questions, the {_K} nearest")
    exact = ExactStore(_fingerprint(vectors))
    exact.add(range(len(vectors)), vectors, collection="a")
    wanted = [{found for found, _ in exact.search(question, _K)} for question in questions]
    with tempfile.TemporaryDirectory() as folder, _stores(Path(folder), given.weaviate) as stores:
        for name, storage in stores:
            print(f"{name:<28}{_measured(storage, Path(folder), vectors, questions, wanted)}", flush=True)


@contextmanager
def _stores(folder: Path, weaviate: str | None) -> Iterator[list[tuple[str, StorageSettings]]]:
    server, double = ChromaServerProcess(folder / "server"), WeaviateDouble()
    server.start()
    double.start()
    at = StorageSettings(vectors="weaviate", vectors_url=weaviate or double.url)
    try:
        yield [
            ("exact", StorageSettings(vectors="exact")),
            ("chroma", StorageSettings(vectors="chroma")),
            ("chroma-server", StorageSettings(vectors="chroma-server", vectors_url=server.url)),
            ("weaviate", at)
            if weaviate
            else ("weaviate (double)", at.model_copy(update={"vectors_grpc_port": double.grpc_port})),
        ]
    finally:
        double.stop()
        server.kill()


def _measured(
    storage: StorageSettings, home: Path, vectors: Matrix, questions: Matrix, wanted: list[set[int]]
) -> str:
    lifecycle = vector_lifecycle(storage, home, _fingerprint(vectors))
    place = lifecycle.begin()
    store = lifecycle.open(place)
    started = time.perf_counter()
    for start in range(0, len(vectors), _PER_CALL):
        part = vectors[start : start + _PER_CALL]
        store.add(range(start, start + len(part)), part, collection="a")
    seconds = time.perf_counter() - started
    taken: list[float] = []
    found = 0
    for question, best in zip(questions, wanted, strict=True):
        began = time.perf_counter()
        hits = store.search(question, _K)
        taken.append(1000 * (time.perf_counter() - began))
        found += len(best & {chunk_id for chunk_id, _ in hits})
    store.close()
    lifecycle.remove(place)
    recall = found / sum(map(len, wanted))
    p95 = sorted(taken)[int(0.95 * (len(taken) - 1))]
    return (
        f"{len(vectors) / seconds:>8,.0f} rows/s   recall@{_K} {recall:.4f}   "
        f"p50 {statistics.median(taken):.1f} ms   p95 {p95:.1f} ms"
    )


def seeded(count: int) -> Matrix:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((max(1, count // 50), _WIDTH), dtype=np.float32)
    return _unit(
        centres[rng.integers(len(centres), size=count)]
        + 0.7 * rng.standard_normal((count, _WIDTH), dtype=np.float32)
    )


def _stored(database: Path, count: int) -> Matrix:
    """Returns vectors of the embedder that has most of them in ``database``, in an order that has nothing to do with
    what they mean.
    """
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT vector FROM vectors WHERE embedder_id = (SELECT embedder_id FROM vectors GROUP BY embedder_id "
            "ORDER BY count(*) DESC LIMIT 1) ORDER BY text_hash LIMIT ?",
            (count,),
        ).fetchall()
    return _unit(np.stack([np.frombuffer(vector, np.float16) for (vector,) in rows]).astype(np.float32))


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _fingerprint(vectors: Matrix) -> Fingerprint:
    width = vectors.shape[1]
    return Fingerprint("benchmark", "1", width, width, "")


if __name__ == "__main__":
    main()
