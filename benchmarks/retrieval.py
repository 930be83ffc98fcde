"""The figures of docs/quality.md: the whole way from files to hits, on the shared sets, with the bundled model.

python -m benchmarks.retrieval ../shared/eval [--chunk-tokens 208] [--dense-weight 0.5] [SET ...]

Sets: xquad_en xquad_zh xquad_zh2en xquad_en2zh cmrc2018_trial half_zh half_en chunking e2e. Vectors are
kept in a folder of the system's temporary one, so that a second run takes seconds. The half sets hold each
paragraph of XQuAD in one of both languages, chosen at random: a mixed library.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.cached import bundled_embedder
from benchmarks.passage_places import SourceText
from benchmarks.splitters import SPLITTERS
from ingest.chunk import chunk_document
from ingest.formats import parse
from ingest.prepare import as_prepared, embed_chunks
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.index.lexical.tantivy_index import TantivyIndex
from kb.index.vector.chroma import ChromaStore
from kb.index.writer import IndexWriter
from kb.retrieval.retriever import Retriever
from kb.retrieval.sentence_rerank import SentenceReranker
from kb.state.blobs import BlobStore
from kb.state.candidates import Passages
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.job_steps import Steps
from kb.state.jobs import Jobs
from kb.state.moves import Moves
from kb.state.vectors import Vectors
from kb.types import Chunk, Hit, Origin, ParsedDocument

PASSAGES = 5
"""How many count on the chunking set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is measured."""

    root: Path
    chunk_tokens: int
    dense_weight: float


class Library:
    """Documents as an import stores them, in one process and without a queue."""

    def __init__(self, folder: Path, embedder: RememberingEmbedder, settings: Settings) -> None:
        self._folder = folder
        self._embedder = embedder
        self._chunk_tokens = settings.chunk_tokens
        self._database = Database(folder / "footnote.db")
        self._documents = Documents(self._database)
        self._chunks = Chunks(self._database)
        self._steps = Steps(self._database)
        self._jobs = Jobs(self._database, clock=lambda: 0.0)
        self._blobs = BlobStore(folder / "blobs")
        self._store = ChromaStore(embedder.fingerprint, folder=folder / "chroma")
        self._lexical = TantivyIndex(folder=folder / "words")
        self._index = IndexWriter(
            documents=self._documents,
            steps=self._steps,
            chunks=self._chunks,
            vectors=Vectors(self._database, embedder.fingerprint),
            store=self._store,
            lexical=self._lexical,
            width=embedder.fingerprint.width,
            moves=Moves(self._database),
        )
        retriever = partial(
            Retriever,
            embedder=embedder,
            store=self._store,
            lexical=self._lexical,
            passages=Passages(self._database, embedder.fingerprint),
            chunks=self._chunks,
            documents=self._documents,
        )
        self._retriever = retriever(
            dense_weight=settings.dense_weight, closer_look=SentenceReranker(embedder)
        )
        self._by_weight = cache(lambda weight: retriever(dense_weight=weight))

    def add(self, path: Path, name: str) -> None:
        """Parses, chunks, embeds and publishes a file."""
        parsed = parse(path, name)
        self.add_chunks(
            path, name, parsed, chunk_document(parsed, self._embedder, max_tokens=self._chunk_tokens)
        )

    def add_text(self, text: str, name: str) -> None:
        """Does the same as ``add`` for a file that holds ``text``."""
        path = self._folder / "source"
        path.write_text(text, encoding="utf-8", newline="")
        self.add(path, name)

    def add_chunks(self, path: Path, name: str, parsed: ParsedDocument, chunks: Sequence[Chunk]) -> None:
        """Stores chunks of another chunker."""
        blob = self._blobs.put(path, name=name, max_bytes=1 << 30)
        document = self._documents.add(blob, Origin(name, "c")).document
        (job,) = self._jobs.claim("benchmark", limit=1)
        self._steps.store_chunks(job, as_prepared(parsed, chunks))
        missing = self._index.unembedded(document.id)
        if missing:
            self._index.store_vectors(embed_chunks(missing, self._embedder))
        self._index.publish([job])

    def search(self, question: str, k: int, *, dense_weight: float | None = None) -> tuple[Hit, ...]:
        """Returns the ``k`` best passages; with a dense weight that is not the app's, sentences do not rerank them."""
        retriever = self._retriever if dense_weight is None else self._by_weight(dense_weight)
        return retriever.retrieve(question, k=k).hits

    def chunks(self) -> int:
        """Returns how many passages it holds."""
        return self._chunks.count_live()

    def close(self) -> None:
        """Releases the files."""
        self._store.close()
        self._lexical.close()
        self._database.close()


@contextmanager
def library(embedder: RememberingEmbedder, settings: Settings) -> Iterator[Library]:
    """An empty library in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Library(Path(folder), embedder, settings)
        try:
            yield opened
        finally:
            opened.close()


# --- Sets of questions with labelled documents --------------------------------------------------


def _jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _corpus(settings: Settings, name: str) -> dict[str, str]:
    """Returns id -> text; titles as in the floors of the shared data: not for XQuAD."""
    rows = _jsonl(settings.root / "retrieval" / name / "corpus.jsonl")
    return {
        row["id"]: row["text"] if name.startswith("xquad") else f"{row['title']}\n\n{row['text']}"
        for row in rows
    }


def _questions(settings: Settings, name: str) -> list[tuple[str, set[str]]]:
    """Returns (question, ids of the right documents)."""
    folder = settings.root / "retrieval" / name
    right: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, document, _ = line.split("\t")
        right.setdefault(question, set()).add(document)
    return [(row["text"], right[row["id"]]) for row in _jsonl(folder / "queries.jsonl") if row["id"] in right]


def documents_found(
    embedder: RememberingEmbedder,
    settings: Settings,
    corpus: Mapping[str, str],
    questions: Sequence[tuple[str, set[str]]],
) -> str:
    """Returns hit@1 and recall@10 of documents; the rank of a document is that of its first passage."""
    first, within = 0.0, 0.0
    with library(embedder, settings) as document_reader:
        for key, text in corpus.items():
            document_reader.add_text(text, f"{key}.txt")
        for question, right in questions:
            if not question.strip():  # CMRC has two; they count as missed
                continue
            ranked = list(
                dict.fromkeys(hit.document.name[:-4] for hit in document_reader.search(question, 30))
            )
            first += bool(ranked and ranked[0] in right)
            within += len(set(ranked[:10]) & right) / len(right)
    return f"hit@1 {first / len(questions):.4f}  recall@10 {within / len(questions):.4f}  ({len(questions)} questions)"


def _labelled(embedder: RememberingEmbedder, settings: Settings, name: str) -> str:
    if name == "xquad_en2zh":
        return documents_found(
            embedder, settings, _corpus(settings, "xquad_zh"), _questions(settings, "xquad_en")
        )
    return documents_found(embedder, settings, _corpus(settings, name), _questions(settings, name))


def _half(embedder: RememberingEmbedder, settings: Settings, name: str) -> str:
    rng = random.Random(1)
    english, chinese = _corpus(settings, "xquad_en"), _corpus(settings, "xquad_zh")
    mixed = {key: rng.choice((english[key], chinese[key])) for key in english}
    own = chinese if name == "half_zh" else english
    questions = _questions(settings, "xquad_zh" if name == "half_zh" else "xquad_en")
    parts = {
        "same language": [pair for pair in questions if all(mixed[key] == own[key] for key in pair[1])],
        "other language": [pair for pair in questions if any(mixed[key] != own[key] for key in pair[1])],
    }
    return "\n".join(
        f"    {part}: {documents_found(embedder, settings, mixed, some)}" for part, some in parts.items()
    )


# --- Characters of five passages -----------------------------------------------------------------


def _chunking(embedder: RememberingEmbedder, settings: Settings, _: str) -> str:
    folder = settings.root / "chunking" if (settings.root / "chunking").is_dir() else settings.root
    texts = {path.stem: _read(path) for path in sorted((folder / "corpora").glob("*.md"))}
    sources = {name: SourceText(text) for name, text in texts.items()}
    questions = _jsonl(folder / "questions.jsonl")
    lines = []
    for cutter in ("ours", *SPLITTERS):
        with library(embedder, settings) as document_reader:
            for name, text in texts.items():
                if cutter == "ours":
                    document_reader.add_text(text, f"{name}.md")
                else:
                    pieces = [Chunk(text[start:end]) for start, end in SPLITTERS[cutter](text)]
                    document_reader.add_chunks(
                        folder / "corpora" / f"{name}.md", f"{name}.md", ParsedDocument(()), pieces
                    )
            scores = [
                _overlap(question, document_reader.search(question["text"], PASSAGES), sources)
                for question in questions
            ]
        recall, union = (sum(values) / len(values) for values in zip(*scores, strict=True))
        lines.append(f"    {cutter}: recall {recall:.4f}  intersection over union {union:.4f}")
    return "\n".join(lines)


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _overlap(
    question: Mapping[str, Any], hits: Sequence[Hit], sources: Mapping[str, SourceText]
) -> tuple[float, float]:
    """Returns (recall, intersection over union) over the characters of the corpus, as in Chroma's evaluation."""
    name = question["corpus"]
    wanted = {place for ref in question["refs"] for place in range(ref["start"], ref["end"])}
    found: set[int] = set()
    total = 0
    for hit in hits:
        for start, end in sources[hit.document.name[:-3]].ranges(hit.chunk):
            total += end - start
            if hit.document.name[:-3] == name:
                found.update(range(start, end))
    common = len(wanted & found)
    return common / len(wanted), common / (total + len(wanted) - common)


# --- Files --------------------------------------------------------------------------------------


def _e2e(embedder: RememberingEmbedder, settings: Settings, _: str) -> str:
    folder = settings.root / "e2e"
    files = {row["id"]: row for row in _jsonl(folder / "manifest.jsonl")}
    names = {Path(row["path"]).name: key for key, row in files.items()}
    right = pages = paged = asked = article = 0
    with library(embedder, settings) as document_reader:
        for row in files.values():
            document_reader.add(settings.root / row["path"], Path(row["path"]).name)
        for question in _jsonl(folder / "queries.jsonl"):
            if question["kind"] == "no_answer":
                continue
            asked += 1
            first = document_reader.search(question["text"], PASSAGES)[0]
            found = names[first.document.name]
            article += found[3:] == question["doc"][3:]
            if found != question["doc"]:
                continue
            right += 1
            place = files[found].get("paragraph_pages", {}).get(question["paragraph"])
            if place and None not in place:
                paged += 1
                pages += place[0] <= (first.chunk.anchor.page or 0) <= place[1]
    return (
        f"document@1 {right / asked:.4f}  (in either language {article / asked:.4f})  page@1 {pages / paged:.4f} "
        f"({asked} questions, {paged} with pages)"
    )


SETS = {
    **dict.fromkeys(("xquad_en", "xquad_zh", "xquad_zh2en", "xquad_en2zh", "cmrc2018_trial"), _labelled),
    **dict.fromkeys(("half_zh", "half_en"), _half),
    "chunking": _chunking,
    "e2e": _e2e,
}


def main() -> None:
    """Prints one set a line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("root", type=Path, help="the folder of the shared evaluation data")
    options.add_argument("sets", nargs="*", metavar="SET")
    options.add_argument("--chunk-tokens", type=int, default=208)
    options.add_argument("--dense-weight", type=float, default=0.5)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    settings = Settings(given.root, given.chunk_tokens, given.dense_weight)
    with bundled_embedder() as embedder:
        for name in given.sets or SETS:
            result = SETS[name](embedder, settings, name)
            print(f"{name}: {result}" if not result.startswith(" ") else f"{name}:\n{result}", flush=True)


if __name__ == "__main__":
    main()
