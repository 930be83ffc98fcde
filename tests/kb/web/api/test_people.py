"""People, groups and shares over HTTP: made, listed page by page, changed and removed, by those alone who may."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from kb.knowledge_base import KnowledgeBase
from kb.state.db import Database
from kb.system.home_layout import DATABASE
from kb.types import OWNER, AccessScope, Role
from kb.web.page.frame.mount import fragments
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client

PASSWORD = "correct horse"


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    library = Library(tmp_path)
    library.add("shared.txt", [sentence(1)], collection="reports")
    library.close()
    opened = open_kb(
        tmp_path, embedder=HashEmbedder(), **{"server.accounts": True, "answering.model": "extractive"}
    )
    for name, role in (("olga", Role.OWNER), ("anna", Role.EDITOR), ("bert", Role.READER)):
        opened.accounts.add(name, PASSWORD, role, caller=OWNER)
    yield opened
    opened.close()


@pytest.fixture
async def client(kb: KnowledgeBase) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(build_app(kb, port=PORT, mount=fragments(kb))) as client:
        yield client


def cookie(kb: KnowledgeBase, name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"Cookie": f"footnote_session={kb.accounts.sign_in(name, password, address='a')}"}


async def test_an_owner_makes_changes_and_removes_accounts(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    client.headers.update(cookie(kb, "olga"))
    made = await client.post("/api/people", json={"name": "cleo", "role": "reader"})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert len(made.json()["password"]) >= 12
    cleo = cookie(kb, "cleo", made.json()["password"])
    given = await client.post("/api/people", json={"name": "dora", "password": PASSWORD})
    assert (given.json()["role"], given.json()["password"]) == ("editor", None)
    for body, status in (
        ({"name": "Cleo"}, 409),
        ({"name": "a b"}, 400),
        ({"name": "eva", "password": "x"}, 400),
        ({"name": "eva", "role": "king"}, 422),
    ):
        assert (await client.post("/api/people", json=body)).status_code == status

    names, cursor = [], None
    while True:
        page = (await client.get("/api/people", params={"limit": 2, "cursor": cursor or ""})).json()
        names += [person["name"] for person in page["people"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["anna", "bert", "cleo", "dora", "olga"]
    assert "password" not in page["people"][0]

    changed = await client.patch("/api/people/cleo", json={"role": "owner"})
    assert changed.json()["role"] == "owner"
    assert (await client.get("/api/people", headers=cleo)).status_code == 200
    assert (await client.patch("/api/people/cleo", json={"role": "reader"})).status_code == 200
    assert (await client.get("/api/people", headers=cleo)).status_code == 403
    assert (await client.patch("/api/people/cleo", json={"password": "battery staple"})).status_code == 200
    assert (await client.get("/api/documents", headers=cleo)).status_code == 401
    assert (await client.patch("/api/people/cleo", json={})).status_code == 400
    refused = await client.patch("/api/people/olga", json={"role": "editor", "password": "battery staple"})
    assert (refused.status_code, "last owner" in refused.json()["detail"]) == (409, True)
    assert (await client.delete("/api/people/olga")).status_code == 409
    assert (await client.get("/api/people")).status_code == 200, "nothing of it was done"
    assert (await client.delete("/api/people/cleo")).status_code == 204
    assert (await client.delete("/api/people/cleo")).status_code == 404


async def test_groups_are_made_and_changed_as_a_whole(client: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    client.headers.update(cookie(kb, "olga"))
    made = await client.post("/api/groups", json={"name": "lab 1/2", "members": ["bert"]})
    assert (made.status_code, made.json()) == (201, {"name": "lab 1/2", "members": ["bert"]})
    address = "/api/groups/lab%201%2F2"
    refused = await client.patch(address, json={"add": ["anna"], "remove": ["nobody"]})
    assert refused.status_code == 404
    assert (await client.get("/api/groups")).json()["groups"] == [made.json()]
    changed = await client.patch(address, json={"add": ["anna"], "remove": ["bert"]})
    assert changed.json()["members"] == ["anna"]
    assert (await client.patch("/api/groups/none", json={"add": ["anna"]})).status_code == 404
    assert (await client.post("/api/people", json={"name": "lab"})).status_code == 201
    assert (await client.post("/api/groups", json={"name": "LAB"})).status_code == 409
    assert (await client.post("/api/groups", json={"name": "team"})).status_code == 201
    assert (await client.post("/api/people", json={"name": "team"})).status_code == 409
    assert (await client.delete(address)).status_code == 204
    assert (await client.delete(address)).status_code == 404


async def test_whose_a_collection_is_shares_it_and_others_learn_nothing(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    olga, anna, bert = (cookie(kb, name) for name in ("olga", "anna", "bert"))
    added = await client.post("/api/documents", headers=anna, data={"collection": "notes"},
                              files={"file": ("a.txt", b"words")})  # fmt: skip
    assert added.json()["document"]["collection"] == "anna/notes"
    for address in ("/api/collections/anna%2Fnotes/shares", "/api/collections/anna/notes/shares",
                    "/api/collections/notes/shares"):  # fmt: skip
        shared = await client.put(address, headers=anna, json={"name": "Bert"})
        assert shared.json() == {
            "collection": "anna/notes", "name": "bert", "kind": "person", "role": "reader"
        }  # fmt: skip
        assert (await client.get(address, headers=anna)).json()["shares"] == [shared.json()]
    assert (await client.get("/api/documents", headers=bert)).json()["total"] == 1
    changed = await client.put(address, headers=anna, json={"name": "bert", "role": "editor"})
    assert changed.json()["role"] == "editor"
    assert len((await client.get(address, headers=anna)).json()["shares"]) == 1
    assert (
        await client.put(address, headers=anna, json={"name": "bert", "role": "owner"})
    ).status_code == 422
    listed = await client.get("/api/collections/anna/notes/shares", headers=olga)
    assert listed.json()["shares"] == [changed.json()]

    for name in ("reports", "nothing"):  # one that there is, and one that there is not
        address = f"/api/collections/{name}/shares"
        assert (await client.get(address, headers=anna)).json() == {"shares": [], "next_cursor": None}
        gone = await client.delete(address, headers=anna, params={"name": "bert"})
        assert (gone.status_code, gone.json()["detail"].replace(name, "")) == (
            404,
            "The collection 'anna/' is not shared with 'bert'.",
        )
    of_anna = "/api/collections/anna/notes/shares"
    assert (await client.put(of_anna, headers=bert, json={"name": "olga"})).status_code == 403
    assert (await client.get(of_anna, headers=bert)).status_code == 403
    assert (await client.delete(of_anna, headers=anna, params={"name": "bert"})).status_code == 204
    assert (await client.get("/api/documents", headers=bert)).json()["total"] == 0
    assert (await client.delete(of_anna, headers=anna)).status_code == 422


async def test_what_an_owner_shared_ends_with_the_account(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    kb.accounts.add("otto", PASSWORD, Role.OWNER, caller=OWNER)
    olga, otto, bert = (cookie(kb, name) for name in ("olga", "otto", "bert"))
    address = "/api/collections/reports/shares"
    for name in ("bert", "otto"):
        assert (await client.put(address, headers=otto, json={"name": name})).status_code == 200
    assert (await client.put(address, headers=olga, json={"name": "anna"})).status_code == 200
    assert (await client.get("/api/documents", headers=bert)).json()["total"] == 1
    assert (await client.delete("/api/people/otto", headers=olga)).status_code == 204
    assert (await client.get("/api/documents", headers=bert)).json()["total"] == 0
    left = (await client.get(address, headers=olga)).json()["shares"]
    assert [share["name"] for share in left] == ["anna"]


async def test_a_former_owner_keeps_what_is_theirs_and_no_reach(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    kb.accounts.add("otto", PASSWORD, Role.OWNER, caller=OWNER)
    machines = kb.keys.add("of the machine", scope=AccessScope.ADMIN, caller=OWNER)
    with closing(Database(kb.settings.home / DATABASE)) as database, database.write() as connection:
        connection.execute("UPDATE api_keys SET added = '2020-01-01T00:00:00+00:00'")
    olga, otto = cookie(kb, "olga"), cookie(kb, "otto")
    made = await client.post("/api/keys", headers=olga, json={"name": "hers", "scope": "admin"})
    hers = {"Authorization": f"Bearer {made.json()['key']}"}
    kb.warm_up()
    await client.post("/api/ask", headers=olga, json={"question": "Where is the harbour?"})
    assert (await client.get("/api/documents", headers=hers)).json()["total"] == 1
    assert (await client.patch("/api/people/olga", headers=otto, json={"role": "editor"})).status_code == 200

    assert (await client.get("/api/documents", headers=hers)).json()["total"] == 0
    assert (await client.get("/api/people", headers=hers)).status_code == 403
    assert [key["name"] for key in (await client.get("/api/keys", headers=olga)).json()] == ["hers"]
    again = await client.post("/api/keys", headers=olga, json={"name": "new", "scope": "write"})
    new = {"Authorization": f"Bearer {again.json()['key']}"}
    assert (await client.get("/api/documents", headers=new)).json()["total"] == 0
    of_machine = {"Authorization": f"Bearer {machines}"}
    assert (await client.get("/api/documents", headers=of_machine)).json()["total"] == 1
    assert (await client.get("/api/conversations", headers=of_machine)).json()["conversations"] == []
    assert len((await client.get("/api/conversations", headers=olga)).json()["conversations"]) == 1
    assert (await client.patch("/api/people/olga", headers=otto, json={"role": "owner"})).status_code == 200
    assert (await client.get("/api/documents", headers=hers)).json()["total"] == 1
