"""``python -m tests.backup_load --backups 20``: backups taken under load, each of which has to restore whole."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.backup_load.run import run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backups", type=int, default=20)
    parser.add_argument("--documents", type=int, default=300, help="how many the library begins with")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), backups=options.backups, documents=options.documents)
    print(
        f"{options.backups} backups of {options.documents} documents under load, {time.monotonic() - started:.0f} s: "
        f"{outcome.added} documents added and {outcome.removed} removed meanwhile; "
        f"{outcome.restored} restored with equal hashes, {len(outcome.wrong)} wrong; "
        f"slowest {max(outcome.seconds):.1f} s; all of them together take {outcome.extra_bytes / 1e6:.0f} MB more "
        f"than the library's {outcome.library_bytes / 1e6:.0f} MB"
    )
    for entry in outcome.wrong[:10]:
        print(f"  {entry}")
    return 1 if outcome.wrong or outcome.restored != options.backups else 0


if __name__ == "__main__":
    sys.exit(main())
