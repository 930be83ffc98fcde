"""Who reaches what through ``/mcp``: every tool and resource, with everybody's keys, in every kind of collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from kb.errors import Denied
from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, AccessScope, Caller, Role
from kb.web.page.frame.mount import fragments
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client
from tests.kb.web.mcp.test_mcp import TOOLS, connected

PASSWORD = "correct horse"
PLACES = {
    "own": "bert/own",
    "read": "reports",
    "changed": "joint",
    "another's": "cleo/notes",
    "foreign": "secret",
}
"""What each collection is for bert -> its name."""
TEXTS = {name: sentence(number) for number, name in enumerate(PLACES.values(), start=1)}
NOWHERE, NOBODY, NO_PASSAGE = "nowhere", "0" * 12, 10**9
EVERYTHING = dict.fromkeys(PLACES.values(), AccessScope.WRITE)
READS, WRITES = AccessScope.READ, AccessScope.WRITE
BERTS = {"bert/own": WRITES, "reports": READS, "joint": WRITES}


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and how far it reaches."""

    person: str
    scope: AccessScope
    collections: tuple[str, ...] | None
    reach: dict[str, AccessScope]

    def scope_in(self, collection: str) -> AccessScope | None:
        """None where the collection is not there for it."""
        found = self.reach.get(collection)
        return found if found is None or self.scope.includes(found) else self.scope


KEYS = {
    **{f"owner {scope}": Key("olga", scope, None, EVERYTHING) for scope in AccessScope},
    **{f"owner {scope} of one": Key("olga", scope, ("reports",), {"reports": WRITES}) for scope in AccessScope},
    **{f"editor {scope}": Key("bert", scope, None, BERTS) for scope in (READS, WRITES)},
    **{f"editor {scope} of own": Key("bert", scope, ("own",), {"bert/own": WRITES}) for scope in (READS, WRITES)},
    "editor's of what they read": Key("bert", READS, ("reports",), {"reports": READS}),
    "editor's of what they change": Key("bert", WRITES, ("joint",), {"joint": WRITES}),
    "editor's of what is not theirs": Key("bert", WRITES, ("secret",), {}),
    "another editor": Key("cleo", WRITES, None, {"cleo/notes": WRITES}),
    "reader": Key("rita", READS, None, {"reports": READS, "joint": READS}),
    "owner without an account": Key("", AccessScope.ADMIN, None, EVERYTHING),
    "owner without an account, of one": Key("", WRITES, ("secret",), {"secret": WRITES}),
}  # fmt: skip


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    settings = {"answering.model": "extractive", "server.accounts": True}
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **settings)
    people = {"olga": Role.OWNER, "bert": Role.EDITOR, "cleo": Role.EDITOR, "rita": Role.READER}
    for name, role in people.items():
        opened.accounts.add(name, PASSWORD, role, caller=OWNER)
    opened.close()
    library = Library(tmp_path)
    for name, text in TEXTS.items():
        library.add(f"{name.replace('/', ' ')}.txt", [text], collection=name)
    library.close()
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **settings)
    opened.sharing.share("reports", "bert", Role.READER, caller=OWNER)
    opened.sharing.share("joint", "bert", Role.EDITOR, caller=OWNER)
    for name in ("reports", "joint"):
        opened.sharing.share(name, "rita", Role.READER, caller=OWNER)
    yield opened
    opened.close()


def caller_of(kb: KnowledgeBase, person: str) -> Caller:
    if not person:
        return OWNER
    found = kb.accounts.caller_with(kb.accounts.sign_in(person, PASSWORD, address="10.0.0.1"))
    assert found is not None
    return found


class Reach:
    """One key at work; what it gets is compared with what there is, and with what there is not."""

    def __init__(self, client: Client, kb: KnowledgeBase, key: Key) -> None:
        self.client = client
        self.key = key
        self.documents = {each.collection: each for each in kb.library.documents(caller=OWNER)}
        self.passages = {
            name: kb.library.passages(each.id, caller=OWNER)[0].id for name, each in self.documents.items()
        }

    async def said(self, tool: str, **arguments: Any) -> tuple[bool, str]:
        """Whether a call is refused, and all that it gives."""
        found = await self.client.call_tool(tool, arguments)
        return bool(found.is_error), json.dumps(
            [found.structured_content, *(getattr(part, "text", "") for part in found.content)]
        )

    async def resource(self, address: str) -> tuple[bool, str]:
        try:
            found = await self.client.read_resource(address)
        except MCPError as error:
            return True, str(error)
        return False, "".join(str(getattr(part, "text", "")) for part in found.contents)

    async def reading(self, collection: str, document: str, passage: int) -> list[tuple[bool, str]]:
        """Everything that names a document."""
        return [
            await self.said("read_page", document_id=document),
            await self.said("read_passage", passage_id=passage),
            await self.resource(f"footnote://documents/{document}"),
            await self.resource(f"footnote://documents/{document}/pages/1"),
        ]

    async def naming(self, collection: str, text: str) -> list[tuple[bool, str]]:
        """Everything that names a collection."""
        return [
            await self.said("list_documents", collection=collection),
            await self.said("search", query=text, collection=collection),
            await self.said("ask", question=text, collection=collection),
        ]

    async def check_reading(self, collection: str) -> None:
        document, passage, text = self.documents[collection], self.passages[collection], TEXTS[collection]
        read = await self.reading(collection, document.id, passage)
        named = await self.naming(collection, text)
        if self.key.scope_in(collection) is not None:
            assert [refused for refused, _ in read + named] == [False] * 7
            assert all(text in said for _, said in read + named[1:])
            assert document.id in named[0][1]
            return
        nothing = await self.reading(NOWHERE, NOBODY, NO_PASSAGE)
        assert [(refused, _masked(said, document.id, passage)) for refused, said in read] == [
            (refused, _masked(said, NOBODY, NO_PASSAGE)) for refused, said in nothing
        ]
        assert all(refused for refused, _ in read)
        nowhere = await self.naming(NOWHERE, text)
        assert [(refused, _masked(said, collection)) for refused, said in named] == [
            (refused, _masked(said, NOWHERE)) for refused, said in nowhere
        ]
        assert not any(document.id in said or document.name in said for _, said in named)

    async def check_everything_together(self) -> None:
        """Without naming a collection: exactly what the key reaches."""
        listed = await self.said("list_documents", limit=100)
        found = [await self.said("search", query=text, limit=20) for text in TEXTS.values()]
        seen = {name for name, each in self.documents.items() if each.id in listed[1]}
        assert seen == {name for name in PLACES.values() if self.key.scope_in(name)}
        for name, each in self.documents.items():
            assert name in seen or not any(each.id in said for _, said in found)
        asked = await self.said("ask", question="Which documents are there?")
        assert {name for name, each in self.documents.items() if each.name in asked[1]} <= seen

    async def check_adding(self, collection: str) -> None:
        file = {"name": "new.txt", "text": f"A new file for {collection}."}
        refused, said = await self.said("add_file", collection=collection, **file)
        nowhere = await self.said("add_file", collection=NOWHERE, **file)
        scope = self.key.scope_in(collection)
        if not self.key.scope.includes(WRITES):
            assert refused
            assert (refused, said) == nowhere, "what a key is for is said before where"
        elif scope is None:  # one of their own of that name is made, or nothing at all
            assert refused == nowhere[0]
            if refused:
                assert _masked(said, collection) == _masked(nowhere[1], NOWHERE)
            else:
                assert f'"{self.key.person}/{collection}"' in said
        else:
            assert refused == (scope is READS)
            assert f'"{collection}"' in said or refused


def _masked(said: str, *names: object) -> str:
    for name in names:
        said = said.replace(str(name), "*")
    return said


@pytest.mark.parametrize("name", KEYS)
async def test_a_key_reaches_what_it_is_for_and_of_all_else_not_even_whether_it_is(
    kb: KnowledgeBase, name: str
) -> None:
    key = KEYS[name]
    secret = kb.keys.add(
        "key", caller=caller_of(kb, key.person), scope=key.scope, collections=key.collections
    )
    app = build_app(kb, port=PORT, mount=fragments(kb), token="command")
    async with connected(app, secret) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        assert (await client.list_resources()).resources == []
        reach = Reach(client, kb, key)
        await reach.check_everything_together()
        for collection in PLACES.values():
            await reach.check_reading(collection)
        for collection in PLACES.values():
            await reach.check_adding(collection)
    others = {each.collection for each in kb.library.documents(caller=OWNER) if each.name == "new.txt"}
    theirs = {found for found in others if found.startswith(f"{key.person}/")} if key.person else set()
    allowed = {
        found for found in PLACES.values() if key.scope_in(found) is not None and key.scope_in(found) != READS
    }
    assert others <= theirs | allowed | ({NOWHERE} if key.reach == EVERYTHING else set())


def test_no_key_is_made_that_would_reach_further_than_its_person(kb: KnowledgeBase) -> None:
    for person, scope, collections in (
        ("bert", AccessScope.ADMIN, None),
        ("bert", AccessScope.ADMIN, ("own",)),
        ("bert", WRITES, ("reports",)),
        ("rita", WRITES, None),
    ):
        with pytest.raises(Denied):
            kb.keys.add("key", caller=caller_of(kb, person), scope=scope, collections=collections)


async def test_nobody_comes_in_and_a_key_that_ended_opens_nothing(kb: KnowledgeBase) -> None:
    app = build_app(kb, port=PORT, mount=fragments(kb), token="command")
    bert = caller_of(kb, "bert")
    session = kb.accounts.sign_in("bert", PASSWORD, address="10.0.0.1")
    key = kb.keys.add("gone", caller=bert, scope=AccessScope.WRITE)
    async with connected(app, key) as client:
        assert not (await client.call_tool("list_documents", {})).is_error
        kb.keys.revoke("gone", caller=bert)
        with pytest.raises((MCPError, httpx2.HTTPError)):
            await client.call_tool("list_documents", {})
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "list_documents", "arguments": {}}}  # fmt: skip
    async with http_client(app) as plain:
        answers = [
            await plain.post("/mcp", json=body, headers=headers)
            for headers in (
                {},
                {"Cookie": f"footnote_session={session}"},
                {"Authorization": f"Bearer {key}"},
                {"Authorization": "Bearer fn_" + "x" * 43},
            )
        ]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[2].content == answers[3].content
