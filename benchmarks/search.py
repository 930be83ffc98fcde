"""How long retrieval takes without the question's embedding, and against the bare library calls.

python -m benchmarks.search [--chunks 100000]

Seeded vectors around many centres (questions lie near a chunk, as real ones do) and seeded words with the
frequencies of a natural language. Both ways are timed question by question in turns, in one run.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from kb.index.lexical.tantivy_index import TantivyIndex
from kb.index.vector.chroma import ChromaStore
from kb.retrieval.retriever import Retriever
from kb.retrieval.search_query import CANDIDATES
from kb.state.blobs import Blob
from kb.state.candidates import Passages
from kb.state.chunks import Chunks, text_hash
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.vectors import Vectors
from kb.types import Chunk, Fingerprint, Origin, PreparedDocument

if TYPE_CHECKING:
    from kb.ports import Embedder
    from kb.types import Matrix, Vector

WIDTH = 384
PER_DOCUMENT = 100
QUESTION_WORDS = 9
FINGERPRINT = Fingerprint("benchmark", "1", WIDTH, WIDTH, "")
_COLLECTION = "default"


class _NoEmbedder:
    """Knows the vectors of its questions; of other texts it is asked, once, only what unrelated texts look like."""

    fingerprint = FINGERPRINT

    def __init__(self, questions: Sequence[tuple[str, Vector]]) -> None:
        self._known = dict(questions)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:  # noqa: ARG002
        return _vectors(np.random.default_rng(1), len(texts))

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Returns the vectors of its questions; random ones for the centroid of the language of made-up words."""
        if all(text in self._known for text in texts):
            return np.stack([self._known[text] for text in texts])
        return self.embed_documents(texts)


def main() -> None:
    """Prints one figure a line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--chunks", type=int, default=100_000)
    options.add_argument("--questions", type=int, default=300)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), chunks=given.chunks, questions=given.questions)


def run(folder: Path, *, chunks: int, questions: int) -> None:
    """Fills the indexes, then times both ways."""
    rng = np.random.default_rng(0)
    vectors = _vectors(rng, chunks)
    vocabulary = _vocabulary(rng)
    database = Database(folder / "footnote.db")
    store = ChromaStore(FINGERPRINT, folder=folder / "chroma")
    lexical = TantivyIndex(folder=folder / "words")
    started = time.perf_counter()
    texts = _fill(rng, vocabulary, vectors, database, store, lexical)
    print(f"{chunks} chunks of {WIDTH} dimensions indexed in {time.perf_counter() - started:.0f} s")
    asked = [_question(rng, vectors, texts) for _ in range(questions)]
    retriever = Retriever(
        embedder=cast("Embedder", _NoEmbedder(asked)),
        store=store,
        lexical=lexical,
        passages=Passages(database, FINGERPRINT),
        chunks=Chunks(database),
        documents=Documents(database),
        dense_weight=0.5,
    )
    for text, _ in asked[:20]:
        retriever.retrieve(text, k=10)
    ours, bare = [], []
    for text, vector in asked:
        bare.append(_milliseconds(lambda: store.search(vector, CANDIDATES)))  # noqa: B023 - called at once
        bare[-1] += _milliseconds(lambda: lexical.search(text, CANDIDATES))  # noqa: B023 - called at once
        ours.append(_milliseconds(lambda: retriever.retrieve(text, k=10)))  # noqa: B023 - called at once
    _report("Chroma and Tantivy alone", bare)
    _report("retrieval (both, fused, read from SQLite)", ours)
    print(f"p50 over the two calls alone: {statistics.median(ours) / statistics.median(bare):.2f}")
    print("at most: p50 15 ms, p95 40 ms")
    lexical.close()
    store.close()
    database.close()


def _vectors(rng: np.random.Generator, count: int) -> Matrix:
    centres = rng.standard_normal((max(1, count // 50), WIDTH), dtype=np.float32)
    rows = centres[rng.integers(len(centres), size=count)]
    rows = rows + 0.7 * rng.standard_normal(rows.shape, dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _vocabulary(rng: np.random.Generator, size: int = 50_000) -> list[str]:
    letters = np.array(list("abcdefghijklmnoprstuvwz"))
    return ["".join(rng.choice(letters, size=rng.integers(2, 11))) for _ in range(size)]


def _words(rng: np.random.Generator, vocabulary: Sequence[str], count: int) -> list[str]:
    """Returns words drawn by Zipf's law, as in a natural language."""
    places = np.minimum(rng.zipf(1.15, size=count), len(vocabulary)) - 1
    return [vocabulary[place] for place in places]


def _fill(
    rng: np.random.Generator,
    vocabulary: Sequence[str],
    vectors: Matrix,
    database: Database,
    store: ChromaStore,
    lexical: TantivyIndex,
) -> list[str]:
    """Stores documents of ``PER_DOCUMENT`` chunks as an import does; returns the text of every chunk."""
    documents, passages = Documents(database), Chunks(database)
    kept = Vectors(database, FINGERPRINT)
    jobs, steps = Jobs(database, clock=time.time), Steps(database)
    naming = np.random.default_rng(2)
    texts: list[str] = []
    for number, rows in enumerate(_slices(vectors, PER_DOCUMENT)):
        name = "_".join(_words(naming, vocabulary, 3))
        added = documents.add(Blob(f"{number:064x}", 1), Origin(f"{name}.txt", _COLLECTION)).document
        new = [Chunk(" ".join(_words(rng, vocabulary, 120)), tokens=200) for _ in rows]
        (job,) = jobs.claim("benchmark", limit=1)
        steps.store_chunks(job, PreparedDocument(tuple(new)))
        stored = passages.of(added.id)
        ids = [chunk.id for chunk in stored]
        kept.put([text_hash(chunk.embedded_text) for chunk in stored], rows)
        store.add(ids, rows, collection=_COLLECTION)
        lexical.add(ids, [chunk.text for chunk in stored], collection=_COLLECTION, document_name=name)
        steps.make_ready([job])
        texts += [chunk.text for chunk in stored]
    lexical.commit()
    return texts


def _slices(rows: Matrix, size: int) -> Iterator[Matrix]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _question(rng: np.random.Generator, vectors: Matrix, texts: Sequence[str]) -> tuple[str, Vector]:
    """Returns nine words of a chunk, and a vector near it."""
    at = int(rng.integers(len(texts)))
    noisy = vectors[at] + 0.05 * rng.standard_normal(WIDTH, dtype=np.float32)
    words = list(rng.choice(texts[at].split(), size=QUESTION_WORDS))
    return " ".join(words), np.asarray(noisy / np.linalg.norm(noisy), dtype=np.float32)


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def _report(what: str, values: Sequence[float]) -> None:
    p95 = sorted(values)[int(0.95 * (len(values) - 1))]
    print(f"{what}: p50 {statistics.median(values):.1f} ms, p95 {p95:.1f} ms")


if __name__ == "__main__":
    main()
