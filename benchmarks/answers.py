"""Follow-ups, refusals and quoted answers, measured: ``python -m benchmarks.answers [--eval FOLDER]``.

The first run embeds some 10,000 texts with the bundled model (minutes); they are kept for the next one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cached import CachedEmbedder, bundled_embedder
from benchmarks.library import Library, context_of, files, gold_passages, rows
from benchmarks.refusals import refusals
from kb.ask.rewrite import Context
from kb.ask.similar import SentenceSimilarity
from kb.llm.extractive import extract
from kb.types import Chunk

DEFAULT_EVAL = Path(__file__).parents[1].parent / "shared" / "eval"
_PARTS = ("follow-ups", "refusals", "quotes")


def main() -> None:
    """Prints the three tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--eval", type=Path, default=DEFAULT_EVAL)
    options.add_argument("--only", choices=_PARTS, help="one of the three parts")
    given = options.parse_args()
    parts = (given.only,) if given.only else _PARTS
    folder: Path = given.eval
    embedder = bundled_embedder()
    if "follow-ups" in parts:
        follow_ups(folder / "retrieval" / "mtrag_un_a", embedder)
    questions = rows(folder / "e2e" / "queries.jsonl")
    library = Library(files(folder / "e2e" / "docs", embedder), embedder)
    if "refusals" in parts:
        refusals(folder, questions, library, embedder)
    if "quotes" in parts:
        quotes(questions, library, SentenceSimilarity(embedder, seconds=3600))
    embedder.close()


# --- Follow-up questions ----------------------------------------------------------------------


def follow_ups(folder: Path, embedder: CachedEmbedder) -> None:
    """hit@1 and recall@5 of questions with a history, by how much the last answer counts."""
    corpus = {row["id"]: [Chunk(row["text"])] for row in rows(folder / "corpus.jsonl")}
    library = Library(corpus, embedder)
    gold = gold_passages(folder)
    asked = [row for row in rows(folder / "queries.jsonl") if row["id"] in gold]
    print(f"follow-ups: {len(asked)} questions with judged passages")
    print(f"  last turn only: {_scored(asked, gold, library, lambda _row: None)}")
    for weight in (0.1, 0.2, 0.25, 0.3, 0.4, 0.5):
        print(f"  last answer counts {weight:.2f}: {_scored(asked, gold, library, _context_with(weight))}")


def _context_with(weight: float) -> Callable[[dict[str, Any]], Context | None]:
    def context(row: dict[str, Any]) -> Context | None:
        found = context_of(row)
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


def _squeezed(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    main()
