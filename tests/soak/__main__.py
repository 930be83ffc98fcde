"""Whether the app keeps the memory and the files that it took.

``python -m tests.soak --minutes 20`` works for that long; ``--book 500`` imports one PDF of so many pages;
``--small-files 10000`` so many small files; ``--paragraphs 900000`` one DOCX of so many. Several may be given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.run import MOST_GROWTH, MOST_SLOPE, book, many_paragraphs, small_files, soak


def main() -> int:
    """Prints the figures; returns 1 when one is beyond what is allowed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, help="work for so long")
    parser.add_argument("--book", type=int, metavar="PAGES", help="import one PDF")
    parser.add_argument("--small-files", type=int, metavar="N", help="import many files")
    parser.add_argument("--paragraphs", type=int, metavar="N", help="import one DOCX")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stand-in", action="store_true", help="no real embedding model: quicker")
    options = parser.parse_args()
    embedder = None if options.stand_in else "bundled"
    within = True
    with tempfile.TemporaryDirectory(prefix="footnote-soak-") as folder:
        if options.book:
            growth = book(Path(folder) / "book", pages=options.book, embedder=embedder)
            print(*growth.lines(), sep="\n", flush=True)
            within &= growth.tree <= MOST_GROWTH
        if options.small_files:
            growth = small_files(Path(folder) / "small", count=options.small_files, seed=options.seed)
            print(*growth.lines(), sep="\n", flush=True)
            within &= growth.tree <= MOST_GROWTH
        if options.paragraphs:
            growth = many_paragraphs(Path(folder) / "many", count=options.paragraphs)
            print(*growth.lines(), sep="\n", flush=True)
            within &= growth.app <= MOST_GROWTH
        if options.minutes or not (options.book or options.small_files or options.paragraphs):
            outcome = soak(
                Path(folder) / "soak", minutes=options.minutes or 20, seed=options.seed, embedder=embedder
            )
            print(*outcome.lines(), *sorted(set(outcome.work.faults)), f"seed {options.seed}", sep="\n")
            first, last = outcome.handles
            within &= outcome.slope < MOST_SLOPE and last <= first + 2 and not outcome.work.faults
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
