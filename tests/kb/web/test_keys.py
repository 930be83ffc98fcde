"""What a key opens, and what it does not: every route, with every kind of key, in its collection and in others."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from kb.errors import BadInput, Conflict, Denied, NotFound
from kb.evaluate.background import BackgroundEvaluation
from kb.evaluate.experiments import ExperimentRunner
from kb.knowledge_base import KnowledgeBase
from kb.state.conversations import AnswerRuns
from kb.system.redact import redacted
from kb.types import OWNER, AccessScope, Caller, Question, SameName
from kb.web.api.changes import ChangeFeed
from kb.web.page.frame.mount import fragments
from kb.web.server import build_api, build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, NoPictures, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client

MINE, FOREIGN = sentence(1), sentence(2)
READ, WRITE, ADMIN = "read", "write", "admin"

ROUTES: dict[tuple[str, str], tuple[str, bool]] = {
    ("GET", "/api/documents"): (READ, False),
    ("POST", "/api/documents"): (WRITE, False),
    ("GET", "/api/events"): (READ, False),
    ("GET", "/api/filters"): (READ, False),
    ("GET", "/api/documents/{document_id}"): (READ, False),
    ("GET", "/api/documents/{document_id}/passages"): (READ, False),
    ("GET", "/api/documents/{document_id}/find"): (READ, False),
    ("PATCH", "/api/documents/{document_id}"): (WRITE, False),
    ("DELETE", "/api/documents/{document_id}"): (WRITE, False),
    ("GET", "/documents/{document_id}/original"): (READ, False),
    ("GET", "/documents/{document_id}/view"): (READ, False),
    ("GET", "/documents/{document_id}/pages/{page}.png"): (READ, False),
    ("POST", "/api/documents/{document_id}/cancel"): (WRITE, False),
    ("POST", "/api/documents/{document_id}/pause"): (WRITE, False),
    ("POST", "/api/documents/{document_id}/resume"): (WRITE, False),
    ("POST", "/api/documents/{document_id}/retry"): (WRITE, False),
    ("GET", "/api/ratings"): (READ, False),
    ("GET", "/api/answers/{request_id}/export"): (READ, False),
    ("POST", "/api/answers/{request_id}/rating"): (WRITE, False),
    ("DELETE", "/api/answers/{request_id}/rating"): (WRITE, False),
    ("GET", "/api/documents/{document_id}/passage-edits"): (READ, False),
    ("POST", "/api/documents/{document_id}/passage-edits"): (WRITE, False),
    ("DELETE", "/api/documents/{document_id}/passage-edits/{edit_id}"): (WRITE, False),
    ("GET", "/api/library/options"): (READ, False),
    ("GET", "/api/library/causes"): (READ, False),
    ("POST", "/api/library/actions"): (WRITE, False),
    ("POST", "/api/library/undo/{undo}"): (WRITE, False),
    ("GET", "/api/queue"): (READ, False),
    ("POST", "/api/queue/pause"): (ADMIN, True),
    ("POST", "/api/queue/resume"): (ADMIN, True),
    ("POST", "/api/queue/retry-failed"): (WRITE, False),
    ("GET", "/api/search"): (READ, False),
    ("POST", "/api/search"): (READ, False),
    ("POST", "/api/ask"): (READ, False),
    ("GET", "/api/status"): (READ, False),
    ("GET", "/api/storage"): (READ, False),
    ("GET", "/api/backups"): (ADMIN, True),
    ("POST", "/api/backups"): (ADMIN, True),
    ("POST", "/api/backups/restore"): (ADMIN, True),
    ("POST", "/api/restart"): (ADMIN, True),
    ("POST", "/api/check"): (ADMIN, True),
    ("GET", "/api/notices"): (READ, True),
    ("DELETE", "/api/notices/{notice_id}"): (ADMIN, True),
    ("GET", "/api/vectors"): (ADMIN, True),
    ("POST", "/api/vectors/move"): (ADMIN, True),
    ("GET", "/api/embedder"): (ADMIN, True),
    ("POST", "/api/embedder/switch"): (ADMIN, True),
    ("POST", "/api/embedder/undo"): (ADMIN, True),
    ("POST", "/api/embedder/forget"): (ADMIN, True),
    ("GET", "/api/chunker"): (ADMIN, True),
    ("POST", "/api/chunker/switch"): (ADMIN, True),
    ("POST", "/api/chunker/undo"): (ADMIN, True),
    ("POST", "/api/chunker/forget"): (ADMIN, True),
    ("GET", "/api/settings"): (ADMIN, True),
    ("PATCH", "/api/settings"): (ADMIN, True),
    ("GET", "/api/models/answering"): (READ, True),
    ("POST", "/api/models/test"): (ADMIN, True),
    ("GET", "/api/evaluations"): (READ, True),
    ("POST", "/api/evaluations"): (ADMIN, True),
    ("DELETE", "/api/evaluations/running"): (ADMIN, True),
    ("GET", "/api/evaluations/{evaluation_id}"): (READ, True),
    ("DELETE", "/api/evaluations/{evaluation_id}"): (ADMIN, True),
    ("GET", "/api/kept-questions"): (READ, True),
    ("POST", "/api/kept-questions"): (WRITE, True),
    ("DELETE", "/api/kept-questions/{kept_id}"): (WRITE, True),
    ("GET", "/api/conversations"): (READ, False),
    ("GET", "/api/conversations/{conversation_id}"): (READ, False),
    ("PATCH", "/api/conversations/{conversation_id}"): (WRITE, False),
    ("GET", "/api/conversations/{conversation_id}/export"): (READ, False),
    ("DELETE", "/api/conversations/{conversation_id}"): (WRITE, False),
    ("GET", "/api/requests/{request_id}"): (READ, False),
    ("GET", "/api/requests/{request_id}/events"): (READ, False),
    ("POST", "/api/requests/{request_id}/cancel"): (READ, False),
    ("GET", "/api/log"): (ADMIN, False),
    ("GET", "/api/log/export"): (ADMIN, False),
    ("GET", "/metrics"): (ADMIN, True),
    ("GET", "/v1/models"): (READ, False),
    ("GET", "/v1/models/{model}"): (READ, False),
    ("POST", "/v1/chat/completions"): (READ, False),
    ("POST", "/v1/embeddings"): (READ, False),
    ("POST", "/v1/rerank"): (READ, False),
    ("GET", "/v1/files"): (READ, False),
    ("POST", "/v1/files"): (WRITE, False),
    ("GET", "/v1/files/{file_id}"): (READ, False),
    ("DELETE", "/v1/files/{file_id}"): (WRITE, False),
    ("GET", "/v1/files/{file_id}/content"): (READ, False),
    ("GET", "/v1/vector_stores"): (READ, False),
    ("GET", "/v1/vector_stores/{store_id}"): (READ, False),
    ("POST", "/v1/vector_stores/{store_id}/search"): (READ, False),
    ("GET", "/api/keys"): (ADMIN, True),
    ("POST", "/api/keys"): (ADMIN, True),
    ("DELETE", "/api/keys/{name}"): (ADMIN, True),
    ("GET", "/api/people"): (ADMIN, True),
    ("POST", "/api/people"): (ADMIN, True),
    ("PATCH", "/api/people/{name}"): (ADMIN, True),
    ("DELETE", "/api/people/{name}"): (ADMIN, True),
    ("GET", "/api/people/{name}/identities"): (ADMIN, True),
    ("DELETE", "/api/people/{name}/identities"): (ADMIN, True),
    ("GET", "/api/groups"): (ADMIN, True),
    ("POST", "/api/groups"): (ADMIN, True),
    ("PATCH", "/api/groups/{name}"): (ADMIN, True),
    ("DELETE", "/api/groups/{name}"): (ADMIN, True),
    ("GET", "/api/collections/{collection}/shares"): (ADMIN, True),
    ("PUT", "/api/collections/{collection}/shares"): (ADMIN, True),
    ("DELETE", "/api/collections/{collection}/shares"): (ADMIN, True),
}
"""What each route asks of a key: its scope, and whether it has to be for the whole library."""

BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", "/api/settings"): {"values": {"retrieval.passages": 3}},
    ("POST", "/api/models/test"): {"name": "nobody"},
    ("POST", "/api/search"): {"question": MINE},
    ("POST", "/api/ask"): {"question": MINE},
    ("PATCH", "/api/conversations/{conversation_id}"): {"title": "x"},
    ("POST", "/api/backups"): {},
    ("POST", "/api/backups/restore"): {"path": "/nothing"},
    ("POST", "/api/documents/{document_id}/passage-edits"): {"chunk_id": 10**6},
    ("POST", "/api/answers/{request_id}/rating"): {"rating": "good"},
    ("POST", "/api/library/actions"): {"act": "tag", "ids": ["nothing"], "add_tags": ["x"]},
    ("POST", "/api/evaluations"): {},
    ("POST", "/api/kept-questions"): {"question": MINE, "chunk_id": 10**6},
    ("POST", "/api/check"): {},
    ("POST", "/api/vectors/move"): {"to": "exact", "dry_run": True},
    ("POST", "/api/embedder/switch"): {"dry_run": True},
    ("POST", "/api/chunker/switch"): {"chunk_tokens": 300, "dry_run": True},
    ("POST", "/api/keys"): {"name": "another"},
    ("POST", "/api/people"): {"name": "somebody", "password": "correct horse"},
    ("PATCH", "/api/people/{name}"): {"role": "reader"},
    ("POST", "/api/groups"): {"name": "some"},
    ("PATCH", "/api/groups/{name}"): {"add": []},
    ("PUT", "/api/collections/{collection}/shares"): {"name": "nobody"},
    ("PATCH", "/api/documents/{document_id}"): {"add_tags": ["x"]},
}
QUERIES = {
    "/api/search": {"q": MINE},
    "/api/documents/{document_id}/find": {"q": "passage"},
    "/api/collections/{collection}/shares": {"name": "nobody"},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    library = Library(tmp_path)
    library.add("mine.txt", [MINE], collection="open")
    library.add("canary.txt", [FOREIGN], collection="secret")
    library.close()
    return tmp_path


@pytest.fixture
def kb(home: Path) -> Iterator[KnowledgeBase]:
    opened = open_kb(home, embedder=HashEmbedder(), **{"answering.model": "extractive"})
    yield opened
    opened.close()


@pytest.fixture
async def client(kb: KnowledgeBase) -> AsyncIterator[httpx.AsyncClient]:
    ended = ChangeFeed(kb)
    ended.end()  # streams of events say hello and end
    app = build_app(
        kb, port=PORT, mount=fragments(kb), token="command", evaluating=evaluating(kb), changes=ended
    )
    async with http_client(app) as client:
        yield client


def evaluating(kb: KnowledgeBase) -> BackgroundEvaluation:
    """What runs evaluations, of which none is begun here."""

    def none(*_: object) -> NoReturn:
        raise AssertionError("nobody may come this far")

    return BackgroundEvaluation(ExperimentRunner(kb, open_library=none, worker=none, code_version=""))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def holding(home: Path, key: str) -> list[Path]:
    return [file for file in home.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]


async def logged(client: httpx.AsyncClient, kb: KnowledgeBase, key: str) -> list[dict[str, Any]]:
    kb.requests.flush()
    found: list[dict[str, Any]] = (await client.get("/api/log", headers=bearer(key))).json()["requests"]
    return found


def keys(kb: KnowledgeBase) -> dict[str, str]:
    """A key of each scope for everything, and of each for the one collection."""
    return {
        f"{scope} {where[0] if where else 'all'}": kb.keys.add(
            f"{scope} {where[0] if where else 'all'}",
            caller=OWNER,
            scope=AccessScope(scope),
            collections=where,
        )
        for scope in (READ, WRITE, ADMIN)
        for where in (None, ("open",))
    }


async def test_every_route_holds_every_key_to_what_it_is_for(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    made = keys(kb)
    revoked = kb.keys.add("revoked", caller=OWNER, scope=AccessScope.ADMIN)
    kb.keys.revoke("revoked", caller=OWNER)
    described = build_api(kb, evaluating(kb), mount=fragments(kb)).openapi()["paths"]
    served = {
        (method.upper(), path)
        for path, methods in described.items()
        if not path.startswith("/ui/")
        for method in methods
    }
    assert served == set(ROUTES), "every route has its line in ROUTES"
    before = [(found.id, found.state, found.tags) for found in kb.library.documents(caller=OWNER)]
    wrong = set()
    for (method, path), (scope, whole) in ROUTES.items():
        address = re.sub(r"\{(page|notice_id|evaluation_id|kept_id|edit_id)\}", "1", path)
        address = re.sub(r"\{\w+\}", "nothing", address)
        asked: Any = {"json": BODIES.get((method, path)), "params": QUERIES.get(path, {})}
        refusals = [await client.request(method, address, headers=bearer(key), **asked)
                    for key in (revoked, revoked[:-1], "fn_" + "x" * 43)]  # fmt: skip
        assert {each.status_code for each in refusals} == {401}, path
        assert len({each.content for each in refusals}) == 1
        for name, key in made.items():
            of, where = name.split()
            allowed = AccessScope(of).includes(AccessScope(scope)) and not (whole and where != "all")
            if allowed and (of == ADMIN and method != "GET"):
                continue  # it would be carried out
            status = (await client.request(method, address, headers=bearer(key), **asked)).status_code
            if (status not in (401, 403)) != allowed:
                wrong.add((method, path, name, status))
    assert not wrong
    after = [(found.id, found.state, found.tags) for found in kb.library.documents(caller=OWNER)]
    assert after == before
    assert (await client.get("/", headers=bearer(made["admin all"]))).status_code == 403
    assert (await client.get("/ui/library", headers=bearer(made["admin all"]))).status_code == 403


async def test_a_key_for_a_collection_sees_nothing_of_others(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    client.headers.update(bearer(keys(kb)["write open"]))
    mine, foreign = (
        next(document for document in kb.library.documents(caller=OWNER) if document.collection == name)
        for name in ("open", "secret")
    )
    passage = kb.library.passages(foreign.id, caller=OWNER)[0].id
    for method, path in (pair for pair in ROUTES if "{document_id}" in pair[1]):
        address = re.sub(r"\{(page|edit_id)\}", "1", path).replace("{document_id}", "{}")
        asked: Any = {"json": BODIES.get((method, path)), "params": QUERIES.get(path, {})}
        theirs = await client.request(method, address.format(foreign.id), **asked)
        nobodys = await client.request(method, address.format("0" * len(foreign.id)), **asked)
        assert (theirs.status_code, theirs.text.replace(foreign.id, "0" * len(foreign.id))) == (
            nobodys.status_code,
            nobodys.text,
        )
        assert theirs.status_code == 404
    seen = []
    for q in (FOREIGN, f"{FOREIGN} collection:secret", f'{FOREIGN} document:"canary.txt"', "canary secret"):
        seen.append(await client.get("/api/search", params={"q": q}))
        seen.append(await client.get("/api/search", params={"q": q, "collection": "secret"}))
        seen.append(await client.post("/api/ask", json={"question": q}))
        seen.append(await client.post("/api/ask", json={"question": q, "collection": "secret"}))
    for question in ("Which documents are there?", "How many documents are there?", "Summarise canary.txt"):
        seen += [await client.post("/api/ask", json={"question": question})]
    for path in ("/api/library/options", "/api/documents?text=canary", "/api/documents",
                 "/api/documents?collection=secret", "/api/filters", "/api/status"):  # fmt: skip
        seen += [await client.get(path)]
    typed = {FOREIGN, "canary", "secret"}
    for answer in seen:
        assert answer.status_code == 200
        said = answer.text
        for own in (*typed, "Summarise canary.txt"):  # what was asked is said back
            said = said.replace(f'"question":"{own}', "").replace(f'"searched":"{own}', "")
        assert foreign.id not in said
        assert f'"document":"{foreign.name}"' not in said
        assert f'"text":"{FOREIGN}"' not in said
    assert seen[-4].json()["total"] == 1
    assert seen[-3].json() == {"documents": [], "total": 0, "next_cursor": None}
    assert seen[-2].json()["collections"] == ["open"]
    assert seen[-1].json()["documents"] == 1
    found = (await client.get("/api/search", params={"q": MINE})).json()["hits"]
    assert [hit["document_id"] for hit in found] == [mine.id]
    picture = await client.get(f"/documents/{mine.id}/pages/1.png", params={"chunk": passage})
    assert (
        picture.json()["error"]
        == f"There is no passage {passage}; its document may have been removed or replaced."
    )
    listed = await client.post("/api/ask", json={"question": "Which documents are there?"})
    assert "mine.txt" in listed.text
    assert "canary.txt" not in listed.text


async def test_what_could_not_be_drawn_for_others_is_nobodys_to_learn(
    client: httpx.AsyncClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise BadInput("This page cannot be drawn.")

    monkeypatch.setattr(NoPictures, "render", broken)
    made = keys(kb)
    (foreign,) = (found for found in kb.library.documents(caller=OWNER) if found.collection == "secret")
    page = "/documents/{}/pages/1.png"
    drawn = await client.get(page.format(foreign.id), headers=bearer(made["read all"]))
    assert drawn.status_code == 400  # remembered from here on
    theirs = await client.get(page.format(foreign.id), headers=bearer(made["read open"]))
    nobodys = await client.get(page.format("0" * len(foreign.id)), headers=bearer(made["read open"]))
    assert (theirs.status_code, theirs.text.replace(foreign.id, "0" * len(foreign.id))) == (
        nobodys.status_code,
        nobodys.text,
    )


async def test_conversations_of_a_key_for_a_collection_are_its_own(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    made = keys(kb)
    await client.post("/api/ask", json={"question": FOREIGN}, headers=bearer(made["read all"]))
    theirs = kb.conversations.all(caller=OWNER)[0].id
    await client.post("/api/ask", json={"question": MINE}, headers=bearer(made["read open"]))
    own = (await client.get("/api/conversations", headers=bearer(made["read open"]))).json()["conversations"]
    assert [conversation["title"] for conversation in own] == [MINE]
    for path in (f"/api/conversations/{theirs}", "/api/conversations/nothing"):
        answer = await client.get(path, headers=bearer(made["read open"]))
        assert answer.status_code == 404
    same = await client.get(f"/api/conversations/{own[0]['id']}", headers=bearer(made["write open"]))
    assert same.status_code == 404  # another key
    assert await logged(client, kb, made["admin open"]) == []
    everything = await logged(client, kb, made["admin all"])
    assert {request["key"] for request in everything} == {"read all", "read open"}
    await client.get("/api/search", params={"q": MINE}, headers=bearer(made["admin open"]))
    assert len(await logged(client, kb, made["admin open"])) == len(
        [request for request in await logged(client, kb, made["admin all"]) if request["key"] == "admin open"]
    )
    numbered = await logged(client, kb, made["admin open"])
    await client.get("/api/search", params={"q": FOREIGN}, headers=bearer(made["read all"]))
    await client.get("/api/search", params={"q": MINE}, headers=bearer(made["admin open"]))
    ids = [request["id"] for request in await logged(client, kb, made["admin open"])]
    assert ids == list(range(len(ids), 0, -1)), "no gap tells of what others asked"
    since = await client.get(
        "/api/log", params={"after": numbered[0]["id"]}, headers=bearer(made["admin open"])
    )
    assert [request["id"] for request in since.json()["requests"]] == ids[: -len(numbered)][::-1]
    kb.keys.revoke("admin open", caller=OWNER)
    again = kb.keys.add("admin open", caller=OWNER, scope=AccessScope.ADMIN, collections=("secret",))
    assert await logged(client, kb, again) == []  # another key, whatever it is called
    assert not (await client.get("/api/log/export?format=jsonl", headers=bearer(again))).text
    kb.keys.revoke("read open", caller=OWNER)
    assert kb.conversations.all(caller=OWNER, limit=10)[0].id == theirs


async def test_a_key_is_kept_as_a_hash_shown_once_and_masked_afterwards(
    client: httpx.AsyncClient, kb: KnowledgeBase, home: Path
) -> None:
    answer = await client.post("/api/keys", json={"name": "editor", "scope": "write", "collections": ["open"]},
                               headers={"X-Footnote-Token": "command"})  # fmt: skip
    key = answer.json()["key"]
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"fn_[\w-]{43}", key)
    assert kb.keys.all(caller=OWNER)[0].last_used is None
    uploaded = await client.post("/api/documents", headers=bearer(key), data={"collection": "open"},
                                 files={"file": ("a.txt", b"words")})  # fmt: skip
    assert uploaded.status_code == 201
    refused = [await client.post("/api/documents", headers=bearer(key), data={"collection": name},
                                 files={"file": ("b.txt", b"words")}) for name in ("secret", "nowhere")]  # fmt: skip
    assert {each.status_code for each in refused} == {403}
    assert refused[0].text.replace("secret", "nowhere") == refused[1].text
    (kept,) = kb.keys.all(caller=OWNER)
    assert (kept.scope, kept.collections) == (AccessScope.WRITE, ("open",))
    assert kept.last_used is not None
    await client.get("/api/search", params={"q": f"my key {key}"}, headers=bearer(key))
    kb.requests.flush()
    assert redacted(f"said {key}") == "said ***"
    assert not holding(home, key)


async def test_a_key_within_what_people_write_is_kept_nowhere(
    client: httpx.AsyncClient, kb: KnowledgeBase, home: Path
) -> None:
    key = kb.keys.add("never used", caller=OWNER)
    client.headers["X-Footnote-Token"] = "command"
    said = [await client.post("/api/ask", json={"question": f"my key is {key}, {MINE}"})]
    (talk,) = kb.conversations.all(caller=OWNER)
    (run,) = kb.conversations.runs(talk.id, caller=OWNER)
    await client.patch(f"/api/conversations/{talk.id}", json={"title": f"about {key}"})
    await client.post(f"/api/answers/{run.id}/rating", json={"rating": "bad", "reason": f"not {key}"})
    (mine,) = (found for found in kb.library.documents(caller=OWNER) if found.collection == "open")
    passage = kb.library.passages(mine.id, caller=OWNER)[0].id
    labelled = await client.post(
        "/api/kept-questions", json={"question": f"is it {key}?", "chunk_id": passage}
    )
    assert labelled.status_code in (200, 201)
    await client.get("/api/search", params={"q": f"x{key}"})
    kb.requests.flush()
    for path in (
        f"/api/conversations/{talk.id}/export?format=markdown",
        f"/api/conversations/{talk.id}/export?format=json",
        "/api/log/export?format=csv",
        "/api/log/export?format=jsonl",
        "/api/ratings",
        "/api/kept-questions",
        "/api/conversations",
    ):
        said += [await client.get(path)]
    for answer in said:
        assert answer.status_code == 200
        assert "***" in answer.text
        assert key not in answer.text + str(answer.headers)
    assert not holding(home, key)


async def test_a_key_that_was_kept_before_leaves_masked(client: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    key = kb.keys.add("never used", caller=OWNER)
    client.headers["X-Footnote-Token"] = "command"
    run = AnswerRuns(kb._parts.database).begin(Question(f"my key is {key}"))  # as a former version did
    for form in ("markdown", "json"):
        answer = await client.get(f"/api/conversations/{run.conversation_id}/export", params={"format": form})
        assert "***" in answer.text
        assert key not in answer.text + str(answer.headers)


def test_keys_have_names_of_their_own(kb: KnowledgeBase) -> None:
    kb.keys.add("one", caller=OWNER)
    with pytest.raises(Conflict, match="already"):
        kb.keys.add("one", caller=OWNER)
    for name in ("", " ", "x" * 65, "a\nb", "a/b", "..", "-a", " a", "a\u200b", "a?b", "a%2fb"):
        with pytest.raises(BadInput, match="name"):
            kb.keys.add(name, caller=OWNER)
    for name in ("x" * 64, "Zwei Wörter", "钥匙 2", "a.b_c-d"):
        kb.keys.add(name, caller=OWNER)
    with pytest.raises(BadInput, match="collection has a name"):
        kb.keys.add("lines", caller=OWNER, collections=("a\nb",))
    with pytest.raises(BadInput, match="collections"):
        kb.keys.add("none", caller=OWNER, collections=())
    with pytest.raises(NotFound):
        kb.keys.revoke("two", caller=OWNER)
    with pytest.raises(Denied):
        kb.keys.all(caller=Caller("owner", collections=frozenset({"open"}), key="k"))


async def test_no_door_takes_a_collection_that_cannot_be_shown(
    client: httpx.AsyncClient, kb: KnowledgeBase, tmp_path: Path
) -> None:
    client.headers["X-Footnote-Token"] = "command"
    key = bearer(kb.keys.add("writer", caller=OWNER, scope=AccessScope.WRITE))
    file = tmp_path / "a.txt"
    file.write_text("words")
    for name in ("a\nb", "\x1b[2Jq", "\u202etxt", "x" * 201):
        for path, headers in (("/api/documents", {}), ("/v1/files", key)):
            form: Any = {"data": {"collection": name}, "files": {"file": ("a.txt", b"words")}}
            assert (await client.post(path, headers=headers, **form)).status_code == 400, (path, name)
        with pytest.raises(BadInput, match="collection"):
            kb.library.add(file, "a.txt", name, caller=OWNER)
        with pytest.raises(BadInput, match="collection"):
            kb.library.add_file(file, name, caller=OWNER, same_name=SameName.SECOND)
    assert set(kb.library.collections(caller=OWNER)) == {"open", "secret"}


async def test_without_a_key_everything_is_as_it_was(client: httpx.AsyncClient) -> None:
    mine = {"X-Footnote-Token": "command"}
    assert (await client.get("/api/documents", headers=mine)).json()["total"] == 2
    assert (await client.get("/api/backups", headers=mine)).status_code == 200
    both = await client.get("/api/documents", headers={**mine, **bearer("nothing")})
    assert both.status_code == 401


def table_of_routes() -> str:
    """What docs/api.md ends with."""
    lines = ["| method | path | scope | of the library |", "|---|---|---|---|"]
    for (method, path), (scope, whole) in sorted(ROUTES.items(), key=lambda route: route[0][::-1]):
        lines.append(f"| {method} | `{path}` | {scope} | {'whole' if whole else 'its collections'} |")
    return "\n".join(lines)


def test_every_route_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    assert text.rstrip().endswith(table_of_routes()), f"docs/api.md is to end with:\n{table_of_routes()}"


def sent_otherwise(key: str) -> list[list[tuple[str, str]]]:
    """The headers of requests that bring a valid key, each in a way that is not ours."""
    basic = f"Basic {base64.b64encode(f'user:{key}'.encode()).decode()}"
    right = ("Authorization", f"Bearer {key}")
    values = (key, f"Token {key}", f"ApiKey {key}", f"Digest username={key}", f'"Bearer {key}"', f"Bearer: {key}",
              f'Bearer "{key}"', f"Bearer={key}", f"xBearer {key}", "Bearer", "", basic)  # fmt: skip
    names = ("api-key", "X-API-Key", "apikey", "Proxy-Authorization", "X-Auth-Token", "Cookie", "X-Anything")
    return [
        *([("Authorization", value)] for value in values),
        *([(name, key)] for name in names),
        [("Proxy-Authorization", basic)],
        [("X-Api-Key", "of another server")],
        [("Authorization", basic), right],
        [right, ("authorization", basic)],
        [right, right],
        [right, ("api-key", key)],
        [right, ("Cookie", f"session={key}")],
    ]


async def test_a_key_sent_in_another_way_opens_nothing(client: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    key = kb.keys.add("reader", caller=OWNER, scope=AccessScope.READ, collections=("open",))
    wrong = await client.get("/api/keys", headers=bearer("fn_wrong"))
    for headers in sent_otherwise(key):
        for path in ("/api/keys", "/v1/models", "/"):
            refused = await client.get(path, headers=headers)
            assert refused.status_code == 401, (path, headers)
            assert refused.headers["www-authenticate"] == "Bearer"
            assert path != "/api/keys" or refused.json() == wrong.json()
    for address in (f"/api/keys?api_key={key}", f"/?key={key}", f"/v1/models?access_token={key}"):
        assert (await client.get(address)).status_code == 401, address
        assert (await client.get(address, headers=bearer(key))).status_code == 401, address
    assert (await client.get("/v1/models", headers={"authorization": f"bearer  {key} "})).status_code == 200
