"""The passages of a document, searching in it, and its original in the browser."""

from __future__ import annotations

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import Chunk, PdfPlace, PreparedDocument, Rect, Span
from kb.web.api.passages import found_in
from tests.state import CHUNKS


def test_words_are_found_whatever_their_case_and_the_white_space_between_them() -> None:
    text = "The Ferry\nruns. A ferry  runs again."
    place = PdfPlace((Rect(2, 1, 2, 3, 4),))
    chunk = Chunk(text, (Span(0, 9, None), Span(10, len(text), place)), ("Times",), id=7, document_id="d")
    first, second = found_in([chunk], "ferry runs")
    assert (first.match, second.match) == ("Ferry\nruns", "ferry  runs")
    assert second.before.endswith(". A ")
    assert second.after == " again."
    assert [rect.page for rect in second.anchor.rects] == [2]
    assert list(found_in([chunk], "(.*)")) == []
    assert list(found_in([chunk], "  ")) == []


async def ready(
    api: httpx.AsyncClient, kb: KnowledgeBase, name: str, data: bytes, *, pages: int | None
) -> str:
    """A document that was imported; its id."""
    added = await api.post("/api/documents", files={"file": (name, data)}, data={"name": name})
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=1)
    kb.ingest_parts().steps.store_chunks(job, PreparedDocument(tuple(CHUNKS), pages=pages))
    kb.ingest_parts().steps.make_ready([job])
    return str(added.json()["document"]["id"])


async def test_passages_are_listed_read_and_searched_in_order(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    document_id = await ready(api, kb, "a.txt", b"First. Second.", pages=None)
    listed = (await api.get(f"/api/documents/{document_id}/passages?limit=1&offset=1")).json()
    assert listed["total"] == 2
    assert [(each["position"], each["text"]) for each in listed["passages"]] == [(1, "Second.")]
    found = (await api.get(f"/api/documents/{document_id}/find", params={"q": "SECOND"})).json()
    assert [(each["position"], each["match"]) for each in found["found"]] == [(1, "Second")]
    assert not found["more"]
    second = listed["passages"][0]["chunk_id"]
    read = (await api.get(f"/ui/documents/{document_id}/reading?chunk={second}")).json()
    assert (read["start"], read["end"], read["total"]) == (0, 2, 2)
    assert f'data-chunk="{second}"' in read["html"]
    gone = (await api.get(f"/ui/documents/{document_id}/reading?chunk=99999&start=1")).json()
    assert (gone["start"], gone["end"]) == (1, 2)
    for route in (
        "/api/documents/nobody/passages",
        "/api/documents/nobody/find?q=a",
        "/ui/documents/nobody/reading",
    ):
        assert (await api.get(route)).status_code == 404


@pytest.mark.parametrize(
    ("data", "pages", "status"),
    [(b"%PDF-1.7 it says", 2, 200), (b"<script>%PDF no</script>", 2, 404), (b"%PDF-1.7", None, 404)],
)
async def test_only_a_pdf_is_opened_in_the_browser(
    api: httpx.AsyncClient, kb: KnowledgeBase, data: bytes, pages: int | None, status: int
) -> None:
    document_id = await ready(api, kb, "a.txt", data, pages=pages)
    answer = await api.get(f"/documents/{document_id}/view")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("inline;")
        assert answer.headers["x-content-type-options"] == "nosniff"
