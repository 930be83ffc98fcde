"""The real app is killed in the middle of an answer and started again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.harness.app_process import AppOptions, AppProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

NAME = "slow-double"


def writes_slowly(request: Request) -> Reply:
    """Half a sentence, and then nothing for a minute."""
    if request.method == "GET":
        return json_reply(
            {"object": "list", "data": [{"id": NAME, "object": "model", "max_model_len": 8192}]}
        )
    if not request.path.endswith("/chat/completions"):
        return json_reply({"error": "not here"}, 404)

    def pieces() -> Iterator[bytes]:
        for word in ("Herons ", "stand ", "still. ", "They "):
            yield b'data: {"choices": [{"index": 0, "delta": {"content": "%s"}}]}\n\n' % word.encode()
        threading.Event().wait(60)

    return Reply(pieces(), headers={"content-type": "text/event-stream"})


def test_a_killed_app_keeps_the_question_and_the_part_that_was_written(tmp_path: Path) -> None:
    with scripted_http(writes_slowly) as model:
        settings = {"answering.endpoint_url": f"{model.url}/v1", "answering.model": f"endpoint/{NAME}"}
        app = AppProcess(AppOptions(tmp_path / "home", settings=settings))
        app.start()
        try:
            with app.client() as client:
                _add(client)
                asked = threading.Thread(target=_ask, args=(app.address,), daemon=True)
                asked.start()
                wait_until(lambda: "stand still" in _latest(client).get("text", ""))
                wait_until(lambda: _stored_text(tmp_path) != "", seconds=3)
            app.kill()
            asked.join(10)
            app.start()
            with app.client() as client:
                kept = _latest(client)
            assert kept["question"] == "How do herons stand?"
            assert kept["state"] == "failed"
            assert kept["text"].startswith("Herons stand still.")
            assert "Ask again" in kept["error"]
            assert kept["searched"]["hits"][0]["document"] == "herons.txt"
        finally:
            app.stop()


def _add(client: httpx.Client) -> None:
    file = {"file": ("herons.txt", b"Herons stand still for hours and look into the water.")}
    client.post("/api/documents", files=file).raise_for_status()
    wait_until(lambda: client.get("/api/documents").json()["documents"][0]["state"] == "ready", seconds=60)


def _ask(address: str) -> None:
    try:
        httpx.post(
            f"{address}/api/ask", json={"question": "How do herons stand?"}, trust_env=False, timeout=60
        )
    except httpx.TransportError:
        return


def _latest(client: httpx.Client) -> dict[str, Any]:
    """The one request there is, as the API shows it."""
    conversations = client.get("/api/conversations").json()["conversations"]
    if not conversations:
        return {}
    request = client.get(f"/api/conversations/{conversations[0]['id']}").json()["requests"][0]
    live: dict[str, Any] = client.get(f"/api/requests/{request['id']}").json()
    return live


def _stored_text(folder: Path) -> str:
    """What is on the disk, whatever the process has in its memory."""
    import sqlite3

    connection = sqlite3.connect(folder / "home" / "footnote.db")
    try:
        return str(connection.execute("SELECT text FROM requests").fetchone()[0])
    finally:
        connection.close()
