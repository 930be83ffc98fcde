"""``python -m tests.full_disk --points 50 --seed 1`` prints the figures; exit code 1 when one is not as it must be."""

from __future__ import annotations

import argparse
import sys
import time

from tests.full_disk.run import reason_to_skip, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := reason_to_skip():
        print(f"skipped: {reason}")
        return 0
    started = time.monotonic()
    ledger = run(options.points, options.seed)
    print(
        f"{options.points} full disks, seed {options.seed}, {time.monotonic() - started:.0f} s: "
        f"{ledger.acknowledged} files acknowledged, {ledger.refused} refused with a sentence, "
        f"{len(ledger.removed)} removed; "
        + ", ".join(f"{len(found)} {name}" for name, found in ledger.bad().items())
    )
    for name, found in ledger.bad().items():
        for entry in found[:10]:
            print(f"  {name}: {entry}")
    return 1 if any(ledger.bad().values()) else 0


if __name__ == "__main__":
    sys.exit(main())
