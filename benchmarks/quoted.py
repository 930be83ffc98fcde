"""Quoted answers, measured: ``python -m benchmarks.quoted ../shared/eval [SET ...]``.

Of questions with a short gold answer: how many quoted answers hold it, the footnotes of an answer, and how many of
the quoted sentences hold it. Each set is split in two halves by its questions' ids: what is chosen is chosen on the
first, and the second is what counts. ``made`` asks 120 questions over files that a script writes.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cached import bundled_embedder
from benchmarks.library import Library, files, rows
from benchmarks.quoted_cases import write_cases
from kb.answer.answerer import Answerer
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.ports import ChatModel
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.text.citation_marks import MARK, without_marks
from kb.text.sentences import sentences
from kb.types import EXTRACTIVE, Answer, Chunk, ModelStatus, Question, Refusals

_SETS = ("made", "e2e_en", "e2e_zh", "xquad_en", "xquad_zh", "cmrc2018_trial")
_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what its answer has to hold."""

    id: str
    text: str
    answers: tuple[str, ...]
    """Any of them will do."""
    kind: str = ""

    @property
    def is_held_out(self) -> bool:
        """Whether it is of the half that nothing was chosen on."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True, slots=True)
class Scored:
    """What an answer to a question was worth."""

    asked: Asked
    held: bool
    refused: bool
    footnotes: int
    sentences: int
    needed: int
    """Sentences that hold the gold answer."""


def main() -> None:
    """Prints a line for each half of each set."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("eval", type=Path)
    options.add_argument("sets", nargs="*", help="all by default")
    options.add_argument("--missed", action="store_true", help="print the answers that do not hold the gold")
    given = options.parse_args()
    with bundled_embedder() as embedder:
        for name in given.sets or _SETS:
            asyncio.run(_measure(name, given.eval, embedder, missed=given.missed))


async def _measure(name: str, folder: Path, embedder: RememberingEmbedder, *, missed: bool) -> None:
    with tempfile.TemporaryDirectory() as made:
        library, questions = _opened(name, folder, Path(made), embedder)
        answerer = quoting(library, embedder)
        found = []
        for asked in questions:
            answer = await answered(answerer, asked.text)
            found.append(scored(asked, answer))
            if missed and not found[-1].held:
                print(f"  {asked.kind} {asked.text} -> {asked.answers}: {answer.text!r}")
    for half, held_out in (("chosen on", False), ("held out", True)):
        _print(f"{name}, {half}", [one for one in found if one.asked.is_held_out == held_out])
    for kind in dict.fromkeys(one.asked.kind for one in found if one.asked.kind):
        _print(f"  {kind}", [one for one in found if one.asked.kind == kind])


def _print(name: str, found: Sequence[Scored]) -> None:
    said = [one for one in found if not one.refused]
    print(
        f"{name}: gold held {np.mean([one.held for one in found]):.3f}, refused {len(found) - len(said)}, "
        f"footnotes {np.mean([one.footnotes for one in said]):.2f}, "
        f"sentences {np.mean([one.sentences for one in said]):.2f}, of them with the gold "
        f"{sum(one.needed for one in said) / max(1, sum(one.sentences for one in said)):.3f} (n={len(found)})",
        flush=True,
    )


# --- What is asked ------------------------------------------------------------------------------


def _opened(
    name: str, folder: Path, made: Path, embedder: RememberingEmbedder
) -> tuple[Library, list[Asked]]:
    if name == "made":
        cases = write_cases(made)
        questions = [Asked(f"made-{n}", one.question, one.answers, one.kind) for n, one in enumerate(cases)]
        return Library(files(made, embedder), embedder, names=True), questions
    if name.startswith("e2e"):
        asked = [
            Asked(row["id"], row["text"], tuple(row["answers"]))
            for row in rows(folder / "e2e" / "queries.jsonl")
            if row["kind"] != "no_answer" and row["lang"] == name[-2:]
        ]
        return Library(files(folder / "e2e" / "docs", embedder), embedder), asked
    held = folder / "retrieval" / name
    corpus = {row["id"]: [Chunk(row["text"])] for row in rows(held / "corpus.jsonl")}
    asked = [
        Asked(row["id"], row["text"], tuple(row["answers"]))
        for row in rows(held / "queries.jsonl")
        if row["text"].strip()
    ]
    return Library(corpus, embedder), asked


def quoting(library: Library, embedder: RememberingEmbedder, *, refusals: Refusals = "balanced") -> Answerer:
    """Returns what answers from ``library`` as the app does where it has no model."""

    async def choose(_name: str | None) -> tuple[ChatModel | None, ModelStatus]:
        return None, ModelStatus(EXTRACTIVE, "measured")

    return Answerer(
        retriever=library.retriever,
        similarity=SentenceSimilarity(embedder),
        choose_model=choose,
        passages=_PASSAGES,
        context_tokens=4096,
        answer_tokens=512,
        refusals=refusals,
        document_reader=library.reader,
        lookup=library.lookup,
    )


async def answered(answerer: Answerer, question: str) -> Answer:
    """Returns the finished answer to ``question``."""
    found = [event async for event in answerer.answer(Question(question)) if isinstance(event, Answer)]
    return found[0]


# --- What an answer is worth --------------------------------------------------------------------


def scored(asked: Asked, answer: Answer) -> Scored:
    """Returns what ``answer`` is worth; a refusal holds nothing."""
    quoted = [] if answer.refused else [_squeezed(piece) for piece in _pieces(answer.text)]
    gold = [_squeezed(one) for one in asked.answers]
    return Scored(
        asked=asked,
        held=any(one in "".join(quoted) for one in gold),
        refused=answer.refused,
        footnotes=len(MARK.findall(answer.text)),
        sentences=len(quoted),
        needed=sum(any(one in piece for one in gold) for piece in quoted),
    )


def _pieces(text: str) -> Iterator[str]:
    """Yields the sentences and lines of an answer without their marks; lines in bold name a document."""
    for line in text.splitlines():
        if not line.startswith("**"):
            bare = without_marks(line)
            yield from (bare[start:end] for start, end in sentences(bare))


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


if __name__ == "__main__":
    main()
