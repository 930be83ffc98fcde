"""What an import takes over the bare call of its engine: ``python -m benchmarks.overhead [FOLDER]``.

Each engine imports the same files, from reading to the index, and then embeds the same passages in one call, in turns
on one machine, once another file of each kind is in: what starts with the first file is not counted. Wall time, and
the processor time of this process with its children (parsers and what they fork for each file, llama.cpp in its own),
which says more on a busy machine. ``torch``, ``openvino`` and ``onnx`` run the bundled model; ``gguf`` and a real
llama.cpp server (``endpoint``) a Qwen3 with random weights; ``ollama`` is a double that sleeps for each passage.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import psutil

from app import App
from kb.config import EmbeddingSettings, Settings
from kb.models.embed.bundled import unpack
from kb.types import OWNER
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_qwen3

DEFAULT_FOLDER = Path(__file__).parents[2] / "shared" / "eval" / "e2e" / "docs"
ENGINES = ("torch", "openvino", "onnx", "gguf", "endpoint", "ollama")
_MOST = 1.15
_CONTEXT = 2048
_LAYERS, _WIDTH = 12, 384
"""Of the random Qwen3: small enough for a short run, and large enough that computing is most of an import."""
_SLEEP_MILLISECONDS = 1000.0
"""Of the double, for each passage, in each of 16 requests."""


_Files: TypeAlias = tuple[Sequence[Path], Sequence[Path]]
"""Those that are imported first, and those that are measured."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the clock, and of the processor."""

    wall: float
    processor: float


def main() -> None:
    """Prints a line for each engine."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    options.add_argument("--engine", choices=ENGINES, action="append", help="this one alone")
    options.add_argument("--files", type=int, default=12)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve is not None:
        _serve(given.serve)
        return
    logging.disable(logging.WARNING)
    found = sorted(path for path in given.folder.glob("*") if path.is_file())
    files, others = found[: given.files], found[given.files :]
    first = list({path.suffix: path for path in others}.values())
    print(f"{len(files)} files; load when it began {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for engine in given.engine or ENGINES:
            _compare(engine, (first, files), folder / engine, rounds=given.rounds)


def _compare(engine: str, files: _Files, folder: Path, *, rounds: int) -> None:
    folder.mkdir()
    walls, processors, passages = [], [], 0
    with ExitStack() as stack:
        embedding = stack.enter_context(_embedding(engine, folder))
        for number in range(rounds):
            home = folder / f"home {number}"
            home.mkdir()
            (home / "models").symlink_to(folder / "models")
            imported, bare, passages = _round(Settings(home=home, embedding=embedding), files)
            walls.append(imported.wall / bare.wall)
            processors.append(imported.processor / bare.processor)
            print(
                f"  {engine}: import {imported.wall:.1f} s, bare {bare.wall:.1f} s; processor {imported.processor:.1f} "
                f"and {bare.processor:.1f} s"
            )
    print(
        f"{engine}, {passages} passages: import over the bare call {statistics.median(walls):.2f} "
        f"({min(walls):.2f} to {max(walls):.2f}), by the processor {statistics.median(processors):.2f}; "
        f"at most {_MOST}"
    )


def _round(settings: Settings, files: _Files) -> tuple[Took, Took, int]:
    """Returns what importing takes, what the bare call takes, and the number of passages."""
    app = App()
    kb = app.open(settings)
    kb.maintenance.lock()
    try:
        embedder = kb.ingest_parts().open_engine().embedder
        embedder.warm_up()
        _ = app.sandbox
        worker = app.worker(kb)
        worker.start()

        def imported(part: Sequence[Path]) -> None:
            for file in part:
                kb.library.add(file, file.name, caller=OWNER)
            while kb.jobs.due():  # to list all documents each time would be a good part of what is measured
                time.sleep(0.02)

        try:
            imported(files[0])
            importing = _took(lambda: imported(files[1]))
        finally:
            worker.stop()
        measured = {file.name for file in files[1]}
        texts = [
            passage.embedded_text
            for document in kb.library.documents(limit=-1, caller=OWNER)
            if document.name in measured
            for passage in kb.library.passages(document.id, caller=OWNER)
        ]
        return importing, _took(lambda: embedder.embed_documents(texts)), len(texts)
    finally:
        kb.close()
        app.close()


def _took(work: Callable[[], object]) -> Took:
    began, computed = time.perf_counter(), _processor_seconds()
    work()
    return Took(time.perf_counter() - began, _processor_seconds() - computed)


def _processor_seconds() -> float:
    """Returns the processor time of this process, its children and theirs, those that ended included."""
    own = os.times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def _embedding(engine: str, folder: Path) -> Iterator[EmbeddingSettings]:
    """The settings of ``engine``, its model made and its server started."""
    models = folder / "models"
    models.mkdir()
    if engine in ("torch", "openvino", "onnx"):
        unpack(models)
        yield EmbeddingSettings.model_validate({"model": "bundled", "engine": engine})
        return
    if engine == "ollama":
        with _child("tests.doubles.slow_embedding_server", str(_SLEEP_MILLISECONDS)) as said:
            url = said["url"].removesuffix("/v1")
            yield EmbeddingSettings(engine="ollama", url=url, model="slow")
        return
    model = tiny_qwen3(folder / "qwen3", max_tokens=_CONTEXT, layers=_LAYERS, width=_WIDTH)
    file = tiny_gguf(model, models / "random.gguf")
    if engine == "gguf":
        yield EmbeddingSettings(engine="gguf", model=file.name)
        return
    with _child("benchmarks.overhead", "--serve", str(file)) as said:
        yield EmbeddingSettings(engine="endpoint", url=said["url"], model=str(model))


@contextmanager
def _child(module: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """A process that prints where it listens, and ends with the block."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def _serve(file: Path) -> None:
    """Serves ``file`` by llama.cpp until it is ended; prints its address."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.embedding = True
    params.n_ctx = params.n_batch = params.n_ubatch = _CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.verbosity = 1
    server = xllamacpp.Server(params)
    sys.stdout.write(json.dumps({"url": f"{server.listening_address}/v1"}) + "\n")
    sys.stdout.flush()
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
