"""Texts of several people are embedded in turn: who sends one does not wait for all that another one sent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from kb.types import Caller
from kb.web.door.callers import CALLER
from kb.web.openai.embeddings import embeddings_router
from kb.web.openai.threads import INFERENCES
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import open_kb
from tests.waiting import until

if TYPE_CHECKING:
    from kb.types import Matrix

ADDRESS, MODEL = "http://here", "hash"
LATER = 12


class Held(HashEmbedder):
    """Begins, and waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []
        self.may_end = threading.Event()

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        self.begun.extend(texts)
        assert self.may_end.wait(60)
        return super().embed_documents(texts, urgent=urgent)


async def test_one_text_passes_all_that_another_person_has_waiting(tmp_path: Path) -> None:
    embedder = Held()
    embedder.may_end.set()
    kb = open_kb(tmp_path, embedder=embedder)
    app = FastAPI()
    app.include_router(embeddings_router(kb))

    async def of_somebody(scope: Scope, receive: Receive, send: Send) -> None:
        person = int(dict(scope["headers"])[b"x-person"])
        await app({**scope, CALLER: Caller("owner", person_id=person)}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(of_somebody), base_url=ADDRESS) as client:

        async def embed(person: int, text: str) -> None:
            sent = await client.post(
                "/v1/embeddings", json={"input": text, "model": MODEL}, headers={"x-person": str(person)}
            )
            assert sent.status_code == 200, sent.text

        await embed(1, "opens the engine")
        embedder.begun.clear()
        embedder.may_end.clear()
        tasks = [asyncio.create_task(embed(1, f"a{number}")) for number in range(INFERENCES + LATER)]
        await until(lambda: len(embedder.begun) == INFERENCES, seconds=60)
        tasks.append(asyncio.create_task(embed(2, "b")))
        for _ in range(1000):  # to its place in the queue, on the way to which nothing waits for a thread
            await asyncio.sleep(0)
        embedder.may_end.set()
        await asyncio.gather(*tasks)
    kb.close()
    # of those that are let in together, any may begin first
    assert embedder.begun.index("b") < 2 * INFERENCES + 1 < INFERENCES + LATER
