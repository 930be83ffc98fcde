"""A process that moves the vectors of a library and stands still at a point, to be killed there.

python -m tests.harness.moving_child HOME TO URL POINT
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from kb.index.pair import IndexPair
from kb.types import OWNER
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import open_kb


def main(home: str, to: str, url: str, point: str) -> None:
    """Says "here" on standard output when it has come to ``point``, and waits."""
    kb = open_kb(Path(home), embedder=HashEmbedder())
    kb.embedder()  # opens the indexes
    pair = kb.ingest_parts().open_engine().indexes
    if point in ("before the settings", "after the settings"):
        _stop_at_settings(pair, point)
    kb.vectors.move(
        to, url, caller=OWNER, report=lambda _done, _total: _stop() if point == "filling" else None
    )


def _stop_at_settings(pair: IndexPair, point: str) -> None:
    move = pair.move

    def moved(target: object, *, keep: object, **rest: object) -> bool:
        def kept() -> None:
            if point == "after the settings":
                keep()  # type: ignore[operator]
            _stop()

        return move(target, keep=kept, **rest)  # type: ignore[arg-type]

    pair.move = moved  # type: ignore[method-assign]


def _stop() -> None:
    print("here", flush=True)  # noqa: T201 - the parent reads it
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
