"""How well the check of footnotes tells what a passage supports: ``python -m benchmarks.citations [--eval FOLDER]``.

"Supported" is what is measured: precision is the share of sentences called supported that are,
recall the share of supported ones that are called so. The figures of ``kb.answer.verify.support`` were chosen on
the groups (articles, conversations) of one half; both halves are reported.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.cached import bundled_embedder
from benchmarks.citation_cases import Case, cases
from kb.answer.verify.support import Verdict, judge
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.text.sentences import passage_sentences
from kb.types import Support

DEFAULT_EVAL = Path(__file__).parents[1].parent / "shared" / "eval"
_RESAMPLES = 1000


def main() -> None:
    """Prints the table by kind, then precision and recall of both halves and of all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--eval", type=Path, default=DEFAULT_EVAL)
    options.add_argument("--most", type=int, default=400, help="cases of a kind")
    options.add_argument(
        "--wrong", metavar="KIND", help="print the cases of this kind that are judged wrongly"
    )
    given = options.parse_args()
    found = cases(given.eval, most=given.most)
    with bundled_embedder() as embedder:
        verdicts = judged(found, embedder)
    _print_kinds(found, verdicts)
    for name, chosen in (
        ("chosen on", lambda case: case.group // 2 % 2 == 0),
        ("reported on", lambda case: case.group // 2 % 2 == 1),
        ("all", lambda _case: True),
    ):
        _print_figures(name, found, verdicts, chosen)
    for case, verdict in zip(found, verdicts, strict=True):
        if case.kind == given.wrong and (verdict.support is Support.SUPPORTED) != case.supported:
            print(f"{verdict.support.value} ({verdict.reason}): {case.claim}")


def judged(found: Sequence[Case], embedder: RememberingEmbedder) -> list[Verdict]:
    """Returns the verdict of the check on each case."""
    similarity = SentenceSimilarity(embedder, seconds=3600)
    verdicts = []
    for case in found:
        texts = [[text[start:end] for start, end in passage_sentences(text)] for text in case.passages]
        cosines = [similarity.between([case.claim], part)[0].tolist() for part in texts]
        verdicts.append(
            judge(case.claim, case.passages, cosines, thresholds=similarity.thresholds.attribution)
        )
    return verdicts


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
