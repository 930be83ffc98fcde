"""``python -m tests.load``: 50 people ask 20 questions each while the model fails 15% of its calls.

Every question must end stored, as an answer or a stated error, and nothing may reach the wrong person.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.load.run import Plan, run


def main() -> int:
    """Prints the figures; returns 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--model-fails", type=float, default=0.15)
    parser.add_argument("--clients-drop", type=float, default=0.10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--embedder", default="paced-a", help="paced-a, or a real one as in the setting: bundled"
    )
    parser.add_argument(
        "--accounts", action="store_true", help="everybody signs in, and sees their own alone"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footnote-load-") as folder:
        plan = Plan(Path(folder) / "home", **vars(options))
        outcome = run(plan, report=lambda line: print(line, flush=True))
    print(*outcome.lines(), f"seed {options.seed}", sep="\n")
    return 0 if outcome.kept else 1


if __name__ == "__main__":
    sys.exit(main())
