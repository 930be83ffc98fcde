"""``python -m tests.load.cold``: fifty clients search as the app starts, with a model that is not loaded yet.

The real app in a new interpreter, on a library of some documents. Meanwhile requests that need no model are sent one
after the other; prints how long the slowest of them took.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.harness.app_process import AppOptions, AppProcess
from tests.waiting import wait_until

LIGHT = ("/api/status", "/api/documents?limit=20", "/api/queue")
_DOCUMENTS = 20
_MOST_SECONDS = 1.0
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the clients saw."""

    statuses: tuple[int, ...]
    """Of the searches."""
    searched: float
    """Seconds after which the last search was answered."""
    light: tuple[float, ...]
    """Seconds of each request that needs no model, sent while searches waited."""

    @property
    def kept(self) -> bool:
        """Whether all were answered, and nothing light waited for the model."""
        return set(self.statuses) == {200} and max(self.light) < _MOST_SECONDS


def run(home: Path, *, clients: int, embedder: str, fresh: bool = True) -> Outcome:
    """Fills a library, and asks as soon as the next start of it answers."""
    app = AppProcess(AppOptions(home, embedder=embedder, fresh=fresh))
    app.start()
    try:
        _fill(app)
    finally:
        app.stop()
    app.start()
    try:
        return _asked(app.address, clients)
    finally:
        app.stop()


def _fill(app: AppProcess) -> None:
    with app.client() as client:
        for number in range(_DOCUMENTS):
            text = f"The ferry number {number} leaves the island at {number} o'clock.\n\n" * 20
            client.post(
                "/api/documents", data={"name": f"ferry {number}.txt"}, files={"file": text.encode()}
            ).raise_for_status()

        def ready() -> bool:
            found = client.get("/api/documents").json()["documents"]
            return [each["state"] for each in found] == ["ready"] * _DOCUMENTS

        wait_until(ready, seconds=_PATIENCE_S)


def _asked(address: str, clients: int) -> Outcome:
    def search(number: int) -> int:
        asked = {"q": f"When does the ferry number {number} leave?"}
        return httpx.get(
            f"{address}/api/search", params=asked, timeout=_PATIENCE_S, trust_env=False
        ).status_code

    light, began = [], time.monotonic()
    with ThreadPoolExecutor(clients) as pool, httpx.Client(base_url=address, trust_env=False) as client:
        searches = [pool.submit(search, number) for number in range(clients)]
        while not _all_done(searches):
            for path in LIGHT:
                sent = time.monotonic()
                client.get(path, timeout=_PATIENCE_S).raise_for_status()
                light.append(time.monotonic() - sent)
        searched = time.monotonic() - began
    return Outcome(tuple(each.result() for each in searches), searched, tuple(light))


def _all_done(searches: Sequence[Future[int]]) -> bool:
    return all(each.done() for each in searches)


def main() -> int:
    """Prints the figures; returns 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.cold", description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--embedder", default="bundled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footnote-cold-") as folder:
        outcome = run(Path(folder) / "home", clients=options.clients, embedder=options.embedder)
    answered = sum(status == 200 for status in outcome.statuses)
    light = sorted(outcome.light)
    sys.stdout.write(
        f"{answered} of {options.clients} searches answered, the last after {outcome.searched:.1f} s; "
        f"{len(light)} light requests meanwhile: median {light[len(light) // 2]:.3f} s, slowest {light[-1]:.3f} s "
        f"(at most {_MOST_SECONDS:.0f} s)\n"
    )
    return 0 if outcome.kept else 1


if __name__ == "__main__":
    sys.exit(main())
