"""Cancelling, pausing and retrying over HTTP, and what the library shows of it."""

from __future__ import annotations

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, PreparedDocument
from tests.state import CHUNKS


async def added(api: httpx.AsyncClient, name: str) -> str:
    response = await api.post("/api/documents", files={"file": (name, f"Words of {name}.".encode())})
    return str(response.json()["document"]["id"])


async def document(api: httpx.AsyncClient, document_id: str) -> dict[str, object]:
    found: dict[str, object] = (await api.get(f"/api/documents/{document_id}")).json()
    return found


async def test_one_import_is_paused_resumed_cancelled_and_retried(api: httpx.AsyncClient) -> None:
    document_id = await added(api, "a.txt")
    for act, state, job in (
        ("pause", "queued", "paused"),
        ("resume", "queued", "queued"),
        ("cancel", "cancelled", None),
        ("retry", "queued", "queued"),
    ):
        assert (await api.post(f"/api/documents/{document_id}/{act}")).status_code == 204
        found = await document(api, document_id)
        shown = found["job"]
        assert (found["state"], shown and shown["state"]) == (state, job)  # type: ignore[index]
    assert (await api.post("/api/documents/nobody/cancel")).status_code == 404


async def test_what_cannot_be_done_is_refused_with_a_sentence(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    document_id = await added(api, "a.txt")
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=1)
    kb.ingest_parts().steps.store_chunks(job, PreparedDocument(tuple(CHUNKS)))
    kb.ingest_parts().steps.make_ready([job])
    for act in ("cancel", "pause", "resume", "retry"):
        refused = await api.post(f"/api/documents/{document_id}/{act}")
        assert refused.status_code == 409
        assert refused.json()["error"].endswith(".")


async def test_the_whole_queue(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        await added(api, name)
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=1)
    kb.ingest_parts().steps.fail(job, "It is damaged.")
    queue = (await api.get("/api/queue")).json()
    assert (queue["queued"], queue["failed"], queue["paused"]) == (2, 1, False)
    assert (await api.post("/api/queue/pause")).status_code == 204
    assert kb.ingest_parts().jobs.claim("worker", limit=9) == []
    assert (await api.post("/api/queue/retry-failed")).json() == {"retried": 1}
    assert (await api.get("/api/queue")).json()["paused"]
    assert (await api.post("/api/queue/resume")).status_code == 204
    assert len(kb.ingest_parts().jobs.claim("worker", limit=9)) == 3


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["no. 2", "1 of 2 passages", "3 waiting", "Pause all", "The server is down.", "Held up"],
        ),
        (
            "zh",
            ["第 2 位", "2 段中的 1 段", "等待 3 个", "全部暂停", "The server is down."],
        ),
    ],
)
async def test_the_library_shows_place_progress_and_what_holds_it_up(
    api: httpx.AsyncClient, kb: KnowledgeBase, language: str, words: list[str]
) -> None:
    from kb.state.job_steps import EmbeddingProgress

    for name in ("a.txt", "b.txt", "c.txt"):
        await added(api, name)
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=1)
    kb.ingest_parts().steps.store_chunks(job, PreparedDocument(tuple(CHUNKS), pages=2))
    kb.ingest_parts().steps.progress({job: EmbeddingProgress(1, 1)}, chunks_per_second=0.01)
    kb.ingest_parts().jobs.wait("worker", reason="The server is down.", seconds=60)
    shown = await library(api, language)
    for word in words:
        assert word in shown
    assert 'data-act="resume-all"' not in shown
    kb.jobs.pause_all(caller=OWNER)
    shown = await library(api, language)
    assert 'data-act="resume-all"' in shown
    assert 'data-act="pause-all"' not in shown


async def library(api: httpx.AsyncClient, language: str) -> str:
    """What the page shows of the imports and of each document."""
    found = (
        await api.get("/ui/library", params={"work": True}, headers={"accept-language": language})
    ).json()
    return f"{found['work']} {' '.join(found['rows'])}"
