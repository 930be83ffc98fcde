"""Follow-ups, refusals and quoted answers, measured: ``python -m benchmarks.answers [--eval FOLDER]``.

The first run embeds some 10,000 texts with the bundled model (minutes); they are cached for the next one.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cached import bundled_embedder
from benchmarks.library import Library, context_of, files, gold_passages, rows
from benchmarks.refusals import refusals
from kb.answer.quote.quote import quote
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.types import Chunk, Context

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
    with bundled_embedder() as embedder:
        if "follow-ups" in parts:
            follow_ups(folder / "retrieval" / "mtrag_un_a", embedder)
        questions = rows(folder / "e2e" / "queries.jsonl")
        library = Library(files(folder / "e2e" / "docs", embedder), embedder)
        if "refusals" in parts:
            refusals(folder, questions, library, embedder)
        if "quotes" in parts:
            quotes(questions, library, SentenceSimilarity(embedder))


# --- Follow-up questions ----------------------------------------------------------------------


def follow_ups(folder: Path, embedder: RememberingEmbedder) -> None:
    """Prints hit@1 and recall@5 of questions with a history, by the weight of the last answer."""
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
    """Prints how often a quoted answer holds the gold answers, and its length: for one question, and for two in one."""
    answered = [row for row in questions if row["kind"] != "no_answer"]
    for language in ("en", "zh"):
        asked = [(row["text"], [row["answers"]]) for row in answered if row["lang"] == language]
        _print_quotes(f"quoted answers {language}", asked, library, similarity)
        here = [row for row in answered if row["lang"] == language]
        for name, same in (("one paragraph", True), ("one article", False)):
            pairs = list(_pairs(here, same_paragraph=same))
            _print_quotes(f"two questions of {name} in one, {language}", pairs, library, similarity)


def _print_quotes(
    name: str,
    asked: Sequence[tuple[str, Sequence[Sequence[str]]]],
    library: Library,
    similarity: SentenceSimilarity,
) -> None:
    held, lengths, numbers = [], [], []
    for question, answers in asked:
        text = quote(question, library.search(question, k=8), similarity).text
        found = _squeezed(text)
        held.append([any(_squeezed(answer) in found for answer in forms) for forms in answers])
        numbers.append(text.count(" ["))
        lengths.append(len(text))
    print(
        f"{name}: hold every gold answer {np.mean([all(each) for each in held]):.3f}, each {np.mean(held):.3f}, "
        f"{np.mean(numbers):.2f} sentences, {np.mean(lengths):.0f} characters (n={len(held)})"
    )


def _pairs(
    answered: Sequence[dict[str, Any]], *, same_paragraph: bool
) -> Iterator[tuple[str, list[list[str]]]]:
    """Yields six pairs of questions of each article, asked as one, whose answers do not hold one another."""
    draw = random.Random(1)
    for document in sorted({row["doc"] for row in answered}):
        here = [row for row in answered if row["doc"] == document]
        possible = [
            (first, second)
            for first, second in permutations(here, 2)
            if (first["paragraph"] == second["paragraph"]) == same_paragraph
            and not any(left in right for left in first["answers"] for right in second["answers"])
        ]
        for first, second in draw.sample(possible, min(6, len(possible))):
            begin, end = first["text"].strip().rstrip("?？。. "), second["text"].strip()
            text = f"{begin}, and {end[0].lower()}{end[1:]}" if first["lang"] == "en" else f"{begin}，{end}"
            yield text, [first["answers"], second["answers"]]


def _squeezed(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    main()
