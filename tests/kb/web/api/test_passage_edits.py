"""Leaving passages out and correcting them over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.web.server import build_api
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb
from tests.kb.web.conftest import http_client


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[tuple[KnowledgeBase, str]]:
    """A library with one document of two passages, and its id."""
    with closing(Library(tmp_path / "home")) as library:
        document_id = library.add("leaflet.txt", ["The mast is 12 m high.", "All rights reserved."])
        library.add("other.txt", ["Alone."])
    with closing(open_kb(tmp_path / "home", embedder=HashEmbedder())) as kb:
        kb.maintenance.lock()
        yield kb, document_id


@pytest.fixture
async def asked(filled: tuple[KnowledgeBase, str]) -> AsyncIterator[tuple[httpx.AsyncClient, str, list[int]]]:
    kb, document_id = filled
    async with http_client(build_api(kb)) as api:
        passages = (await api.get(f"/api/documents/{document_id}/passages")).json()["passages"]
        yield api, f"/api/documents/{document_id}", [passage["chunk_id"] for passage in passages]


async def test_a_change_is_kept_queues_reading_again_and_waits_for_its_end(
    asked: tuple[httpx.AsyncClient, str, list[int]],
) -> None:
    api, document, (first, second) = asked
    changed = await api.post(
        f"{document}/passage-edits", json={"chunk_id": first, "corrected": "The mast is 21 m high."}
    )
    assert changed.status_code == 202
    assert (await api.get(document)).json()["job"]["kind"] == "recut"
    listed = (await api.get(f"{document}/passage-edits")).json()["edits"]
    assert [(edit["text"], edit["corrected"]) for edit in listed] == [
        ("The mast is 12 m high.", "The mast is 21 m high.")
    ]
    await api.post(f"{document}/passage-edits", json={"chunk_id": second})
    assert len((await api.get(f"{document}/passage-edits")).json()["edits"]) == 2
    undone = await api.delete(f"{document}/passage-edits/{listed[0]['id']}")
    assert undone.status_code == 202
    assert [edit["corrected"] for edit in (await api.get(f"{document}/passage-edits")).json()["edits"]] == [
        None
    ]


async def test_what_cannot_be_done_is_refused_with_its_reason(
    asked: tuple[httpx.AsyncClient, str, list[int]],
) -> None:
    api, document, (first, _) = asked
    other = next(
        each["id"]
        for each in (await api.get("/api/documents")).json()["documents"]
        if each["name"] == "other.txt"
    )
    (alone,) = (await api.get(f"/api/documents/{other}/passages")).json()["passages"]
    for address, body, status in (
        (document, {"chunk_id": first, "corrected": "  "}, 400),
        (document, {"chunk_id": first, "corrected": "word " * 3000}, 400),
        (document, {"chunk_id": alone["chunk_id"]}, 404),
        (document, {"chunk_id": 10**6}, 404),
        (f"/api/documents/{other}", {"chunk_id": alone["chunk_id"]}, 400),
        ("/api/documents/nobody", {"chunk_id": first}, 404),
    ):
        refused = await api.post(f"{address}/passage-edits", json=body)
        assert (refused.status_code, bool(refused.json()["error"])) == (status, True), body
    assert (await api.delete(f"{document}/passage-edits/99")).status_code == 404
