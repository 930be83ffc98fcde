"""``python -m tests.crash --kills 1000 --seed 1``: nothing acknowledged is lost, whenever the app is killed.

``--unsafe NAME`` puts a fault into the app, to show that the harness would see it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash import faults
from tests.crash.run import Plan, run
from tests.harness.unsafe import UNSAFE


def main() -> int:
    """Prints the figures; returns 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--faults", type=int, help="spoil the files beside the originals so often, instead")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="an empty or absent data folder, kept afterwards")
    parser.add_argument("--documents", type=int, default=0, help="a library to begin with")
    parser.add_argument("--embedder", help="a real embedding model, as in the setting: bundled")
    parser.add_argument(
        "--fresh", action="store_true", help="every life is a new interpreter, imports included"
    )
    parser.add_argument("--unsafe", choices=sorted(UNSAFE), help="put this fault in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footnote-crash-") as folder:
        home = options.home or Path(folder) / "home"
        if options.faults:
            spoiled = faults.run(
                home, faults=options.faults, seed=options.seed, report=_say, unsafe=options.unsafe
            )
            print(*spoiled.lines(), f"seed {options.seed}", sep="\n")
            return 1 if spoiled.total("originals_lost") or spoiled.total("failed_starts") else 0
        plan = Plan(
            home=home,
            kills=options.kills,
            seed=options.seed,
            unsafe=options.unsafe,
            embedder=options.embedder,
            fresh=options.fresh,
            documents=options.documents,
        )
        outcome = run(plan, report=_say)
    print(*outcome.lines(), f"seed {options.seed}", sep="\n")
    return 1 if outcome.violations else 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
