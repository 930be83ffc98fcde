"""Programs hear when a document is ready or failed: what they may see, once each, and on from where they were."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, Caller
from kb.web.api.changes import ChangeFeed
from kb.web.api.events import _events
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb

THEIRS = Caller("owner", collections=frozenset({"open"}), key="k", key_id=1)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.close()


@pytest.fixture
def kb(library: Library) -> Iterator[KnowledgeBase]:
    opened = open_kb(library.home, embedder=HashEmbedder())
    yield opened
    opened.close()


@asynccontextmanager
async def followed(
    kb: KnowledgeBase, caller: Caller, last: str | None = None
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What a client reads of the stream."""
    feed = ChangeFeed(kb)
    watching = asyncio.create_task(feed.run())
    request = Request({"type": "http", "headers": []})
    async with aclosing(
        _events(kb, feed, request, caller, kb.jobs.end_number(last, caller=caller))
    ) as stream:
        assert (await anext(stream)).startswith(":")
        yield parsed(stream)
        feed.end()
        assert [line async for line in stream if not line.startswith(":")] == []
    watching.cancel()


async def parsed(stream: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    async for event in stream:
        if event.startswith(":"):
            continue
        fields = dict(line.split(": ", 1) for line in event.splitlines() if line)
        yield {**json.loads(fields["data"]), "id": fields["id"], "event": fields["event"]}


async def test_ready_and_failed_are_told_to_whoever_sees_the_document(
    kb: KnowledgeBase, library: Library
) -> None:
    library.add("before.txt", ["Words."])
    async with followed(kb, OWNER) as events, followed(kb, THEIRS) as seen:
        secret = library.add("secret.txt", ["Words."], collection="secret")
        first = await anext(events)
        assert (first["document_id"], first["event"], first["collection"]) == (secret, "ready", "secret")
        job = library.embedded("bad.txt", ["Words."], collection="open")
        library.steps.fail(job, "It holds nothing.")
        both = await anext(events), await anext(seen)
        for told in both:
            assert (told["name"], told["event"], told["reason"]) == ("bad.txt", "failed", "It holds nothing.")
        library.add("last.txt", ["Words."], collection="open")
        assert (await anext(seen))["name"] == "last.txt"
    async with followed(kb, OWNER, last=first["id"]) as events:
        assert [(await anext(events))["name"] for _ in range(2)] == ["bad.txt", "last.txt"]
    async with followed(kb, THEIRS, last="long gone") as seen:
        assert [(await anext(seen))["name"] for _ in range(2)] == ["bad.txt", "last.txt"]
