"""Follow-ups, refusals and quoted answers, measured: ``python -m benchmarks.answers [--eval FOLDER]``.

The first run embeds some 10,000 texts with the bundled model (minutes); they are kept for the next one.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cached import CachedEmbedder, bundled_embedder
from ingest import formats
from ingest.chunk import chunk_document
from kb.ask import relevance
from kb.ask.retrieve import Retriever
from kb.ask.rewrite import Context, joined
from kb.ask.similar import SentenceSimilarity
from kb.config import Settings
from kb.lexical.words import TantivyIndex
from kb.llm.extractive import extract
from kb.state.blobs import Blob
from kb.state.chunks import Chunks, text_hash
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.jobs import Jobs
from kb.state.passages import Passages
from kb.state.steps import Steps
from kb.state.vectors import Vectors
from kb.store.exact import ExactStore
from kb.types import Chunk, Hit, ParsedDocument, Turn

DEFAULT_EVAL = Path(__file__).parents[1].parent / "shared" / "eval"


class Library:
    """Passages stored as an import stores them, one collection a file, and the app's own retriever on them."""

    def __init__(self, files: Mapping[str, Sequence[Chunk]], embedder: CachedEmbedder) -> None:
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        database = Database(folder / "footnote.db")
        fingerprint = embedder.fingerprint
        documents, chunks = Documents(database), Chunks(database)
        vectors, store = Vectors(database, fingerprint), ExactStore(fingerprint)
        lexical = TantivyIndex(folder=folder / "words")
        jobs, steps = Jobs(database, clock=time.time), Steps(database)
        for number, (name, passages) in enumerate(files.items()):
            added = documents.add(Blob(f"{number:064x}", 1), name=name, collection=name).document
            (job,) = jobs.claim("benchmark", limit=1)
            steps.store_chunks(job, ParsedDocument(()), passages)
            stored = chunks.of(added.id)
            texts = [chunk.embedded_text for chunk in stored]
            rows = embedder.embed_documents(texts)
            vectors.put([text_hash(text) for text in texts], rows)
            ids = [chunk.id for chunk in stored]
            store.add(ids, rows, collection=name)
            lexical.add(ids, texts, collection=name)
            steps.make_ready([job])
        lexical.commit()
        self.names = list(files)
        self.retriever = Retriever(
            embedder=embedder,
            store=store,
            lexical=lexical,
            passages=Passages(database, fingerprint),
            chunks=chunks,
            documents=documents,
            dense_weight=float(Settings.model_fields["dense_weight"].default),
        )

    def search(
        self, question: str, *, k: int, context: Context | None = None, file: str | None = None
    ) -> tuple[Hit, ...]:
        """The ``k`` best passages of all files, or of one."""
        return self.retriever.retrieve(question, k=k, collection=file, context=context).hits


def main() -> None:
    """Prints the three tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--eval", type=Path, default=DEFAULT_EVAL)
    folder: Path = options.parse_args().eval
    embedder = bundled_embedder()
    follow_ups(folder / "retrieval" / "mtrag_un_a", embedder)
    questions = _rows(folder / "e2e" / "queries.jsonl")
    library = Library(_files(folder / "e2e" / "docs", embedder), embedder)
    similarity = SentenceSimilarity(embedder, seconds=3600)
    refusals(questions, library, similarity)
    quotes(questions, library, similarity)
    embedder.close()


# --- Follow-up questions ----------------------------------------------------------------------


def follow_ups(folder: Path, embedder: CachedEmbedder) -> None:
    """hit@1 and recall@5 of questions with a history, by how much the last answer counts."""
    corpus = {row["id"]: [Chunk(row["text"])] for row in _rows(folder / "corpus.jsonl")}
    library = Library(corpus, embedder)
    gold: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, _ = line.split("\t")
        gold.setdefault(query, set()).add(document)
    rows = [row for row in _rows(folder / "queries.jsonl") if row["id"] in gold]
    print(f"follow-ups: {len(rows)} questions with judged passages")
    print(f"  last turn only: {_scored(rows, gold, library, lambda _row: None)}")
    for weight in (0.1, 0.2, 0.25, 0.3, 0.4, 0.5):
        print(f"  last answer counts {weight:.2f}: {_scored(rows, gold, library, _context_with(weight))}")


def _context(row: dict[str, Any]) -> Context | None:
    history = row["history"]
    said = [entry["text"] for entry in history]
    turns = [Turn(said[index], said[index + 1]) for index in range(0, len(said) - 1, 2)]
    return joined(row["text"], turns).context


def _context_with(weight: float) -> Callable[[dict[str, Any]], Context | None]:
    def context(row: dict[str, Any]) -> Context | None:
        found = _context(row)
        return found and Context(found.text, weight)

    return context


def _scored(
    rows: Sequence[dict[str, Any]],
    gold: dict[str, set[str]],
    library: Library,
    context_of: Callable[[dict[str, Any]], Context | None],
) -> str:
    firsts, recalls = [], []
    for row in rows:
        hits = library.search(row["text"], k=5, context=context_of(row))
        found = [hit.document.name for hit in hits]
        firsts.append(found[0] in gold[row["id"]])
        recalls.append(len(gold[row["id"]] & set(found)) / len(gold[row["id"]]))
    halves = [f"{np.mean(firsts[half::2]):.3f}/{np.mean(recalls[half::2]):.3f}" for half in (0, 1)]
    return f"hit@1 {np.mean(firsts):.3f} recall@5 {np.mean(recalls):.3f} (halves {halves[0]}, {halves[1]})"


# --- Refusals ---------------------------------------------------------------------------------


def refusals(questions: Sequence[dict[str, Any]], library: Library, similarity: SentenceSimilarity) -> None:
    """Precision and recall of refusing, over thresholds: all files, and libraries of one file."""
    whole = [(row["kind"] != "no_answer", row["text"], library.search(row["text"], k=8)) for row in questions]
    single = list(_single_files(questions, library))
    other = list(_single_files(questions, library, translated=True))
    print(
        "refusals, precision/recall by threshold: all files (even, odd questions); one file; one, other language"
    )
    standard = relevance.REFUSE_BELOW
    for threshold in (0.115, 0.125, 0.135, standard, 0.155, 0.165):
        relevance.REFUSE_BELOW = threshold
        parts = (whole, whole[::2], whole[1::2], single, other)
        print(f"  {threshold:.3f}: " + ", ".join(_refused(part, similarity) for part in parts))
    relevance.REFUSE_BELOW = standard


def _single_files(
    questions: Sequence[dict[str, Any]], library: Library, *, translated: bool = False
) -> Iterator[tuple[bool, str, tuple[Hit, ...]]]:
    """For each file alone, questions that it answers and questions about other subjects.

    ``translated`` asks those that it answers in the other language.
    """
    draw = random.Random(0)
    for name in library.names:
        article, subject = name[:5], name[3:5]
        if translated:
            article = ("zh" if article.startswith("en") else "en") + article[2:]
        own = [row for row in questions if row["doc"] == article]
        others = [row for row in questions if row["doc"] is None or row["doc"][3:5] != subject]
        if translated:
            others = [row for row in others if row["lang"] != name[:2]]
        for answered, rows in ((True, draw.sample(own, min(12, len(own)))), (False, draw.sample(others, 6))):
            for row in rows:
                yield answered, row["text"], library.search(row["text"], k=8, file=name)


def _refused(asked: Sequence[tuple[bool, str, tuple[Hit, ...]]], similarity: SentenceSimilarity) -> str:
    refused = [relevance.nothing_relevant(text, hits, similarity) for _, text, hits in asked]
    right = sum(said and not answered for said, (answered, _, _) in zip(refused, asked, strict=True))
    wanted = sum(not answered for answered, _, _ in asked)
    return f"{right / max(1, sum(refused)):.3f}/{right / max(1, wanted):.3f} (n={len(asked)})"


# --- Quoted answers ---------------------------------------------------------------------------


def quotes(questions: Sequence[dict[str, Any]], library: Library, similarity: SentenceSimilarity) -> None:
    """How often a quoted answer holds the gold answer, and how long it is."""
    for language in ("en", "zh"):
        held, lengths, best = [], [], []
        for row in questions:
            if row["kind"] == "no_answer" or row["lang"] != language:
                continue
            text = extract(row["text"], library.search(row["text"], k=8), similarity)
            held.append(any(_squeezed(answer) in _squeezed(text) for answer in row["answers"]))
            best.append(text.count("["))
            lengths.append(len(text))
        print(
            f"quoted answers {language}: hold the gold answer {np.mean(held):.3f}, "
            f"{np.mean(best):.2f} sentences, {np.mean(lengths):.0f} characters (n={len(held)})"
        )


# --- Reading ----------------------------------------------------------------------------------


def _files(folder: Path, embedder: CachedEmbedder) -> dict[str, list[Chunk]]:
    size = int(Settings.model_fields["chunk_tokens"].default)
    return {
        path.name: chunk_document(formats.parse(path, path.name), embedder, max_tokens=size)
        for path in sorted(folder.iterdir())
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _squeezed(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    main()
