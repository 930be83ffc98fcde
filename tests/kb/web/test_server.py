"""Starting, refusing to start, and stopping: a real process on a real port."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.harness.ports import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]


def command(home: Path, port: int, *host: str) -> list[str]:
    return [sys.executable, "-m", "tests.kb.web.serve_standin", str(home), str(port), *host]


@contextmanager
def running(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server and its address; it must have ended when the context does."""
    port = free_port()
    with (
        (home.parent / f"{home.name}.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command(home, port), stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_within_two_seconds_though_pages_are_waiting(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (process, address):
        assert httpx.get(address, trust_env=False, timeout=60).status_code == 200
        seen = httpx.get(f"{address}/ui/library", trust_env=False, timeout=60).json()["seen"]
        threads = [
            threading.Thread(target=_wait_there, args=(f"{address}/ui/library?seen={seen}",)),
            threading.Thread(target=_wait_there, args=(f"{address}/gradio_api/heartbeat/abc",)),
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: _open_connections(process.pid) >= len(threads))
        asked = time.monotonic()
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
        took = time.monotonic() - asked
        for thread in threads:
            thread.join()
    assert out == "closed\n", "what comes after serve() has to run"
    assert process.returncode == 0
    assert took < 8, "two seconds on an idle machine; an open page would hold it for twenty"
    assert "Traceback" not in (tmp_path.parent / f"{tmp_path.name}.log").read_text(encoding="utf-8")


def _open_connections(pid: int) -> int:
    connections = psutil.Process(pid).net_connections("tcp")
    return sum(connection.status == psutil.CONN_ESTABLISHED for connection in connections)


def _wait_there(url: str) -> None:
    try:
        httpx.get(url, trust_env=False, timeout=30)
    except httpx.TransportError:
        return


def test_a_taken_port_is_named_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(command(tmp_path, port), capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert ended.returncode == 2
    assert ended.stdout.startswith(f"Misconfigured: Port {port} is taken.")
    assert "--port" in ended.stdout


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20", "::", "example.org"])
def test_it_stays_on_loopback(tmp_path: Path, host: str) -> None:
    from kb.errors import Misconfigured
    from kb.web.server import serve
    from tests.kb.web.standin import InMemoryLibrary

    with pytest.raises(Misconfigured, match="loopback"):
        serve(InMemoryLibrary(tmp_path), host, 7860, print)  # type: ignore[arg-type]


def test_nothing_heavy_is_loaded_for_the_page(tmp_path: Path) -> None:
    """What the page does not need would be waited for before it is shown."""
    code = (
        "import sys; from kb.web.server import build_app; from kb.web.page.frame.mount import page; "
        "from tests.kb.web.standin import InMemoryLibrary; "
        "from pathlib import Path; library = InMemoryLibrary(Path(sys.argv[1])); "
        "build_app(library, port=7860, mount=page(library, port=7860)); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = set(ended.stdout.split())
    assert "gradio" in loaded
    assert not loaded & {
        "torch",
        "transformers",
        "chromadb",
        "sentence_transformers",
        "matplotlib",
        "tantivy",
    }
