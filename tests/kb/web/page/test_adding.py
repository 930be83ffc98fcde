"""A text of another page is shown, escaped, and added by a click alone, with its address."""

from __future__ import annotations

from html import unescape
from urllib.parse import unquote

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER
from kb.web.page.adding.pages import MOST_CHARACTERS
from tests.kb.web.conftest import ADDRESS

PAGE = "https://example.org/tides?day=1"
FORM = {"title": "Tides", "url": PAGE, "text": "High water is at noon.", "collection": "notes"}
HOSTILE = '"><script>alert(1)</script>'


def fields(form: dict[str, str]) -> dict[str, tuple[None, str]]:
    """As a browser sends a form with the encoding that the page names."""
    return {name: (None, value) for name, value in form.items()}


async def test_what_is_shared_is_shown_and_nothing_is_added(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    shown = await api.get("/add", params=FORM)
    assert (shown.status_code, shown.headers["referrer-policy"]) == (200, "same-origin")
    for said in ('value="Tides"', f'value="{PAGE}"', "High water is at noon.</textarea>", ">Add</button>"):
        assert said in shown.text
    assert '<option value="default"' in shown.text
    for hostile in ({"title": HOSTILE, "url": HOSTILE, "text": f"</textarea>{HOSTILE}"},
                    {"url": "javascript:alert(1)", "text": "x"}):  # fmt: skip
        page = (await api.get("/add", params=hostile)).text
        assert "<script>alert" not in page
        assert page.count("</textarea>") == 1
        assert 'href="javascript:alert' not in page
        assert "has to begin with http" in page
    assert "添加" in (await api.get("/add", headers={"Accept-Language": "zh-CN"})).text
    alone = await api.get("/add", params={"text": PAGE})
    assert f'value="{PAGE}"' in alone.text, "phones send an address as the text"
    assert "opens no pages itself" in alone.text
    assert kb.library.count(caller=OWNER) == 0


async def test_a_click_adds_the_text_with_its_address(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    added = await api.post("/add", files=fields(FORM))
    (document,) = kb.library.documents(caller=OWNER)
    assert (added.status_code, added.headers["location"]) == (303, f"/d/{document.id}")
    assert (document.name, document.collection, document.source) == ("Tides.txt", "notes", "page")
    assert document.folder == PAGE
    assert kb.library.original(document.id, caller=OWNER).read_text() == FORM["text"]
    again = await api.post("/add", files=fields(FORM))
    assert again.headers["location"] == f"/d/{document.id}", "the same text of the same page is there"
    await api.post("/add", files=fields({**FORM, "text": "Low water is at six."}))
    assert {each.name for each in kb.library.documents(caller=OWNER)} == {"Tides.txt", "Tides (2).txt"}
    await api.post("/add", files=fields({"title": "../../a/b\\c", "url": "", "text": "Words."}))
    newest = kb.library.documents(caller=OWNER)[0]
    assert (newest.name, newest.source, newest.collection) == (".. .. a b c.txt", "upload", "default")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": " \r\n"}, "There is no text to add."),
        ({"text": "x" * (MOST_CHARACTERS + 1)}, "This text is too long: 250,001 characters of 250,000."),
        ({"url": "javascript:alert(1)"}, "The address has to begin with http:// or https://."),
        ({"url": "http://"}, "The address has to begin with http:// or https://."),
        ({"collection": "a\nb"}, "collection"),
    ],
)
async def test_what_cannot_be_added_is_said_and_what_was_typed_stays(
    api: httpx.AsyncClient, kb: KnowledgeBase, wrong: dict[str, str], sentence: str
) -> None:
    answer = await api.post("/add", files=fields({**FORM, **wrong}))
    assert answer.status_code == 400
    assert sentence in unescape(answer.text).partition("</p>")[0]
    assert 'value="Tides"' in answer.text
    assert kb.library.count(caller=OWNER) == 0


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        (" / ", "Low water at ten.", "Low water at ten..txt"),
        ("..", "/", "page.txt"),
        ("\\", "a\\b", "a b.txt"),
    ],
)
async def test_a_title_of_which_nothing_is_left_names_no_document(
    api: httpx.AsyncClient, kb: KnowledgeBase, title: str, text: str, name: str
) -> None:
    assert (await api.post("/add", files=fields({"title": title, "text": text}))).status_code == 303
    assert [each.name for each in kb.library.documents(caller=OWNER)] == [name]


async def test_other_sites_may_show_and_not_add(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert (await api.get("/add", params=FORM, headers=link)).status_code == 200
    frame = {**link, "sec-fetch-dest": "iframe"}
    assert (await api.get("/add", params=FORM, headers=frame)).status_code == 403
    for headers in ({**link, "origin": "https://evil.example"}, {"origin": "null"}, link):
        assert (await api.post("/add", files=fields(FORM), headers=headers)).status_code == 403
    assert kb.library.count(caller=OWNER) == 0


async def test_the_bookmark_sends_nothing_to_the_server_before_somebody_looks(api: httpx.AsyncClient) -> None:
    page = unescape((await api.get("/add")).text)
    script = unquote(page.partition('href="javascript:')[2].partition('"')[0])
    assert f'"{ADDRESS}/add#"+new URLSearchParams' in script, "what stands behind # stays in the browser"
    manifest = await api.get("/ui/static/footnote.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert manifest.json()["share_target"]["action"] == "/add"


async def test_what_logs_in_to_a_page_is_neither_shown_nor_kept(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    secret = "hunter-4711"
    address = f"https://olga:{secret}@example.org/tides?day=1&access_token={secret}#token={secret}"
    for sent in ({"url": address, "text": "x"}, {"text": address}, {"title": address, "text": "x"}):
        shown = (await api.get("/add", params=sent)).text
        assert secret not in shown
        assert "https://example.org/tides?day=1" in shown
    for form in (
        {**FORM, "url": address},
        {"title": "", "url": address, "text": "Low water."},
        {"title": address, "url": "", "text": "Ebb."},
    ):
        assert (await api.post("/add", files=fields(form))).status_code == 303
    refused = await api.post("/add", files=fields({**FORM, "url": address, "text": ""}))
    assert (refused.status_code, secret in refused.text) == (400, False)
    sent_file = {"file": (address, b"Spring tide.")}
    assert (await api.post("/api/documents", files=sent_file, data={"path": f"{address}/a.txt"})).is_success
    assert (await api.get("/api/documents")).json()["documents"]
    for path in ("/api/documents", "/api/filters", "/api/library/options"):
        assert secret not in (await api.get(path)).text
    kept = kb.library.documents(caller=OWNER)
    assert {each.folder for each in kept if each.source == "page"} == {PAGE}
    assert len(kept) == 4
    home = kb.settings.home
    assert not [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
