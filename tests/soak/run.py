"""The app at work for a long time, over one long document, and over many small ones: does it keep what it took?"""

from __future__ import annotations

import io
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from reportlab.pdfgen.canvas import Canvas

from tests.data.make_samples import write_docx
from tests.harness.app_process import AppOptions, AppProcess
from tests.harness.papers import SUFFIXES, WORDS, make_paper
from tests.soak.watch import Sample, Watch, floors, slope

MOST_SLOPE = 1.0
"""Megabytes a minute."""
MOST_GROWTH = 400
"""Megabytes above idle."""
_MEGABYTE = 1 << 20
_DOCUMENTS = 60
"""So many stand at a time; then the oldest goes."""
_WARM_UP_SHARE = 0.25
"""Of a soak: caches fill, indexes reach their size; it is not counted."""
_LOOKS_A_SOAK = 2000
_FINAL = ("ready", "failed", "cancelled")
_PAGE_LINES = 45


@dataclass(slots=True)
class Work:
    """What was done meanwhile."""

    added: int = 0
    removed: int = 0
    asked: int = 0
    answered: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Soak:
    """Memory and handles over time, under a steady mixture of work."""

    minutes: float
    work: Work
    samples: list[Sample]

    @property
    def counted(self) -> list[Sample]:
        """Those after the warm-up."""
        warm = self.minutes * 60 * _WARM_UP_SHARE
        return [sample for sample in self.samples if sample.at >= warm]

    @property
    def slope(self) -> float:
        """Of the memory that the process itself keeps, in megabytes a minute: the line through each minute's least.

        What a batch takes and gives back is left out; how often it is seen depends on what else the machine does.
        """
        return slope(floors(self.counted, seconds=60), "app_bytes") * 60 / _MEGABYTE

    @property
    def slope_of_all(self) -> float:
        """The same through all samples."""
        return slope(self.counted, "app_bytes") * 60 / _MEGABYTE

    @property
    def handles(self) -> tuple[int, int]:
        """The most in the first and in the last third of what is counted."""
        counted = self.counted
        third = max(1, len(counted) // 3)
        return max((s.handles for s in counted[:third]), default=0), max(
            (s.handles for s in counted[-third:]), default=0
        )

    def lines(self) -> list[str]:
        """For people."""
        work, (first, last) = self.work, self.handles
        least = floors(self.counted, seconds=60)
        app = [sample.app_bytes / _MEGABYTE for sample in self.counted] or [0.0]
        return [
            f"{self.minutes:.1f} minutes: {work.added} documents added, {work.removed} removed, "
            f"{work.answered} of {work.asked} questions answered, {len(work.faults)} faults",
            f"memory after warm-up: from {min(app):.0f} to {max(app):.0f} MB; what is kept grows by "
            f"{self.slope:+.2f} MB a minute (allowed: {MOST_SLOPE}), all samples by {self.slope_of_all:+.2f}; "
            f"each minute's least: {', '.join(f'{s.app_bytes / _MEGABYTE:.0f}' for s in least)}",
            f"file handles: at most {first} in the first third, {last} in the last",
        ]


@dataclass(frozen=True, slots=True)
class Growth:
    """Memory during one task, against idle before it."""

    what: str
    idle: Sample
    samples: list[Sample]
    seconds: float
    refused: tuple[str, ...] = ()
    """Why documents failed, a sentence each."""

    @property
    def app(self) -> float:
        """Megabytes above idle, of the process itself, at the worst moment."""
        return (max(sample.app_bytes for sample in self.samples) - self.idle.app_bytes) / _MEGABYTE

    @property
    def tree(self) -> float:
        """The same with the parsers' processes."""
        return (max(sample.tree_bytes for sample in self.samples) - self.idle.tree_bytes) / _MEGABYTE

    @property
    def later(self) -> float:
        """Megabytes by which the second half's peak of the process itself is above the first half's."""
        middle = len(self.samples) // 2
        first, second = self.samples[:middle], self.samples[middle:]
        peaks = [max((sample.app_bytes for sample in half), default=0) for half in (first, second)]
        return (peaks[1] - peaks[0]) / _MEGABYTE

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"{self.what} in {self.seconds:.0f} s: idle {self.idle.app_bytes / _MEGABYTE:.0f} MB, "
            f"at most {self.app:.0f} MB above that, {self.tree:.0f} MB with the parsers' processes "
            f"(allowed: {MOST_GROWTH}); the second half {self.later:+.0f} MB against the first",
            *self.refused,
        ]


def soak(home: Path, *, minutes: float, seed: int, embedder: str | None = "bundled") -> Soak:
    """Imports, removals and questions for ``minutes``; ``embedder=None`` uses a stand-in."""
    with _running(home, embedder) as app:
        _warm(app)
        watch = Watch(app.pid, seconds=max(0.1, minutes * 60 / _LOOKS_A_SOAK))
        work = Work()
        until = time.monotonic() + minutes * 60
        threads = [
            threading.Thread(
                target=_work, args=(task, app, random.Random(f"{seed} {task.__name__}"), work, until)
            )
            for task in (_write_once, _ask_once)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Soak(minutes, work, watch.end())


def book(home: Path, *, pages: int, embedder: str | None = "bundled") -> Growth:
    """One long PDF."""
    content = _book(random.Random(pages), pages)
    return _growth(home, f"a PDF of {pages} pages", [("book.pdf", content)], embedder)


def many_paragraphs(home: Path, *, count: int, embedder: str | None = None) -> Growth:
    """One DOCX of very many short paragraphs, each with 24 characters that do not compress."""
    rng = random.Random(count)
    body = "".join(f"<w:p><w:r><w:t>{rng.randbytes(12).hex()}</w:t></w:r></w:p>" for _ in range(count))
    content = write_docx(home.with_suffix(".docx"), body).read_bytes()
    return _growth(home, f"a DOCX of {count} paragraphs", [("many.docx", content)], embedder)


def small_files(home: Path, *, count: int, seed: int, embedder: str | None = None) -> Growth:
    """Many short documents."""
    rng = random.Random(seed)
    files = (
        (f"{number:05} note{suffix}", make_paper(rng, suffix, paragraphs=rng.randint(1, 4)).content)
        for number in range(count)
        for suffix in (SUFFIXES[number % 2],)
    )
    return _growth(home, f"{count} small files", files, embedder)


# --- Long work --------------------------------------------------------------------------------


def _work(
    task: Callable[[httpx.Client, random.Random, Work], None],
    app: AppProcess,
    rng: random.Random,
    work: Work,
    until: float,
) -> None:
    with app.client(timeout=120) as client:
        while time.monotonic() < until:
            try:
                task(client, rng, work)
            except httpx.HTTPError as error:
                work.faults.append(f"{task.__name__}: {type(error).__name__}: {error}")
            time.sleep(rng.uniform(0, 0.5))


def _write_once(client: httpx.Client, rng: random.Random, work: Work) -> None:
    """A new paper, or a new version of one; the oldest go."""
    suffix = rng.choice(SUFFIXES)
    name = f"paper {rng.randrange(_DOCUMENTS * 2)}{suffix}"
    _add(client, name, make_paper(rng, suffix, paragraphs=rng.randint(1, 30)).content)
    work.added += 1
    listed = client.get("/api/documents", params={"limit": 1000}).raise_for_status().json()["documents"]
    for document in listed[_DOCUMENTS:]:
        client.delete(f"/api/documents/{document['id']}")
        work.removed += 1


def _ask_once(client: httpx.Client, rng: random.Random, work: Work) -> None:
    """A question, answered to its end."""
    work.asked += 1
    question = f"What is said of the {rng.choice(WORDS)} and the {rng.choice(WORDS)}?"
    answer = client.post("/api/ask", json={"question": question}).raise_for_status()
    last = json.loads(answer.text.splitlines()[-1])
    if last["event"] == "answer":
        work.answered += 1
    else:
        work.faults.append(f"a question ended with {last}")


# --- One task against idle --------------------------------------------------------------------


def _growth(
    home: Path, what: str, files: list[tuple[str, bytes]] | Iterator[tuple[str, bytes]], embedder: str | None
) -> Growth:
    with _running(home, embedder) as app:
        _warm(app)
        watch = Watch(app.pid, seconds=0.05)
        time.sleep(1.0)
        idle = watch.samples[-1]
        begun = time.monotonic()
        with app.client(timeout=120) as client:
            for name, content in files:
                _add(client, name, content)
            _wait(client)
            seconds = time.monotonic() - begun
            failed = [each for each in _page(client, 0)["documents"] if each["state"] == "failed"]
        samples = [sample for sample in watch.end() if sample.at > idle.at]
        return Growth(what, idle, samples, seconds, tuple(each["reason"] for each in failed))


@contextmanager
def _running(home: Path, embedder: str | None) -> Iterator[AppProcess]:
    options = AppOptions(home, fresh=True, seconds_a_text=0.0)
    app = AppProcess(options if embedder is None else AppOptions(home, fresh=True, embedder=embedder))
    app.start()
    try:
        yield app
    finally:
        app.stop()


def _warm(app: AppProcess) -> None:
    """The model is loaded, every parser has run, a question was answered: what comes on top is what is measured."""
    rng = random.Random(0)
    with app.client(timeout=300) as client:
        for suffix in SUFFIXES:
            _add(client, f"first{suffix}", make_paper(rng, suffix, paragraphs=12).content)
        _wait(client)
        _ask_once(client, rng, Work())


def _add(client: httpx.Client, name: str, content: bytes) -> None:
    form = {"name": name, "same_name": "version"}
    client.post("/api/documents", files={"file": (name, content)}, data=form).raise_for_status()


def _wait(client: httpx.Client) -> None:
    """Until nothing is at work: the newest are last in the queue, so the last page is looked at too."""
    while True:
        first = client.get("/api/documents", params={"limit": 1000}).raise_for_status().json()
        rest = range(1000, first["total"], 1000)
        pages = [first, *(_page(client, start) for start in rest)]
        if all(document["state"] in _FINAL for page in pages for document in page["documents"]):
            return
        time.sleep(1.0)


def _page(client: httpx.Client, start: int) -> dict[str, list[dict[str, str]]]:
    answer = client.get("/api/documents", params={"limit": 1000, "offset": start})
    page: dict[str, list[dict[str, str]]] = answer.raise_for_status().json()
    return page


def _book(rng: random.Random, pages: int) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in range(pages):
        canvas.drawString(60, 800, f"Chapter {page}")
        for line in range(_PAGE_LINES):
            canvas.drawString(60, 780 - 16 * line, " ".join(rng.choices(WORDS, k=12)) + ".")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
