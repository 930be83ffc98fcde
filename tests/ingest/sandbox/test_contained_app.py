"""Files that break parsers, in the whole app: each ends in a state with a reason, and the app answers meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.app_process import AppOptions, AppProcess
from tests.ingest.hostile_cases import MEGABYTES, SECONDS, SHARED, assert_ends_as_labelled, cases

_FINAL = ("ready", "failed", "cancelled")
_SLOWEST_ANSWER = 15.0
"""Seconds; far above what is usual, since other tests may share the machine."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def add(client: httpx.Client, name: str, content: bytes) -> str:
    """The id of the new document."""
    answer = client.post("/api/documents", files={"file": (name, content)}, data={"name": name})
    answer.raise_for_status()
    document_id: str = answer.json()["document"]["id"]
    return document_id


def ended(client: httpx.Client, document_ids: list[str]) -> Iterator[tuple[str, str, str]]:
    """(id, state, reason) of each, as it ends; the app has to answer quickly all the while."""
    waiting = set(document_ids)
    deadline = time.monotonic() + SECONDS * 4
    while waiting:
        assert time.monotonic() < deadline, f"{len(waiting)} files never ended"
        asked = time.monotonic()
        listed = client.get("/api/documents", params={"limit": 200}).raise_for_status().json()["documents"]
        client.get("/api/search", params={"q": "anything at all"}).raise_for_status()
        assert time.monotonic() - asked < _SLOWEST_ANSWER
        for document in listed:
            if document["id"] in waiting and document["state"] in _FINAL:
                waiting.discard(document["id"])
                yield document["id"], document["state"], document["reason"] or ""
        time.sleep(0.1)


def text_of(home: Path, document_id: str) -> str:
    """What was stored of a document, findable or not."""
    with closing(sqlite3.connect(f"file:{home / 'footnote.db'}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT text FROM chunks WHERE document_id = ? ORDER BY position", (document_id,)
        )
        return "\n".join(row[0] for row in rows)


@pytest.mark.skipif(not cases(), reason="the shared evaluation data is not beside the checkout")
def test_every_hostile_file_ends_as_labelled_and_the_app_answers_meanwhile(home: Path) -> None:
    settings = {"parsing.seconds": SECONDS, "parsing.megabytes": MEGABYTES}
    app = AppProcess(AppOptions(home, seconds_a_text=0.0, settings=settings))
    app.start()
    try:
        with app.client() as client:
            sent: dict[str, dict[str, Any]] = {}
            for case in cases():  # the same bytes under another name are the same document
                path = SHARED / case["path"]
                sent.setdefault(add(client, path.name, path.read_bytes()), case)
            for document_id, state, reason in ended(client, list(sent)):
                if state == "ready":
                    assert_ends_as_labelled(sent[document_id], "text", text_of(home, document_id))
                else:
                    assert_ends_as_labelled(sent[document_id], "refused", reason)
                    assert text_of(home, document_id) == ""
            assert max(seconds for _, seconds in app.facts()["parsed"]) < SECONDS + 2
        assert app.is_alive()
    finally:
        app.kill()


def test_a_file_that_crashes_its_parser_twice_has_failed_for_good(home: Path) -> None:
    app = AppProcess(AppOptions(home, parser="tests.ingest.sandbox.sandbox_functions:behave"))
    app.start()
    try:
        with app.client() as client:
            bad, good = add(client, "bad.pdf", b"segfault"), add(client, "good.pdf", b"chatter")
            outcome = {
                document_id: (state, reason) for document_id, state, reason in ended(client, [bad, good])
            }
            assert outcome[good] == ("ready", "")
            state, reason = outcome[bad]
            assert state == "failed"
            assert reason.startswith("The parser crashed on bad.pdf")
            assert [name for name, _ in app.facts()["parsed"]].count("bad.pdf") == 1
        app.kill()
        app.start()
        with app.client() as client:
            time.sleep(1.0)
            assert client.get(f"/api/documents/{bad}").json()["state"] == "failed"  # nobody tried it again
            client.post(f"/api/documents/{bad}/retry").raise_for_status()  # but a person may
            (again,) = ended(client, [bad])
            assert again == (bad, "failed", reason)
    finally:
        app.kill()
