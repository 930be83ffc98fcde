"""``log --follow``: what is asked meanwhile is printed as it ends, an object a line, until Ctrl+C."""

from __future__ import annotations

import io
import json
import signal
import threading
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import App
from kb.cli import main as cli
from kb.types import LoggedRequest, RequestKind, RequestStatus
from tests.kb.library import open_kb
from tests.waiting import wait_until

NOW = datetime.now(UTC).isoformat(timespec="milliseconds")


def asked(text: str) -> LoggedRequest:
    return LoggedRequest(
        time=NOW, kind=RequestKind.EMBEDDING, origin="api", owner="owner",
        engine="openvino", model="e5", text=text, tokens=7, tokens_written=None, queued_ms=0.0, ms=16.5,
        status=RequestStatus.OK, reason="", job="", conversation="", key="",
    )  # fmt: skip


@pytest.mark.parametrize("as_json", [True, False])
def test_it_goes_on_with_what_comes_and_ends_cleanly(tmp_path: Path, as_json: bool) -> None:
    kb = open_kb(tmp_path)
    kb.requests.record(asked("before"))
    kb.requests.flush()
    out, err = io.StringIO(), io.StringIO()
    seen: list[str] = []

    def meanwhile() -> None:
        try:
            for text in ("one", "two"):
                wait_until(lambda: out.getvalue().count("\n") > len(seen), seconds=60)
                seen.append(text)
                kb.requests.record(asked(text))
                kb.requests.flush()
            wait_until(lambda: out.getvalue().count("\n") == 3, seconds=60)
        finally:
            signal.raise_signal(signal.SIGINT)

    other = threading.Thread(target=meanwhile)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        with redirect_stdout(out), redirect_stderr(err):
            other.start()
            more = ["--json"] if as_json else []
            code = cli.main(["log", "--follow", *more, "--home", str(tmp_path)], App())
            other.join()
    finally:
        signal.signal(signal.SIGINT, before)
    kb.close()
    assert (code, err.getvalue()) == (130, "")
    lines = out.getvalue().splitlines()
    if not as_json:
        assert [line.split()[-1] for line in lines] == ["before", "one", "two"]
        return
    found = [json.loads(line) for line in lines]
    assert [each["text"] for each in found] == ["before", "one", "two"]
    wanted = {"time": NOW, "kind": "embedding", "origin": "api", "engine": "openvino",
              "model": "e5", "tokens": 7, "ms": 16.5, "status": "ok"}  # fmt: skip
    assert all(wanted.items() <= each.items() for each in found)
