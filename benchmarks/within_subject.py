"""Refusals where the subject is there and the answer is not: figures by setting, the curve, and the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from benchmarks.taken_out import ANSWERED, PARAGRAPH, SENTENCE, Asked, of_files, of_paragraphs
from kb.answer.answerability import Evidence, evidence
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.types import Refusals

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REFUSED = (0.01, 0.02, 0.03, 0.04, 0.06, 0.08)
"""Shares of the answered questions that are refused, at which the curve is printed."""
_BALANCED, _CAREFUL = 0.03, 0.08
"""The share of the answered questions of the half chosen on that either setting may refuse."""
_PENALTY = 5.0
"""Of the weights' squares, where each part has variance 1: it keeps parts that say the same from cancelling out."""
_PARTS = ("meaning", "words", "around", "passage", "lead", "lacks_type")


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, and what the passages found have of it."""

    set: str
    asked: Asked
    evidence: Evidence


def within_subject(folder: Path, embedder: RememberingEmbedder, *, fit: bool) -> None:
    """Prints the figures of every set by halves, or with ``fit`` the weights that fit one half best."""
    similarity = SentenceSimilarity(embedder)
    judged = [
        Judged(name, asked, evidence(asked.question, asked.hits, similarity))
        for name, asked in _asked(folder, embedder)
    ]
    if fit:
        fitted(judged)
    else:
        figures(judged)


def _asked(folder: Path, embedder: RememberingEmbedder) -> Iterator[tuple[str, Asked]]:
    for name in ("xquad_en", "xquad_zh", "cmrc2018_trial"):
        yield from ((name, asked) for asked in of_paragraphs(folder / "retrieval" / name, embedder))
    for language in ("en", "zh"):
        yield from ((f"e2e {language}", asked) for asked in of_files(folder / "e2e", embedder, language))


# --- Figures ----------------------------------------------------------------------------------


def figures(judged: Sequence[Judged]) -> None:
    """Prints for each set and half: refusals that were right, what was found of it, answered questions refused."""
    print(
        "within the subject: refusals right; found without the sentence, the paragraph; answered but refused"
    )
    for setting in get_args(Refusals):
        print(f"  {setting}")
        for name in (*dict.fromkeys(each.set for each in judged), "all"):
            here = [each for each in judged if name in (each.set, "all")]
            parts = [
                _line([each for each in here if each.asked.is_chosen_on == half], setting)
                for half in (True, False)
            ]
            print(f"    {name}: chosen on {parts[0]}; kept aside {parts[1]}")
    print("  the curve, over the half kept aside: answered but refused, found")
    aside = [each for each in judged if not each.asked.is_chosen_on]
    scores = np.array([_score(each.evidence) for each in aside])
    answered = np.array([each.asked.is_answered for each in aside])
    for share in _REFUSED:
        least = np.quantile(scores[answered], share, method="higher")
        print(f"    {np.mean(scores[answered] < least):.3f}: {np.mean(scores[~answered] < least):.3f}")


def _line(judged: Sequence[Judged], setting: Refusals) -> str:
    refused = {
        kind: [not each.evidence.is_enough(setting) for each in judged if each.asked.removed == kind]
        for kind in (ANSWERED, SENTENCE, PARAGRAPH)
    }
    right = sum(refused[SENTENCE]) + sum(refused[PARAGRAPH])
    found = right / max(1, len(refused[SENTENCE]) + len(refused[PARAGRAPH]))
    shares = [f"{np.mean(some):.3f}" if some else "-" for some in (refused[SENTENCE], refused[PARAGRAPH])]
    precision = right / max(1, right + sum(refused[ANSWERED]))
    return f"{precision:.3f}; {found:.3f} ({', '.join(shares)}); {np.mean(refused[ANSWERED]):.3f}"


def _score(found: Evidence) -> float:
    """Returns the log odds of an answer, at the ends where something else decides."""
    if not found.is_about:
        return -np.inf
    return (
        np.inf
        if found.sentence is None or found.has_translation
        else found.sentence.score(found.sentence_thresholds)
    )


# --- Weights ----------------------------------------------------------------------------------


def fitted(judged: Sequence[Judged]) -> None:
    """Prints the weights of a logistic regression on the half chosen on, and the thresholds of the settings."""
    chosen = [each for each in judged if each.asked.is_chosen_on and each.evidence.sentence is not None]
    leads = [
        each.evidence.sentence.lead
        for each in chosen
        if each.evidence.sentence and each.evidence.sentence.lead is not None
    ]
    usual = float(np.median(leads))
    parts = np.array([_parts(each.evidence, usual) for each in chosen])
    answered = np.array([each.asked.is_answered for each in chosen])
    mean, spread = parts.mean(axis=0), parts.std(axis=0)
    standard = _logistic((parts - mean) / spread, answered)
    worth = standard[:-1] / spread
    bias = standard[-1] - worth @ mean
    scores = parts @ worth + bias
    about = np.array([each.evidence.is_about and not each.evidence.has_translation for each in chosen])
    print(f"bias = {bias:.2f}")
    for name, value in zip(_PARTS, worth, strict=True):
        print(f"{name} = {value:.2f}")
    print(f"usual_lead = {usual:.3f}")
    said, around, passage = (parts[:, _PARTS.index(name)] for name in ("words", "around", "passage"))
    for name, held in (("usual_around", around), ("usual_passage", passage)):
        print(f"{name} = {np.mean((held - said)[said < 1] / (1 - said)[said < 1]):.2f}")
    for setting, share in (("balanced", _BALANCED), ("careful", _CAREFUL)):
        ends = np.where(
            about, scores, np.where([each.evidence.has_translation for each in chosen], np.inf, -np.inf)
        )
        print(f"{setting} = {np.quantile(ends[answered], share):.2f}")


def _parts(found: Evidence, usual_lead: float) -> list[float]:
    sentence = found.sentence
    if sentence is None:
        raise ValueError("nothing is known of a sentence")
    lead = usual_lead if sentence.lead is None else sentence.lead
    return [
        sentence.meaning,
        sentence.words,
        sentence.around,
        sentence.passage,
        lead,
        float(sentence.lacks_type),
    ]


def _logistic(parts: NDArray[np.float64], answered: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Returns the weights of ``parts`` and the bias, by Newton's method; both outcomes count the same together.

    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4.1, with a ridge.
    """
    extended = np.c_[parts, np.ones(len(parts))]
    counts = np.where(answered, 0.5 / answered.mean(), 0.5 / (~answered).mean())
    ridge = np.diag([*np.full(parts.shape[1], _PENALTY), 0.0])
    weights = np.zeros(extended.shape[1])
    for _ in range(25):
        odds = 1 / (1 + np.exp(-extended @ weights))
        slope = extended.T @ (counts * (odds - answered)) + ridge @ weights
        curve = (extended * (counts * odds * (1 - odds))[:, None]).T @ extended + ridge
        weights -= np.linalg.solve(curve, slope)
    return np.asarray(weights)
