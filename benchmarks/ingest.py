"""What importing costs: time over the bare encoding, waiting questions, start-up, memory.

python -m benchmarks.ingest [FOLDER]     the files of FOLDER; by default the shared e2e documents

Every ratio is of one run on one machine; ``benchmarks.overhead`` has more of them. ``--only NAME`` runs one part.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from app import App
from kb.config import EmbeddingSettings, Settings
from kb.knowledge_base import KnowledgeBase
from kb.models.embed.bundled import unpack
from kb.types import OWNER, Question

ROOT = Path(__file__).parents[1]
DEFAULT_FOLDER = ROOT.parent / "shared" / "eval" / "e2e" / "docs"
QUESTIONS = (
    "Who was the first to describe the force between two charges?",
    "这座城市的人口是多少？",
    "When did the expedition reach the southern coast?",
    "哪一年签订了和平条约？",
    "What does the treaty say about fishing?",
)
_LONG_PDF_WORDS = (
    *("the", "of", "and", "to", "in", "is", "was", "for", "on", "with", "as", "by", "at", "from", "that"),
    *("river", "bridge", "town", "council", "report", "year", "winter", "harbour", "engine", "letter"),
    *("market", "garden", "village", "station", "railway", "island", "history", "science", "water", "paper"),
)
ENGINES = ("torch", "openvino", "onnx")
_PARTS = ("encode", "questions", "start", "memory")
_SAMPLE_SECONDS = 0.1


def main() -> None:
    """Prints one figure a line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    options.add_argument("--rounds", type=int, default=3, help="imports and bare encodings, in turns")
    options.add_argument(
        "--pages", type=int, default=500, help="of the PDF whose import is watched for memory"
    )
    options.add_argument("--only", choices=_PARTS, action="append", help="run this part alone")
    given = options.parse_args()
    logging.disable(logging.WARNING)
    files = sorted(path for path in given.folder.glob("*") if path.is_file())
    if not files:
        options.error(f"{given.folder} holds no files; name a folder of documents")
    parts = given.only or _PARTS
    with tempfile.TemporaryDirectory() as temporary:
        models = Path(temporary, "models")
        unpack(models)
        if "encode" in parts:
            _encode(files, Path(temporary), models, rounds=given.rounds)
        if "questions" in parts:
            _questions(files, _home(Path(temporary), "questions", models))
        if "start" in parts:
            _start(_home(Path(temporary), "start", models))
        if "memory" in parts:
            _memory(Path(temporary), _home(Path(temporary), "memory", models), pages=given.pages)


def _home(folder: Path, name: str, models: Path) -> Path:
    """Returns a fresh data folder that need not unpack the model."""
    home = folder / name
    home.mkdir()
    (home / "models").symlink_to(models)
    return home


@contextmanager
def _opened(home: Path, engine: str = "auto") -> Iterator[tuple[App, KnowledgeBase]]:
    app = App()
    embedding = EmbeddingSettings.model_validate({"model": "bundled", "engine": engine})
    kb = app.open(Settings(home=home, embedding=embedding))
    kb.maintenance.lock()
    try:
        yield app, kb
    finally:
        kb.close()
        app.close()


# --- Time over the bare encoding --------------------------------------------------------------


def _encode(files: Sequence[Path], folder: Path, models: Path, *, rounds: int) -> None:
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(str(models / "multilingual-e5-small"), device="cpu", local_files_only=True)
    ratios: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    texts: list[str] = []
    for number in range(rounds):
        ours = {}
        for engine in ENGINES:
            with _opened(_home(folder, f"{engine}{number}", models), engine) as (app, kb):
                kb.ingest_parts().open_engine().embedder.warm_up()
                _ = app.sandbox
                ours[engine] = _import(app, kb, files)
                print(f"  {kb.embedder_status()}")
                documents = kb.library.documents(limit=-1, caller=OWNER)
                texts = [
                    chunk.embedded_text
                    for one in documents
                    for chunk in kb.library.passages(one.id, caller=OWNER)
                ]
        theirs = _seconds_of_encode(bare, texts)
        for engine, seconds in ours.items():
            ratios[engine].append(seconds / theirs)
        imports = ", ".join(f"import by {engine} {seconds:.1f} s" for engine, seconds in ours.items())
        print(f"  {len(files)} files, {len(texts)} chunks: {imports}, bare encode in float32 {theirs:.1f} s")
    for engine, found in ratios.items():
        listed = ", ".join(f"{ratio:.2f}" for ratio in found)
        print(
            f"import by {engine} over the bare encode of its chunks: {statistics.median(found):.2f} ({listed})"
        )
    print("at most .40 where the processor has bfloat16 or VNNI, .60 with AVX2, 1.15 for PyTorch")


def _import(app: App, kb: KnowledgeBase, files: Sequence[Path]) -> float:
    """Returns the seconds from the first file to the last one ready."""
    worker = app.worker(kb)
    worker.start()
    try:
        started = time.perf_counter()
        for file in files:
            kb.library.add(file, file.name, caller=OWNER)
        _wait_until_settled(kb)
        return time.perf_counter() - started
    finally:
        worker.stop()


def _seconds_of_encode(bare: object, texts: list[str]) -> float:
    from sentence_transformers import SentenceTransformer

    assert isinstance(bare, SentenceTransformer)
    started = time.perf_counter()
    bare.encode(texts, prompt_name="document", show_progress_bar=False)
    return time.perf_counter() - started


def _wait_until_settled(kb: KnowledgeBase) -> None:
    while not all(document.state.is_final for document in kb.library.documents(limit=-1, caller=OWNER)):
        time.sleep(0.05)


# --- Questions while files are imported -------------------------------------------------------


def _questions(files: Sequence[Path], home: Path, *, most: int = 200) -> None:
    with _opened(home) as (app, kb):
        kb.ingest_parts().open_engine().embedder.warm_up()
        _import(app, kb, files[:4])
        idle = [_seconds_of_search(kb, number) for number in range(most)]
        done = threading.Event()

        def work() -> None:
            _import(app, kb, files[4:])
            done.set()

        importing = threading.Thread(target=work)
        importing.start()
        time.sleep(2)
        busy: list[float] = []
        while not done.is_set() and len(busy) < most:
            busy.append(_seconds_of_search(kb, len(busy)))
            time.sleep(0.1)
        done_early = len(busy)
        importing.join()
        new = [_seconds_of(kb, text) for text in _written_questions(files[0].parent, most)]
    print(f"a question, idle: p50 {1000 * statistics.median(idle):.0f} ms, p95 {1000 * _p95(idle):.0f} ms")
    print(
        f"a question during an import ({done_early} of them): p50 {1000 * statistics.median(busy):.0f} ms, "
        f"p95 {1000 * _p95(busy):.0f} ms; p95 over idle {_p95(busy) / _p95(idle):.2f}; at most 2"
    )
    if new:
        print(
            f"a new question, asked first ({len(new)} of them): p50 {1000 * statistics.median(new):.0f} ms, "
            f"p95 {1000 * _p95(new):.0f} ms; at most 35 and 250"
        )


def _seconds_of_search(kb: KnowledgeBase, number: int) -> float:
    """Of a question that differs from former ones in a number: it finds what was looked at before."""
    return _seconds_of(kb, f"{QUESTIONS[number % len(QUESTIONS)]} {number}")


def _seconds_of(kb: KnowledgeBase, text: str) -> float:
    started = time.perf_counter()
    asyncio.run(kb.query_engine.search(Question(text)))
    return time.perf_counter() - started


def _written_questions(folder: Path, most: int) -> list[str]:
    """Returns questions that were written about the files, from all over them; none where there is no such list."""
    listed = folder.parent / "queries.jsonl"
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    return [json.loads(line)["text"] for line in lines[:: max(1, len(lines) // most)][:most]]


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


# --- The first page, and memory ---------------------------------------------------------------


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, psutil.Process, float]]:
    """The app in a process of its own: its address, the process, and the seconds to its first page."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "app.py"), "serve", "--home", str(home), "--port", str(port)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
        address = f"http://127.0.0.1:{port}"
        while not _answers(address):
            time.sleep(0.02)
        try:
            yield address, psutil.Process(process.pid), time.perf_counter() - started
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False, timeout=30).is_success
    except httpx.TransportError:
        return False


def _start(home: Path) -> None:
    seconds = []
    for _ in range(3):
        with _served(home) as (_, _process, first_page):
            seconds.append(first_page)
    listed = ", ".join(f"{value:.1f}" for value in seconds)
    print(f"first page after start: {statistics.median(seconds):.1f} s ({listed}); at most 4")


def _memory(folder: Path, home: Path, *, pages: int) -> None:
    pdf = folder / "long.pdf"
    write_long_pdf(pdf, pages)
    with _served(home) as (address, process, _):
        _settle(address, process)
        idle = process.memory_info().rss
        with pdf.open("rb") as opened:
            httpx.post(f"{address}/api/documents", files={"file": opened}, trust_env=False).raise_for_status()
        samples = [idle]
        while _state(address) not in ("ready", "failed"):
            samples.append(process.memory_info().rss)
            time.sleep(_SAMPLE_SECONDS)
        state = _state(address)
    half = samples[len(samples) // 2 :]
    print(
        f"memory while a PDF of {pages} pages is imported ({state}): idle {idle / 1e6:.0f} MB, "
        f"{(max(samples) - idle) / 1e6:.0f} MB more at the peak, "
        f"{min(half) / 1e6:.0f} to {max(half) / 1e6:.0f} MB in the second half"
    )
    with _opened(home) as (_, kb):
        texts = [
            chunk.embedded_text
            for chunk in kb.library.passages(kb.library.documents(caller=OWNER)[0].id, caller=OWNER)
        ]
    bare = _growth_of_encode(home / "models" / "multilingual-e5-small", texts)
    own = (max(samples) - idle) / 1e6 - bare
    print(
        f"  the bare encode of its chunks takes {bare:.0f} MB more, too; the app aside from it {own:.0f}; at most 400"
    )


_ENCODE = """
import json, sys, psutil
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True)
model.encode(["ready?"])
before = psutil.Process().memory_info().rss
texts = json.load(sys.stdin)
for start in range(0, len(texts), 256):
    model.encode(texts[start : start + 256], prompt_name="document", show_progress_bar=False)
print((psutil.Process().memory_info().rss - before) / 1e6)
"""


def _growth_of_encode(model: Path, texts: list[str]) -> float:
    """Returns the megabytes by which a process grows that only encodes ``texts``."""
    command = [sys.executable, "-c", _ENCODE, str(model)]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    return float(done.stdout)


def _settle(address: str, process: psutil.Process) -> None:
    """Waits until the model is loaded: a question is answered, and memory is constant."""
    httpx.get(
        f"{address}/api/search", params={"q": "ready?"}, trust_env=False, timeout=120
    ).raise_for_status()
    before = -1
    while abs((now := process.memory_info().rss) - before) > 1_000_000:
        before = now
        time.sleep(1)


def _state(address: str) -> str:
    found = httpx.get(f"{address}/api/documents", trust_env=False, timeout=30).json()["documents"]
    return str(found[0]["state"])


def write_long_pdf(path: Path, pages: int) -> None:
    """Writes a PDF of ``pages`` pages of seeded text, about 300 words each, no two alike."""
    import random

    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    rng = random.Random(0)
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    for _ in range(pages):
        text = canvas.beginText(60, 780)
        text.setFont("Helvetica", 10)
        for _ in range(30):
            text.textLine(
                f"{' '.join(rng.choices(_LONG_PDF_WORDS, k=9))} {rng.randint(1, 9999)}.".capitalize()
            )
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()


if __name__ == "__main__":
    main()
