"""Who is signed in adds a text of another page to what they may change."""

from __future__ import annotations

from html import unescape
from urllib.parse import unquote

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
    assert place.startswith("/sign-in?next=/add%3F")
    back = await client.post(
        "/sign-in",
        data={"name": "bert", "password": "correct horse", "next": unquote(place.partition("next=")[2])},
    )
    assert back.headers["location"].startswith("/add?title=Tides")
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
