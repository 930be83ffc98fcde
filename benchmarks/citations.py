"""How well the check of footnotes tells what a passage supports: ``python -m benchmarks.citations [PART ...]``.

``support`` measures it on claims that people labelled, ``scripted`` on cases made by rule; ``fit`` prints the weights.

"Supported" is what is measured: precision is the share of sentences called supported that are,
recall the share of supported ones that are called so. Weights and thresholds were chosen on one half of the claims and
on the groups (articles, conversations) of one half of the cases; both halves are reported.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.cached import bundled_embedder
from benchmarks.citation_cases import Case, cases
from benchmarks.labelled_claims import best_threshold, labelled_claims, print_support
from benchmarks.support_fit import SCRIPTED_SHARE, Example, fitted
from kb.answer.verify.features import features
from kb.answer.verify.support import Verdict, judge, side_by_side
from kb.config.thresholds import default_thresholds
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.text.sentences import passage_sentences
from kb.types import Support

DEFAULT_EVAL = Path(__file__).parents[1].parent / "shared" / "eval"
_CLAIMS = Path("support") / "wice_dev.jsonl"
_PARTS = ["support", "scripted", "fit"]
_RESAMPLES = 1000


def main() -> None:
    """Prints what was asked for: the labelled claims, the scripted cases, the weights."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("what", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)} (the first two)")
    options.add_argument("--eval", type=Path, default=DEFAULT_EVAL)
    options.add_argument("--most", type=int, default=400, help="cases of a kind")
    options.add_argument(
        "--wrong", metavar="KIND", help="print the cases of this kind that are judged wrongly"
    )
    options.add_argument(
        "--words-only", action="store_true", help="no vectors, and so no cases across languages: minutes less"
    )
    given = options.parse_args()
    parts = given.what or _PARTS[:2]
    with bundled_embedder() as embedder:
        check = Check(None if given.words_only else SentenceSimilarity(embedder))
        if "support" in parts:
            print_support(
                labelled_claims(given.eval / _CLAIMS), lambda claim, text: check.verdict(claim, [text])
            )
        if "scripted" in parts:
            found = cases(given.eval, most=given.most)
            if given.words_only:
                found = [case for case in found if "translated" not in case.kind]
            _print_scripted(found, [check.verdict(case.claim, case.passages) for case in found], given.wrong)
        if "fit" in parts:
            _print_fitted(check, given.eval, given.most)


class Check:
    """The product's check of one sentence, with the sentences of its passages compared by meaning."""

    def __init__(self, similarity: SentenceSimilarity | None) -> None:
        """``similarity`` None leaves meaning unknown."""
        self._similarity = similarity

    def verdict(self, claim: str, passages: Sequence[str]) -> Verdict:
        found = self._similarity.thresholds if self._similarity else default_thresholds()
        thresholds = found.attribution
        return judge(claim, passages, self._cosines(claim, passages), thresholds=thresholds)

    def row(self, claim: str, passages: Sequence[str]) -> list[float]:
        """Returns the features that the verdict rests on."""
        return features(*side_by_side(claim, passages, self._cosines(claim, passages)))

    def _cosines(self, claim: str, passages: Sequence[str]) -> list[list[float]]:
        texts = [[text[start:end] for start, end in passage_sentences(text)] for text in passages]
        if self._similarity is None:
            return [[0.0] * len(part) for part in texts]
        return [self._similarity.between([claim], part)[0].tolist() for part in texts]


def _print_fitted(check: Check, folder: Path, most: int) -> None:
    """Prints the weights that the halves to choose on ask for, and the threshold with the best F1 on the claims."""
    claims = [claim for claim in labelled_claims(folder / _CLAIMS) if claim.is_chosen_on]
    rows = [[check.row(claim.claim, [text]) for text in claim.evidence] for claim in claims]
    examples = [Example(own, claim.supported, 1.0) for own, claim in zip(rows, claims, strict=True)]
    others = [
        case for case in cases(folder, most=most) if _is_chosen_on(case) and "translated" not in case.kind
    ]
    open_ones = [case for case in others if check.verdict(case.claim, case.passages).reason is None]
    each = SCRIPTED_SHARE * len(examples) / len(open_ones)
    examples += [Example([check.row(case.claim, case.passages)], case.supported, each) for case in open_ones]
    found = fitted(examples)
    scores = np.array([max(found.scores(own)) for own in rows])
    faulty = [all(check.verdict(claim.claim, [text]).reason for text in claim.evidence) for claim in claims]
    scores[np.array(faulty)] = 0
    truth = np.array([claim.supported for claim in claims])
    print(f"bias = {found.bias}")
    print("weights = { " + ", ".join(f"{name} = {value}" for name, value in found.weights.items()) + " }")
    print(f"best F1 of the labelled claims from {best_threshold(truth, scores):.2f} on")


def _is_chosen_on(case: Case) -> bool:
    return case.group // 2 % 2 == 0


def _print_scripted(found: Sequence[Case], verdicts: Sequence[Verdict], wrong: str | None) -> None:
    _print_kinds(found, verdicts)
    for name, chosen in (
        ("chosen on", _is_chosen_on),
        ("reported on", lambda case: not _is_chosen_on(case)),
        ("all", lambda _case: True),
    ):
        _print_figures(name, found, verdicts, chosen)
    for case, verdict in zip(found, verdicts, strict=True):
        if case.kind == wrong and (verdict.support is Support.SUPPORTED) != case.supported:
            print(f"{verdict.support.value} ({verdict.reason}): {case.claim}")


def _print_kinds(found: Sequence[Case], verdicts: Sequence[Verdict]) -> None:
    print(f"{'kind':36} {'is':11} {'n':>4} {'supported':>10} {'weak':>6} {'unsupported':>12}")
    for kind in sorted({case.kind for case in found}, key=lambda kind: (not _truth(found, kind), kind)):
        here = [verdict.support for case, verdict in zip(found, verdicts, strict=True) if case.kind == kind]
        shares = [here.count(support) / len(here) for support in Support]
        truth = "supported" if _truth(found, kind) else "unsupported"
        print(f"{kind:36} {truth:11} {len(here):4} {shares[0]:10.3f} {shares[1]:6.3f} {shares[2]:12.3f}")


def _truth(found: Sequence[Case], kind: str) -> bool:
    return next(case.supported for case in found if case.kind == kind)


def _print_figures(
    name: str, found: Sequence[Case], verdicts: Sequence[Verdict], chosen: Callable[[Case], bool]
) -> None:
    pairs = [
        (case.supported, verdict.support is Support.SUPPORTED)
        for case, verdict in zip(found, verdicts, strict=True)
        if chosen(case)
    ]
    draw = random.Random(0)
    samples = sorted(_figures(draw.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES))
    recalls = sorted(recall for _, recall in samples)
    low, high = int(0.025 * _RESAMPLES), int(0.975 * _RESAMPLES)
    precision, recall = _figures(pairs)
    print(
        f"{name:12} n={len(pairs):5}  precision {precision:.3f} [{samples[low][0]:.3f}, {samples[high][0]:.3f}]"
        f"  recall {recall:.3f} [{recalls[low]:.3f}, {recalls[high]:.3f}]"
    )


def _figures(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """Returns precision and recall of (is supported, is called supported)."""
    right = sum(truth and called for truth, called in pairs)
    return right / max(1, sum(called for _, called in pairs)), right / max(
        1, sum(truth for truth, _ in pairs)
    )


if __name__ == "__main__":
    main()
