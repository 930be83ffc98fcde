"""How well questions without an answer are told from those with one: ``python -m benchmarks.refusals FOLDER [--fit]``.

Two kinds. Of the first (a part of ``python -m benchmarks.answers`` too) nothing is said of the whole subject: the
weights of ``kb.answer.answerability`` were fitted and its thresholds taken on the articles of one half of the
first three sets, and halves never share an article. Of the second only the answer was taken out
(``benchmarks.taken_out``): the weights of ``kb.answer.sentence_evidence`` come from ``--fit``, on the half of the
questions that their ids' hashes choose. The first run embeds some 20,000 texts with the bundled model.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cached import bundled_embedder
from benchmarks.library import Library, context_of, files, gold_passages, rows
from benchmarks.within_subject import within_subject
from kb.answer.answerability import Evidence, evidence
from kb.answer.query_rewrite import is_follow_up
from kb.config.thresholds import thresholds_for
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.models.embed.spec import BUNDLED
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.types import Chunk, Hit

_PASSAGES = 8
_DEPTH = 40
"""Passages searched where some of them will be left out."""
_ABSENT_ARTICLES = (23, 46, 67)
"""Where the second, third and fourth article begins among the questions of one language without an answer."""
_CHOSEN = thresholds_for(BUNDLED).answerability
_THRESHOLDS = (0.78, 0.80, _CHOSEN.own, 0.84, 0.86)
_TRANSLATED = (0.41, 0.43, _CHOSEN.translated, 0.47, 0.49)
_BEHIND = _CHOSEN.behind - _CHOSEN.translated
"""How much more is asked of translations behind a passage in the question's language."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, whether anything in its library answers it, and what was found."""

    answered: bool
    question: str
    hits: tuple[Hit, ...]
    article: int


def main() -> None:
    """Prints the figures of both kinds; with ``--fit`` new weights instead."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("eval", type=Path, help="the shared evaluation data")
    options.add_argument("--fit", action="store_true", help="fit the weights of sentences, and print them")
    given = options.parse_args()
    folder: Path = given.eval
    with bundled_embedder() as embedder:
        within_subject(folder, embedder, fit=given.fit)
        if not given.fit:
            library = Library(files(folder / "e2e" / "docs", embedder), embedder)
            refusals(folder, rows(folder / "e2e" / "queries.jsonl"), library, embedder)


def refusals(
    folder: Path, questions: Sequence[dict[str, Any]], library: Library, embedder: RememberingEmbedder
) -> None:
    """Prints precision and recall of refusing for every set, over the thresholds."""
    similarity = SentenceSimilarity(embedder)
    print("refusals, precision/recall: the half that was chosen on, the other, all (refused with an answer)")
    _print("all files", _all_files(questions, library), similarity)
    _print("one file", _single_files(questions, library), similarity)
    _print("one file, other language", _single_files(questions, library, translated=True), similarity)
    for name in ("xquad_en", "xquad_zh", "cmrc2018_trial"):
        _print(f"{name}, its article left out", _left_out(folder / "retrieval" / name, embedder), similarity)
    _print_within_subject(folder / "retrieval" / "mtrag_un_a", embedder, similarity)


def _print(name: str, asked: Iterator[Asked], similarity: SentenceSimilarity) -> None:
    cases = list(asked)
    print(f"  {name} ({len(cases)} questions)")
    found = [evidence(case.question, case.hits, similarity) for case in cases]
    answered = np.array([case.answered for case in cases])
    chosen_on = np.array([case.article // 2 % 2 == 0 for case in cases])
    everything = np.ones(len(cases), bool)
    for own, translated in zip(_THRESHOLDS, _TRANSLATED, strict=True):
        refused = np.array([_refused(item, own, translated) for item in found])
        figures = [_figures(answered[part], refused[part]) for part in (chosen_on, ~chosen_on, everything)]
        print(f"    {own:.3f}, {translated:.3f}: {', '.join(figures)} ({refused[answered].mean():.3f})")


def _refused(found: Evidence, own: float, translated: float) -> bool:
    return found.own < own and found.translated < translated + (_BEHIND if found.own_first else 0.0)


def _figures(answered: Any, refused: Any) -> str:
    right = int((refused & ~answered).sum())
    return f"{right / max(1, int(refused.sum())):.3f}/{right / max(1, int((~answered).sum())):.3f}"


# --- Sets -------------------------------------------------------------------------------------


def _all_files(questions: Sequence[dict[str, Any]], library: Library) -> Iterator[Asked]:
    absent = {"en": 0, "zh": 0}
    for row in questions:
        if row["kind"] == "no_answer":
            place = absent[row["lang"]]
            absent[row["lang"]] += 1
            article = 100 + 2 * sum(place >= begins for begins in _ABSENT_ARTICLES)
        else:
            article = int(row["doc"][3:5])
        hits = library.search(row["text"], k=_PASSAGES)
        yield Asked(row["kind"] != "no_answer", row["text"], hits, article)


def _single_files(
    questions: Sequence[dict[str, Any]], library: Library, *, translated: bool = False
) -> Iterator[Asked]:
    """Yields for each file alone questions that it answers and as many about other subjects, in one language:
    the file's own, or with ``translated`` the other one.
    """
    draw = random.Random(0)
    for name in library.names:
        language, subject = name[:2], name[3:5]
        if translated:
            language = "zh" if language == "en" else "en"
        here = [row for row in questions if row["lang"] == language]
        own = [row for row in here if row["doc"] == f"{language}_{subject}"]
        others = [row for row in here if row["doc"] is None or row["doc"][3:5] != subject]
        for answered, among in ((True, own), (False, others)):
            for row in draw.sample(among, min(20, len(among))):
                hits = library.search(row["text"], k=_PASSAGES, file=name)
                yield Asked(answered, row["text"], hits, int(subject))


def _left_out(folder: Path, embedder: RememberingEmbedder) -> Iterator[Asked]:
    """Yields every question with its article in the library, and as if no passage of the article were there."""
    corpus = rows(folder / "corpus.jsonl")
    library = Library({row["id"]: [Chunk(row["text"])] for row in corpus}, embedder)
    gold = gold_passages(folder)
    articles = {row["id"]: row["title"] for row in corpus}
    numbers = {title: number for number, title in enumerate(sorted(set(articles.values())))}
    for row in rows(folder / "queries.jsonl"):
        if not row["text"].strip():
            continue
        (passage, *_) = sorted(gold[row["id"]])
        article = articles[passage]
        hits = library.search(row["text"], k=_DEPTH)
        elsewhere = [hit for hit in hits if articles[hit.document.name] != article]
        yield Asked(True, row["text"], hits[:_PASSAGES], numbers[article])
        yield Asked(False, row["text"], tuple(elsewhere[:_PASSAGES]), numbers[article])


def _print_within_subject(
    folder: Path, embedder: RememberingEmbedder, similarity: SentenceSimilarity
) -> None:
    """Prints figures for questions of a conversation whose subject is there though their answer is not.

    As in the app, a follow-up that names nothing is never refused before a model is asked.
    """
    library = Library({row["id"]: [Chunk(row["text"])] for row in rows(folder / "corpus.jsonl")}, embedder)
    kinds: dict[str, list[tuple[bool, bool]]] = {}
    for row in rows(folder / "queries.jsonl"):
        context = context_of(row)
        hits = library.search(row["text"], k=_PASSAGES, context=context)
        enough = evidence(row["text"], hits, similarity).is_about
        judged = context is None or not is_follow_up(row["text"])
        kinds.setdefault(row["answerability"], []).append((not enough and judged, not enough))
    print("  mtrag_un_a, refused as the app does / if every follow-up were judged")
    for kind, refused in sorted(kinds.items()):
        in_app, judged_all = np.sum(refused, axis=0)
        print(f"    {kind.lower()}: {in_app} / {judged_all} of {len(refused)}")


if __name__ == "__main__":
    main()
