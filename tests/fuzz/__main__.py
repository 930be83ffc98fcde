"""``python -m tests.fuzz --files 10000 --seed 1``: whatever file comes, it ends in a state with a reason."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.run import run
from tests.fuzz.sources import own_sources, shared_sources


def main() -> int:
    """Prints the figures; returns 1 when something happened that must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the app's data and the files of findings")
    options = parser.parse_args()
    sources = [*own_sources(), *shared_sources()]
    print(f"{len(sources)} real files to damage", flush=True)
    with tempfile.TemporaryDirectory(prefix="footnote-fuzz-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = run(
            sources,
            files=options.files,
            seed=options.seed,
            folder=folder,
            report=lambda line: print(line, flush=True),
        )
    for finding in outcome.findings:
        print(f"{finding.file.name}: {finding.what} [{finding.mutation}]")
    print(*outcome.lines(), f"seed {options.seed}", sep="\n")
    return 1 if outcome.findings or outcome.exits else 0


if __name__ == "__main__":
    sys.exit(main())
