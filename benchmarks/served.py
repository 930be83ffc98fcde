"""How much of an embedding server is used: ``python -m benchmarks.served http://127.0.0.1:8000/v1 MODEL``.

A plain load generator (requests of 16 passages, so many at a time), the app's own client and an import of documents,
from reading to the index, embed the same words in turns; prints passages a second of each, the ratio, and the
processor time of this process, so that a busy machine is told from a server that waits. ``--double MILLISECONDS``
starts a server of its own, in another process, that sleeps so long for each passage in each of so many requests.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app import App
from kb.config import EmbeddingSettings, Settings
from kb.models.embed.choose import choose
from kb.models.embed.served.probe_texts import long_words
from kb.ports import Embedder
from kb.types import OWNER

_WINDOW = 256
"""Passages that an import embeds at a time."""
_WINDOWS = 2
"""Of them, how many at a time."""
_TOGETHER = 16
_OF_DOCUMENT = 64
"""Passages of a document that is imported."""


@dataclass
class Measured:
    """The rounds of one who embeds."""

    name: str
    speeds: list[float] = field(default_factory=list)
    """Passages a second."""
    processor: list[float] = field(default_factory=list)
    """Seconds of it for each second."""

    def add(self, work: Callable[[], int]) -> None:
        """Runs ``work``, which returns how many passages it embedded."""
        began, computed = time.perf_counter(), time.process_time()
        count = work()
        seconds = time.perf_counter() - began
        self.speeds.append(count / seconds)
        self.processor.append((time.process_time() - computed) / seconds)


def main() -> None:
    """Prints one figure a line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("url", nargs="?")
    options.add_argument("model", nargs="?", default="auto")
    options.add_argument("--double", type=float, metavar="MILLISECONDS")
    options.add_argument("--passages", type=int, default=1024)
    options.add_argument("--words", type=int, default=150)
    options.add_argument("--at-once", type=int, default=16)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    if given.double is None:
        if given.url is None:
            options.error("name the address of a server, or --double")
        _compare(given.url, given)
        return
    with _double(given.double) as url:
        _compare(url, given)


def _compare(url: str, given: argparse.Namespace) -> None:
    plain, client, imported = rows = [
        Measured(f"plain load generator, {given.at_once} at once"),
        Measured("client"),
        Measured("import"),
    ]
    words = long_words(given.words * given.passages).split()
    passages = [" ".join(words[start : start + given.words]) for start in range(0, len(words), given.words)]
    asked = EmbeddingSettings(engine="endpoint", url=url, model=given.model)
    with tempfile.TemporaryDirectory() as home:
        embedder, _ = choose(Settings(home=Path(home), embedding=asked))
        print(embedder.engine_status)
        for number in range(given.rounds):
            settings = Settings(home=Path(home, str(number)), embedding=asked)
            _import(settings, passages, imported)
            plain.add(lambda: _plain(url, given.model, passages, at_once=given.at_once))
            client.add(lambda: _by_client(embedder, passages))
        embedder.close()
    for row in rows:
        ratios = [own / first for own, first in zip(row.speeds, plain.speeds, strict=True)]
        print(
            f"{row.name}: {statistics.median(row.speeds):.0f} passages/s, {statistics.median(ratios):.3f} of the first "
            f"({', '.join(f'{one:.3f}' for one in ratios)}); processor {statistics.median(row.processor):.2f}"
        )


def _plain(url: str, model: str, passages: list[str], *, at_once: int) -> int:
    groups = [passages[start : start + _TOGETHER] for start in range(0, len(passages), _TOGETHER)]
    with httpx.Client(timeout=600) as client, ThreadPoolExecutor(at_once) as pool:

        def post(texts: list[str]) -> None:
            reply = client.post(f"{url}/embeddings", json={"model": model, "input": texts})
            reply.raise_for_status()
            assert len(reply.json()["data"]) == len(texts)

        list(pool.map(post, groups))
    return len(passages)


def _by_client(embedder: Embedder, passages: list[str]) -> int:
    """Embeds as an import does: some windows at a time."""
    windows = [passages[start : start + _WINDOW] for start in range(0, len(passages), _WINDOW)]
    with ThreadPoolExecutor(_WINDOWS) as pool:
        return sum(len(vectors) for vectors in pool.map(embedder.embed_documents, windows))


def _import(settings: Settings, passages: list[str], measured: Measured) -> None:
    """Imports documents of some passages each, and measures until the last one can be found."""
    app = App()
    kb = app.open(settings)
    kb.maintenance.lock()
    kb.ingest_parts().open_engine().embedder.warm_up()
    _ = app.sandbox
    worker = app.worker(kb)

    def work() -> int:
        for start in range(0, len(passages), _OF_DOCUMENT):
            source = settings.home / f"report-{start}.txt"
            source.write_text("\n\n".join(passages[start : start + _OF_DOCUMENT]), encoding="utf-8")
            kb.library.add(source, source.name, caller=OWNER)
        while kb.jobs.due():
            time.sleep(0.02)
        return sum(document.chunks for document in kb.library.documents(limit=-1, caller=OWNER))

    worker.start()
    try:
        measured.add(work)
    finally:
        worker.stop()
        kb.close()
        app.close()


@contextmanager
def _double(milliseconds: float) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.doubles.slow_embedding_server", str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
