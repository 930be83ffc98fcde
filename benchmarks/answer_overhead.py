"""What the app adds to the first token of an answer, beyond retrieval and the model.

python -m benchmarks.answer_overhead [FOLDER]     documents and questions of FOLDER, by default the shared ``e2e`` set

The real app over HTTP on loopback, its answers streamed from a scripted server of OpenAI's protocol, which notes when
each request came and when its first piece went. Of every question:

    first token at the client - (embedding, search, reranking) - (first piece gone - request come)

What is left is ours: HTTP, storing the question, looking up, judging whether the passages answer it, packing the
prompt. Every question is new, so that nothing of it was looked at before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from kb.models.embed.bundled import unpack
from tests.harness.ports import free_port

ROOT = Path(__file__).parents[1]
DEFAULT_FOLDER = ROOT.parent / "shared" / "eval" / "e2e"
_MODEL = "scripted"
_MOST_MS = 150
_WARM_UP = 10
_READY_S = 900
_RETRIEVAL = ("embed", "search", "rerank")


@dataclass(frozen=True, slots=True)
class Measured:
    """One question, in milliseconds."""

    first_token: float
    retrieval: float
    model: float

    @property
    def overhead(self) -> float:
        return self.first_token - self.retrieval - self.model


def main() -> None:
    """Prints the figures of one run."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    options.add_argument("--questions", type=int, default=200, help="asked one after the other")
    options.add_argument(
        "--model-ms", type=float, default=20.0, help="before the scripted model's first piece"
    )
    given = options.parse_args()
    asked = _questions(given.folder, given.questions + _WARM_UP)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"load before: {load:.2f} on {os.cpu_count()} processors", flush=True)
    with (
        tempfile.TemporaryDirectory() as temporary,
        _scripted(given.model_ms / 1000) as (server, times),
        _served(Path(temporary), server) as address,
    ):
        _import(address, sorted((given.folder / "docs").iterdir()))
        found = [one for text in asked if (one := _ask(address, text, times)) is not None][_WARM_UP:]
    refused = len(asked) - _WARM_UP - len(found)
    print(f"questions answered by the model: {len(found)}; refused before it: {refused}")
    for name in ("first_token", "retrieval", "model", "overhead"):
        values = [getattr(one, name) for one in found]
        print(f"{name.replace('_', ' ')}: p50 {_at(values, 50):.0f} ms, p95 {_at(values, 95):.0f} ms")
    print(f"the overhead is to be at most {_MOST_MS} ms")


def _questions(folder: Path, count: int) -> list[str]:
    """Returns different questions that the documents answer, of either language by turns, in an order of its own."""
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["kind"] == "same_language"]
    random.Random(7).shuffle(rows)  # an order, no secret
    by_language = [[row["text"] for row in rows if row["lang"] == code] for code in ("en", "zh")]
    return [text for pair in zip(*by_language, strict=False) for text in pair][:count]


def _ask(address: str, text: str, times: list[float]) -> Measured | None:
    """Returns what a question took, asked by itself; None where no model was asked."""
    times.clear()
    retrieval, started = 0.0, time.perf_counter()
    first_token = None
    with httpx.stream(
        "POST", f"{address}/api/ask", json={"question": text}, timeout=60, trust_env=False
    ) as answer:
        for line in answer.iter_lines():
            event: Mapping[str, Any] = json.loads(line)
            if event["event"] == "searched":
                retrieval = sum(event["timings_ms"].get(name, 0.0) for name in _RETRIEVAL)
            if event["event"] == "text" and first_token is None:
                first_token = 1000 * (time.perf_counter() - started)
    if first_token is None or not times:
        return None
    return Measured(first_token, retrieval, 1000 * times[0])


def _at(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


@contextmanager
def _scripted(first_piece_s: float) -> Iterator[tuple[str, list[float]]]:
    """Serves a model; yields its address, and how many seconds each request waited for its first piece."""
    times: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": _MODEL, "object": "model", "max_model_len": 8192}]})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            started = time.perf_counter()
            if not self.path.endswith("/chat/completions") or not json.loads(body).get("stream"):
                self._send({"error": {"message": "not here"}}, 404)
                return
            time.sleep(first_piece_s)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            times.append(time.perf_counter() - started)
            for piece in ("It is ", "said there", " [1]."):
                self._event({"delta": {"content": piece}, "index": 0, "finish_reason": None})
            self._event({"delta": {}, "index": 0, "finish_reason": "stop"})
            self.wfile.write(b"data: [DONE]\n\n")
            self.close_connection = True

        def _event(self, choice: dict[str, object]) -> None:
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())

        def _send(self, data: object, status: int = 200) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", times
        finally:
            server.shutdown()


@contextmanager
def _served(folder: Path, model_server: str) -> Iterator[str]:
    """Runs the app with the scripted model; yields its address once it answers."""
    unpack(folder / "home" / "models")
    port = free_port()
    given = {
        "FOOTNOTE_ANSWERING__ENDPOINT_URL": model_server,
        "FOOTNOTE_ANSWERING__MODEL": f"endpoint/{_MODEL}",
    }
    command = [
        sys.executable,
        str(ROOT / "app.py"),
        "serve",
        "--home",
        str(folder / "home"),
        "--port",
        str(port),
    ]
    app = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=ROOT, env={**os.environ, **given}
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: httpx.get(f"{address}/api/status", trust_env=False).is_success, app)
        yield address
    finally:
        app.terminate()
        app.wait(timeout=60)


def _import(address: str, files: Sequence[Path]) -> None:
    for file in files:
        with file.open("rb") as opened:
            httpx.post(
                f"{address}/api/documents", files={"file": (file.name, opened)}, timeout=60, trust_env=False
            ).raise_for_status()

    def is_done() -> bool:
        listed = httpx.get(f"{address}/api/documents?limit=1000", timeout=60, trust_env=False).json()
        return all(document["state"] in ("ready", "failed") for document in listed["documents"])

    _wait(is_done)


def _wait(is_there: Any, app: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        if app is not None and app.poll() is not None:
            raise SystemExit("the app did not start")
        try:
            if is_there():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"it was not there within {_READY_S} s")


if __name__ == "__main__":
    main()
