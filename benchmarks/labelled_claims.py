"""Claims that people labelled, and how well the check tells which are supported: ``benchmarks.citations support``.

From WiCE (claims of Wikipedia, passages of the sources that they cite). Supported is taken against the rest; where
annotators chose several passages, a claim's score is its best one's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.answer.verify.support import Verdict
from kb.text.content_words import stems
from kb.types import Support


@dataclass(frozen=True, slots=True)
class LabelledClaim:
    """A claim, what people found about it, and the passages that they looked at."""

    id: str
    label: str
    claim: str
    evidence: tuple[str, ...]

    @property
    def supported(self) -> bool:
        return self.label == "supported"

    @property
    def is_chosen_on(self) -> bool:
        """Whether it is of the half that weights and thresholds are chosen on: by a hash of its id."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 0


def labelled_claims(path: Path) -> list[LabelledClaim]:
    """Returns the claims of a file in the form of ``wice_dev.jsonl``."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [LabelledClaim(row["id"], row["label"], row["claim"], tuple(row["evidence"])) for row in rows]


def print_support(claims: Sequence[LabelledClaim], judged: Callable[[str, str], Verdict]) -> None:
    """Prints the figures of the check and of plain word overlap, for both halves and all; then the grades by label."""
    verdicts = [[judged(claim.claim, passage) for passage in claim.evidence] for claim in claims]
    truth = np.array([claim.supported for claim in claims])
    called = np.array([any(each.support is Support.SUPPORTED for each in found) for found in verdicts])
    scores = np.array([max(each.score for each in found) for found in verdicts])
    overlap = np.array([max(word_overlap(claim.claim, text) for text in claim.evidence) for claim in claims])
    chosen = np.array([claim.is_chosen_on for claim in claims])
    least = best_threshold(truth[chosen], overlap[chosen])
    for name, here in (("chosen on", chosen), ("reported on", ~chosen), ("all", chosen | ~chosen)):
        for what, says, score in (("check", called, scores), ("word overlap", overlap >= least, overlap)):
            precision, recall, f1 = precision_recall_f1(truth[here], says[here])
            print(
                f"{name:12} {what:13} n={here.sum():4}  precision {precision:.3f}  recall {recall:.3f}"
                f"  F1 {f1:.3f}  area {area(truth[here], score[here]):.3f}"
            )
    _print_grades(claims, verdicts)


def _print_grades(claims: Sequence[LabelledClaim], verdicts: Sequence[Sequence[Verdict]]) -> None:
    order = list(Support)
    print(f"{'labelled':22} {'n':>4} " + " ".join(f"{grade.value:>12}" for grade in order))
    for label in sorted({claim.label for claim in claims}):
        best = [
            min((each.support for each in found), key=order.index)
            for claim, found in zip(claims, verdicts, strict=True)
            if claim.label == label
        ]
        print(
            f"{label:22} {len(best):4} "
            + " ".join(f"{best.count(grade) / len(best):12.3f}" for grade in order)
        )


def word_overlap(claim: str, passage: str) -> float:
    """Returns the share of the claim's content words that the passage holds: what any check has to be better than."""
    asked = stems(claim)
    return len(asked & stems(passage)) / max(1, len(asked))


def best_threshold(truth: np.ndarray, scores: np.ndarray) -> float:
    """Returns the score from which on calling claims supported gives the best F1."""
    return float(max(np.unique(scores), key=lambda least: precision_recall_f1(truth, scores >= least)[2]))


def precision_recall_f1(truth: np.ndarray, called: np.ndarray) -> tuple[float, float, float]:
    right = float((truth & called).sum())
    precision, recall = right / max(1, called.sum()), right / max(1, truth.sum())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def area(truth: np.ndarray, scores: np.ndarray) -> float:
    """Returns the area under the ROC curve: how often a supported claim scores above another, ties counting half."""
    yes, no = scores[truth], scores[~truth]
    return float(((yes[:, None] > no).sum() + (yes[:, None] == no).sum() / 2) / max(1, len(yes) * len(no)))
