"""Who is signed in adds a text of another page to what they may change."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs

import httpx

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER
from tests.kb.web.page.test_adding import FORM, fields
from tests.kb.web.test_accounts import app, client, kb, signed_in

__all__ = ["app", "client", "kb"]


async def test_with_accounts_editors_add_to_their_own_and_readers_nothing(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    led = await client.get("/add", params=FORM, headers={"Accept": "text/html"})
    assert led.status_code == 303
    place = led.headers["location"]
    page, _, behind = place.partition("#")
    assert (page, parse_qs(behind)) == ("/sign-in?next=/add", {name: [value] for name, value in FORM.items()})
    too_long = await client.get("/add", params={"text": "x" * 33_000}, headers={"Accept": "text/html"})
    assert too_long.headers["location"] == "/sign-in?next=/add"
    odd = await client.get("/add?text=%0d%0aSet-Cookie:x%23y", headers={"Accept": "text/html"})
    assert odd.headers["location"] == "/sign-in?next=/add#text=%0d%0aSet-Cookie:x%23y"
    assert '"/ui/static/sign_in.js"' in (await client.get(page)).text
    for name in ("sign_in", "shared_text"):
        assert (await client.get(f"/ui/static/{name}.js")).status_code == 200
    for after in ("/add", "/add?text=x", "//evil.example/add", "/add/../evil"):
        back = await client.post(
            "/sign-in", data={"name": "bert", "password": "correct horse", "next": after}
        )
        assert back.headers["location"] == ("/add" if after == "/add" else "/")
    client.cookies.clear()
    assert (await client.post("/add", files=fields(FORM))).status_code == 401
    bert, rita = await signed_in(client, "bert"), await signed_in(client, "rita")
    shown = await client.get("/add", headers=bert)
    assert 'value="bert/own"' in shown.text
    assert 'value="reports"' not in shown.text, "bert reads it alone"
    assert "secret" not in shown.text
    added = await client.post("/add", files=fields(FORM), headers=bert)
    assert added.status_code == 303
    refused = await client.post("/add", files=fields({**FORM, "collection": "reports"}), headers=bert)
    assert (refused.status_code, "may read the collection" in unescape(refused.text)) == (403, True)
    for answer in (
        await client.get("/add", headers=rita),
        await client.post("/add", files=fields(FORM), headers=rita),
    ):
        assert answer.status_code == 403
        assert "add nothing" in answer.text
    names = {(each.collection, each.name) for each in kb.library.documents(caller=OWNER)}
    assert ("bert/notes", "Tides.txt") in names
    assert len(names) == 4
