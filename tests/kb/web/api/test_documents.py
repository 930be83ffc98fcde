"""Adding, listing, showing and removing documents over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message

from kb.errors import BadInput
from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, DocumentState, Rect
from kb.web.api.rects import MAX_RECTS, parse_rects, write_rects
from kb.web.api.uploads import received
from tests.kb.web.conftest import OnePagePictures
from tests.kb.web.standin import PNG


async def upload(api: httpx.AsyncClient, sent_name: str, data: bytes, **fields: str) -> httpx.Response:
    return await api.post("/api/documents", files={"file": (sent_name, data)}, data=fields)


async def test_an_upload_is_kept_under_the_name_that_was_given(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    name = 'a "quoted" 报告\u202e/../../x.txt'
    response = await upload(api, "ignored.txt", b"Some words.", name=name, collection="reports")
    assert response.status_code == 201
    document = kb.library.document(response.json()["document"]["id"], caller=OWNER)
    assert (document.name, document.collection) == (name.replace("\u202e", "\\u202e"), "reports")
    assert kb.library.original(document.id, caller=OWNER).read_bytes() == b"Some words."


async def test_the_same_bytes_again_are_the_same_document(api: httpx.AsyncClient) -> None:
    first = await upload(api, "a.txt", b"Some words.")
    again = await upload(api, "a.txt", b"Some words.")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["already_present"]
    assert again.json()["document"] == first.json()["document"]


async def test_one_name_with_other_bytes_is_kept_beside_or_a_version_as_the_form_says(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    await upload(api, "a.txt", b"Some words.")
    beside = (await upload(api, "a.txt", b"Other words.")).json()
    assert (beside["document"]["name"], beside["document"]["source"]) == ("a (2).txt", "upload")
    newer = (await upload(api, "a.txt", b"Still others.", same_name="version")).json()
    assert newer["document"]["name"] == "a.txt"
    in_folders = [
        (await upload(api, "a.txt", text, path=path)).json()["document"]["path"]
        for path, text in (("x/a.txt", b"One."), ("y/a.txt", b"Two."), ("x/a.txt", b"Three."))
    ]
    assert in_folders == ["x/a.txt", "y/a.txt", "x/a.txt"]
    refused = await upload(api, "a.txt", b"Some words.", same_name="third")
    assert refused.status_code == 400
    assert "'version' or 'second'" in refused.json()["error"]
    assert len(kb.library.documents(caller=OWNER)) == 6


async def test_uploads_leave_nothing_behind(api: httpx.AsyncClient, tmp_path: Path) -> None:
    await upload(api, "a.txt", b"Some words.")
    await upload(api, "empty.txt", b"")
    await upload(api, "large.txt", b"x" * (2 << 20))
    assert list((tmp_path / "home" / "uploads").iterdir()) == []


async def test_a_length_that_is_too_large_is_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    async def unread() -> Message:
        raise AssertionError

    request = Request({"type": "http", "headers": [(b"content-length", b"2000000")]}, unread)
    with pytest.raises(BadInput, match="larger than 1 MB"):
        async with received(request, tmp_path, max_bytes=1 << 20):
            pass


async def test_a_file_that_states_no_length_is_stopped_at_the_limit(
    api: httpx.AsyncClient, tmp_path: Path
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(40):
            yield b"x" * (64 << 10)
        yield b"\r\n--x--\r\n"

    form = {"content-type": "multipart/form-data; boundary=x"}
    answer = await api.post("/api/documents", content=pieces(), headers=form)
    assert "larger than 1 MB" in answer.text
    assert list((tmp_path / "home" / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"files": {"file": ("large.txt", b"x" * (2 << 20))}}, "larger than 1 MB"),
        ({"files": [("file", ("a", b"a")), ("file", ("b", b"b"))]}, "one file"),
        ({"files": {"file": ("a", b"a")}, "headers": {"content-type": "multipart/form-data"}}, "multipart"),
        ({"json": {"file": "a"}}, "multipart"),
        (
            {"content": b"torn", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            "cannot be read",
        ),
    ],
)
async def test_what_is_no_upload_is_refused_with_a_sentence(
    api: httpx.AsyncClient, kb: KnowledgeBase, request_: dict[str, object], said: str
) -> None:
    response = await api.post("/api/documents", **request_)  # type: ignore[arg-type]
    assert response.status_code == 400
    assert said in response.json()["error"]
    assert kb.library.count(caller=OWNER) == 0


async def test_list_retry_and_remove(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    added = (await upload(api, "a.txt", b"Some words.")).json()["document"]
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=1)
    kb.ingest_parts().steps.fail(job, "The parser crashed.")
    assert (await api.post(f"/api/documents/{added['id']}/retry")).status_code == 204
    listed = (await api.get("/api/documents", params={"limit": 1})).json()
    assert (listed["total"], listed["documents"][0]["state"]) == (1, "queued")
    assert (await api.delete(f"/api/documents/{added['id']}")).status_code == 204
    assert kb.library.document(added["id"], caller=OWNER).state is DocumentState.DELETING
    assert (await api.delete(f"/api/documents/{added['id']}")).status_code == 204, "it is on its way"
    kb.library.delete_pending()
    gone = await api.delete(f"/api/documents/{added['id']}")
    assert gone.status_code == 404
    assert "no document" in gone.json()["error"]


async def test_an_original_is_always_a_download(api: httpx.AsyncClient) -> None:
    page = b"<script>alert(1)</script>"
    added = (await upload(api, "x.html", page, name="r\r\nX-Evil: 1 é.html")).json()["document"]
    response = await api.get(f"/documents/{added['id']}/original")
    assert response.content == page
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''r%5Cr%5CnX-Evil")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "x-evil" not in response.headers


async def test_a_page_is_a_picture_with_the_passage_marked(
    api: httpx.AsyncClient, pictures: OnePagePictures
) -> None:
    added = (await upload(api, "a.txt", b"Some words.")).json()["document"]
    response = await api.get(f"/documents/{added['id']}/pages/1.png", params={"rects": "1,2,3,4"})
    assert (response.content, response.headers["content-type"]) == (PNG, "image/png")
    assert pictures.drawn == [(Rect(1, 1.0, 2.0, 3.0, 4.0),)]
    for missing in ("pages/2.png", "pages/1.png?chunk=99"):
        assert (await api.get(f"/documents/{added['id']}/{missing}")).status_code == 404
    assert (await api.get(f"/documents/{added['id']}/pages/1.png?rects=1,2")).status_code == 400


def test_rectangles_survive_the_address() -> None:
    rects = (Rect(2, 1.0, 2.5, 3.0, 4.5), Rect(3, 9, 9, 9, 9), Rect(2, 5.0, 6.0, 7.0, 8.0))
    assert parse_rects(write_rects(rects, 2), 2) == [rects[0], rects[2]]
    assert parse_rects("", 2) == []
    with pytest.raises(BadInput, match="At most"):
        parse_rects("1,2,3,4;" * (MAX_RECTS + 1), 1)


async def test_a_document_is_labelled_and_switched_off(api: httpx.AsyncClient) -> None:
    document = (await upload(api, "a.txt", b"Some words.")).json()["document"]
    assert (document["enabled"], document["tags"]) == (True, [])
    url = f"/api/documents/{document['id']}"
    changed = await api.patch(url, json={"enabled": False, "add_tags": ["Steel", "old bridges"]})
    assert (changed.json()["enabled"], changed.json()["tags"]) == (False, ["old-bridges", "steel"])
    changed = await api.patch(url, json={"remove_tags": ["steel"]})
    assert (changed.json()["enabled"], changed.json()["tags"]) == (False, ["old-bridges"])
    assert (await api.get(url)).json()["tags"] == ["old-bridges"]
    assert (await api.patch(url, json={"add_tags": [" "]})).status_code == 400
    assert (await api.patch("/api/documents/nobody", json={"enabled": True})).status_code == 404


async def test_what_can_be_filtered_by_is_listed(api: httpx.AsyncClient) -> None:
    await upload(api, "a.txt", b"Some words.")
    found = (await api.get("/api/filters")).json()
    assert found["collections"] == ["default"]
    assert found["documents"] == found["tags"] == []  # nothing is ready yet
