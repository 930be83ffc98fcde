"""The doors where everybody signs in: every route, with everybody who might come, in every collection."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import Denied
from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, AccessScope, Caller, Role
from kb.web.api.changes import ChangeFeed
from kb.web.door.body_limits import BodyLimits
from kb.web.door.callers import CALLER
from kb.web.door.owner_places import without_places
from kb.web.door.page_sessions import PageSessions
from kb.web.page.frame.mount import fragments
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence
from tests.kb.web.conftest import PORT, http_client
from tests.kb.web.test_keys import ADMIN, BODIES, QUERIES, READ, ROUTES, bearer, evaluating

PASSWORD = "correct horse"
OWN, SHARED, FOREIGN = sentence(1), sentence(2), sentence(3)
FORM = {"content-type": "application/x-www-form-urlencoded"}
PAGE = ("/", "/library", "/c/some", "/d/some", "/search", "/evaluation", "/activity", "/settings", "/account")
GRADIO = [
    ("GET", "/config"),
    ("GET", "/theme.css"),
    ("GET", "/assets/index.js"),
    ("POST", "/gradio_api/queue/join"),
    ("GET", "/gradio_api/queue/data?session_hash=a"),
    ("GET", "/gradio_api/heartbeat/a"),
    ("POST", "/gradio_api/reset"),
    ("POST", "/gradio_api/cancel"),
    ("GET", "/gradio_api/startup-events"),
]
OWN_THINGS = {
    (method, path)
    for method, path in ROUTES
    if path.startswith(("/api/keys", "/api/conversations/")) or path.endswith("/rating")
}
"""What is everybody's own, whatever their account is for."""
CLOSED = ["/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/gradio_api/run/predict", "/gradio_api/info"]
"""What of Gradio nobody may call at all."""


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    settings = {"answering.model": "extractive", "server.accounts": True}
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **settings)
    for name, role in (
        ("olga", Role.OWNER),
        ("bert", Role.EDITOR),
        ("cleo", Role.EDITOR),
        ("rita", Role.READER),
    ):
        opened.accounts.add(name, PASSWORD, role, caller=OWNER)
    opened.close()
    library = Library(tmp_path)
    library.add("own.txt", [OWN], collection="bert/own")
    library.add("shared.txt", [SHARED], collection="reports")
    library.add("canary.txt", [FOREIGN], collection="secret")
    library.close()
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **settings)
    for name in ("bert", "rita"):
        opened.sharing.share("reports", name, Role.READER, caller=OWNER)
    yield opened
    opened.close()


@pytest.fixture
def app(kb: KnowledgeBase) -> ASGIApp:
    ended = ChangeFeed(kb)
    ended.end()  # streams of events say hello and end
    return build_app(
        kb, port=PORT, mount=fragments(kb), token="command", evaluating=evaluating(kb), changes=ended
    )


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(app) as client:
        yield client


async def signed_in(client: httpx.AsyncClient, name: str) -> dict[str, str]:
    """The headers of somebody who has signed in."""
    answer = await client.post("/sign-in", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    client.cookies.clear()
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def address_of(path: str, document: str = "nothing") -> str:
    path = re.sub(r"\{(page|notice_id|evaluation_id|kept_id|edit_id)\}", "1", path)
    return re.sub(r"\{\w+\}", "nothing", path.replace("{document_id}", document))


def asked_of(method: str, path: str) -> dict[str, Any]:
    return {"json": BODIES.get((method, path)), "params": QUERIES.get(path, {})}


async def test_nobody_comes_in_without_a_session(client: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    wrong = {"Cookie": "footnote_session=wrong"}
    twice = {"Cookie": "footnote_session=a; footnote_session=b"}
    for method, path in [*ROUTES, *GRADIO, ("POST", "/mcp"), ("GET", "/ui/library"), ("POST", "/sign-out")]:
        for headers in ({}, wrong, twice, {"X-Footnote-Token": "wrong"}):
            answer = await client.request(method, address_of(path), headers=headers, **asked_of(method, path))
            assert (answer.status_code, path) == (401, path)
    for path in CLOSED:
        assert (await client.post(path)).status_code == 404
    for path in PAGE:
        answer = await client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] in (f"/sign-in?next={path}", "/sign-in")
    assert (await client.get("/sign-in")).status_code == 200
    assert (await client.get("/ui/static/account.css")).status_code == 200
    assert (await client.get("/ui/static/rail.js")).status_code == 401
    assert (await client.get("/api/documents", headers={"X-Footnote-Token": "command"})).json()["total"] == 3
    assert len(kb.library.documents(caller=OWNER)) == 3


async def test_every_route_holds_everybody_to_their_role(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    people = {name: await signed_in(client, name) for name in ("olga", "bert", "rita")}
    reach = {
        "olga": (AccessScope.ADMIN, True),
        "bert": (AccessScope.WRITE, False),
        "rita": (AccessScope.READ, False),
    }
    bert = kb.accounts.caller_with(people["bert"]["Cookie"].partition("=")[2])
    assert bert is not None
    for scope, where in (("read", None), ("write", ["own"])):
        key = kb.keys.add(f"{scope} {len(people)}", scope=AccessScope(scope), collections=where, caller=bert)
        people[key], reach[key] = bearer(key), (AccessScope(scope), False)
    wrong = set()
    for (method, path), (scope, whole) in ROUTES.items():
        for name, headers in people.items():
            of, all_of_it = reach[name]
            allowed = of.includes(AccessScope(scope)) and (all_of_it or not whole)
            if (method, path) in OWN_THINGS and "Cookie" in headers:
                allowed = True
            if path.startswith("/api/collections/") and "Cookie" in headers:  # editors share their own
                allowed = of.includes(AccessScope.WRITE)
            if allowed and all_of_it and scope == ADMIN and method != "GET":
                continue  # it would be carried out
            answer = await client.request(method, address_of(path), headers=headers, **asked_of(method, path))
            if (answer.status_code not in (401, 403)) != allowed:
                wrong.add((method, path, name, answer.status_code))
    assert not wrong
    for name in ("olga", "bert"):  # a session is a browser's, and this is for programs
        assert (await client.post("/mcp", headers=people[name])).status_code == 401


async def test_what_is_not_yours_is_as_if_it_were_not_there(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    ids = {document.name: document.id for document in kb.library.documents(caller=OWNER)}
    missing = "0" * len(ids["canary.txt"])
    people = {name: await signed_in(client, name) for name in ("bert", "cleo", "rita")}
    bert = kb.accounts.caller_with(people["bert"]["Cookie"].partition("=")[2])
    assert bert is not None
    people["key"] = bearer(kb.keys.add("key", scope=AccessScope.WRITE, caller=bert))
    sees = {"bert": {"own.txt", "shared.txt"}, "cleo": set(), "rita": {"shared.txt"}}
    sees["key"] = sees["bert"]
    of_documents = [pair for pair in ROUTES if "{document_id}" in pair[1] and pair[0] != "DELETE"]
    for name, headers in people.items():
        for method, path in of_documents:
            asked = asked_of(method, path)
            nobodys = await client.request(method, address_of(path, missing), headers=headers, **asked)
            for document, its in ids.items():
                answer = await client.request(method, address_of(path, its), headers=headers, **asked)
                if document not in sees[name]:
                    same = (nobodys.status_code, nobodys.text)
                    assert (answer.status_code, answer.text.replace(its, missing)) == same, (name, path)
                elif ROUTES[method, path][0] != READ and (name == "rita" or document == "shared.txt"):
                    assert answer.status_code == 403, (name, method, path)
                else:
                    assert answer.status_code != 403, (name, method, path)
        hidden = [each for each in ("canary.txt", "own.txt") if each not in sees[name]]
        for q in (FOREIGN, f"{OWN} collection:secret", "canary secret", 'document:"canary.txt" x'):
            hits = (await client.get("/api/search", params={"q": q}, headers=headers)).json()["hits"]
            assert {hit["document"] for hit in hits} <= sees[name]
        for path in ("/api/documents", "/api/filters", "/api/library/options", "/api/status", "/v1/files",
                     "/v1/models", "/v1/vector_stores", "/api/queue", "/api/conversations"):  # fmt: skip
            said = (await client.get(path, headers=headers)).text
            assert not [each for each in hidden if each in said or "secret" in said], (name, path)
        assert (await client.get("/api/documents", headers=headers)).json()["total"] == len(sees[name])


async def test_a_conversation_is_its_askers_alone(client: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    people = {name: await signed_in(client, name) for name in ("olga", "bert", "cleo", "rita")}
    await client.post("/api/ask", json={"question": f"canary {SHARED}"}, headers=people["bert"])
    (talk,) = (await client.get("/api/conversations", headers=people["bert"])).json()["conversations"]
    own = await client.get(f"/api/conversations/{talk['id']}", headers=people["bert"])
    assert own.status_code == 200
    run = own.json()["requests"][0]["id"]
    for name in ("olga", "cleo", "rita"):
        assert (await client.get("/api/conversations", headers=people[name])).json()["conversations"] == []
        for path in (f"/api/conversations/{talk['id']}", f"/api/conversations/{talk['id']}/export",
                     f"/api/requests/{run}", f"/api/answers/{run}/export"):  # fmt: skip
            assert (await client.get(path, headers=people[name])).status_code == 404
    await client.post("/api/ask", json={"question": SHARED}, headers=people["rita"])
    (hers,) = (await client.get("/api/conversations", headers=people["rita"])).json()["conversations"]
    address = f"/api/conversations/{hers['id']}"
    for name, status in (("bert", 404), ("rita", 204)):
        renamed = await client.patch(address, json={"title": "mine"}, headers=people[name])
        assert renamed.status_code == status
    rita = kb.accounts.caller_with(people["rita"]["Cookie"].partition("=")[2])
    assert rita is not None
    key = bearer(kb.keys.add("reading", caller=rita))
    assert (await client.delete(address, headers=key)).status_code == 403  # a key may what it was made for
    assert (await client.delete(address, headers=people["rita"])).status_code == 204
    assert (await client.get("/api/conversations", headers=people["rita"])).json()["conversations"] == []
    kb.requests.flush()
    logged = (await client.get("/api/log", headers=people["olga"])).json()["requests"]
    assert {each["person"] for each in logged} == {"bert", "rita"}
    assert (await client.get("/api/log", headers=people["bert"])).status_code == 403


async def test_a_file_that_names_no_collection_goes_to_nobody_else(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    kb.sharing.share("reports", "cleo", Role.EDITOR, caller=OWNER)  # all that she sees
    cleo = await signed_in(client, "cleo")
    for path, form in (("/api/documents", {"same_name": "second"}), ("/v1/files", {"purpose": "assistants"})):
        added = await client.post(path, headers=cleo, data=form, files={"file": (f"{path[1:3]}.txt", path)})
        assert added.status_code in (200, 201)
    assert {document.collection for document in kb.library.documents(caller=OWNER) if document.name in
            ("ap.txt", "v1.txt")} == {"cleo/default"}  # fmt: skip


async def test_an_old_answer_gives_no_more_than_it_quotes_once_a_share_ended(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    bert = await signed_in(client, "bert")
    kb.warm_up()
    await client.post("/api/ask", json={"question": SHARED}, headers=bert)
    (talk,) = (await client.get("/api/conversations", headers=bert)).json()["conversations"]
    of_talk = f"/api/conversations/{talk['id']}"
    before = (await client.get(of_talk, headers=bert)).json()["requests"][0]
    assert "reports" in [hit["collection"] for hit in before["searched"]["hits"]]
    kb.sharing.unshare("reports", "bert", caller=OWNER)
    paths = [f"/api/requests/{before['id']}", f"/api/requests/{before['id']}/events"]
    paths += [f"{each}/export?format=json" for each in (of_talk, f"/api/answers/{before['id']}")]
    for path in (of_talk, *paths):
        assert "reports" not in (await client.get(path, headers=bert)).text, path
    after = (await client.get(of_talk, headers=bert)).json()["requests"][0]
    assert after["answer"] == before["answer"]
    quotes = {each["quote"] for each in before["answer"]["citations"]} | {""}
    assert {hit["text"] for hit in after["searched"]["hits"] if hit["document"] == "shared.txt"} <= quotes


async def test_nobody_but_owners_reads_paths_and_addresses(tmp_path: Path) -> None:
    settings = {"server.accounts": True, "answering.endpoint_url": "http://10.9.8.7:4321/v1"}
    library = Library(tmp_path)
    library.add("shared.txt", [SHARED], collection="reports")
    library.close()
    kb = open_kb(tmp_path, embedder=HashEmbedder(), **settings)
    kb.warm_up()
    for name, role in (("olga", Role.OWNER), ("rita", Role.READER)):
        kb.accounts.add(name, PASSWORD, role, caller=OWNER)
    told: dict[str, str] = {}
    async with http_client(build_app(kb, port=PORT, mount=fragments(kb))) as client:
        for name in ("olga", "rita"):
            headers = await signed_in(client, name)
            kb.sharing.share("reports", "rita", Role.READER, caller=OWNER)
            asked = {"question": SHARED, "model": "gguf//etc/passwd"}
            said = [(await client.post("/api/ask", json=asked, headers=headers)).text]
            said.append((await client.get("/api/status", headers=headers)).text)
            told[name] = "".join(said)
    kb.close()
    assert str(kb.settings.home) in told["olga"]
    assert not [each for each in (str(kb.settings.home), "10.9.8.7", "4321") if each in told["rita"]]
    place = b'{"error": "http://10.9.8.7:4321/v1 is down, http://127.0.0.1:11434 is not"}'
    reader = Caller("owner", scope=AccessScope.READ, collections=frozenset())
    assert without_places(place, OWNER, kb.settings) == place
    hidden = b'{"error": "http://*************/v1 is down, http://127.0.0.1:11434 is not"}'
    assert without_places(place, reader, kb.settings) == hidden


async def test_no_browser_keeps_what_is_somebodys(client: httpx.AsyncClient) -> None:
    bert = await signed_in(client, "bert")
    for path in ("/api/documents", "/api/conversations", "/ui/library", "/v1/models", "/sign-in", "/nothing"):
        assert "no-store" in (await client.get(path, headers=bert)).headers["cache-control"], path
    assert (await client.get("/ui/static/account.css")).headers["cache-control"] == "no-cache"


async def test_a_page_of_gradio_belongs_to_who_opened_it() -> None:
    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive()).get("body", b"")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    app = BodyLimits(PageSessions(answering))

    async def asked(person: int, method: str, path: str, body: bytes = b"") -> int:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        where, _, query = path.partition("?")
        scope = {"type": "http", "method": method, "path": where, "query_string": query.encode(), "headers": [],
                 CALLER: Caller("owner", person="x", person_id=person)}  # fmt: skip
        await app(scope, receive, send)
        status: int = sent[0]["status"]
        assert status != 200 or sent[1]["body"] == body
        return status

    joined = b'{"session_hash": "one", "data": []}'
    assert await asked(1, "POST", "/gradio_api/queue/join", joined) == 200
    assert await asked(1, "GET", "/gradio_api/queue/data?session_hash=one") == 200
    assert await asked(2, "GET", "/gradio_api/queue/data?session_hash=one") == 404
    assert await asked(2, "POST", "/gradio_api/queue/join", joined) == 404
    assert await asked(2, "GET", "/gradio_api/heartbeat/one") == 404
    assert await asked(2, "POST", "/gradio_api/cancel", b'{"session_hash": "one", "event_id": "x"}') == 404
    assert await asked(2, "GET", "/gradio_api/queue/data?session_hash=two") == 200
    assert await asked(2, "POST", "/gradio_api/reset", b"no JSON") == 200


async def test_signing_in_and_out(client: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    answer = await client.post(
        "/sign-in", data={"name": "Bert", "password": PASSWORD, "next": "/library"}, headers=FORM
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/library")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    bert = {"Cookie": cookie.partition(";")[0]}
    token = bert["Cookie"].partition("=")[2]
    assert not [
        file for file in kb.settings.home.rglob("*") if file.is_file() and token.encode() in file.read_bytes()
    ]
    client.cookies.clear()
    for elsewhere in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/api/documents",
        "javascript:x",
    ):
        answer = await client.post("/sign-in", data={"name": "bert", "password": PASSWORD, "next": elsewhere})
        assert answer.headers["location"] == "/"
    client.cookies.clear()
    refused = await client.post(
        "/account/password", data={"old": "no", "new": "battery staple"}, headers=bert
    )
    assert (refused.status_code, "old password is wrong" in refused.text) == (403, True)
    short = await client.post("/account/password", data={"old": PASSWORD, "new": "x"},
                              headers={**bert, "accept-language": "zh"})  # fmt: skip
    assert (short.status_code, "密码须有 8 到 256 个字符" in short.text) == (400, True)
    changed = await client.post(
        "/account/password", data={"old": PASSWORD, "new": "battery staple"}, headers=bert
    )
    assert changed.headers["location"] == "/account?done=changed"
    client.cookies.clear()
    assert (await client.get("/api/documents", headers=bert)).status_code == 401
    bert = {"Cookie": changed.headers["set-cookie"].partition(";")[0]}
    page = (await client.get("/account", headers=bert)).text
    assert all(each in page for each in ("bert", "bert/own", "Sign out"))
    shared = {"collection": "bert/own", "with": "cleo", "role": "reader"}
    assert (await client.post("/account/shares", data=shared, headers=bert)).status_code == 303
    assert "cleo" in (await client.get("/account", headers=bert)).text
    cleo = await signed_in(client, "cleo")
    assert (await client.get("/api/documents", headers=cleo)).json()["total"] == 1
    for data in ({**shared, "collection": "secret", "role": "owner"}, {**shared, "with": "nobody"}):
        assert (await client.post("/account/shares", data=data, headers=bert)).status_code in (400, 404)
    assert (await client.post("/account/unshare", data=shared, headers=cleo)).status_code == 404
    assert (await client.post("/account/unshare", data=shared, headers=bert)).status_code == 303
    assert (await client.post("/sign-out", headers=bert)).status_code == 303
    assert (await client.get("/api/documents", headers=bert)).status_code == 401
    assert (await client.post("/account/delete", data={"password": "no"}, headers=cleo)).status_code == 403
    assert (
        await client.post("/account/delete", data={"password": PASSWORD}, headers=cleo)
    ).status_code == 303
    with pytest.raises(Denied):
        kb.accounts.sign_in("cleo", PASSWORD, address="elsewhere")


async def test_guesses_over_http_are_counted_and_other_sites_guess_nothing(
    client: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    guess = {"name": "bert", "password": "wrong horse"}
    evil = await client.post("/sign-in", data=guess, headers={"Origin": "http://evil.example"})
    assert evil.status_code == 403
    unknown = await client.post("/sign-in", data={"name": "nobody", "password": PASSWORD})
    answers = [await client.post("/sign-in", data=guess) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429] * 15
    assert int(answers[-1].headers["retry-after"]) > 60
    right = await client.post("/sign-in", data={"name": "bert", "password": PASSWORD})
    assert right.status_code == 429  # it was not even looked at
    assert unknown.text.replace("nobody", "bert") == answers[0].text


async def test_a_trusted_proxy_says_who_and_how(tmp_path: Path) -> None:
    settings = {"server.names": "notes.example", "server.trusted_proxies": "10.0.0.0/24"}
    kb = open_kb(tmp_path, embedder=HashEmbedder(), **{"server.accounts": True, **settings})
    kb.accounts.add("olga", PASSWORD, Role.OWNER, caller=OWNER)
    app = build_app(kb, port=PORT, mount=fragments(kb))
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "notes.example",
            "X-Forwarded-For": "6.6.6.6, 203.0.113.5, 10.0.0.9"}  # fmt: skip
    form = {"name": "olga", "password": PASSWORD}
    for peer, expected in (("10.0.0.2", 303), ("192.0.2.1", 403)):
        transport = httpx.ASGITransport(app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://upstream") as client:
            headers = {**said, "Origin": "https://notes.example"}
            answer = await client.post("/sign-in", data=form, headers=headers)
            assert answer.status_code == expected, peer
            if expected == 303:
                cookie = answer.headers["set-cookie"]
                assert cookie.startswith("__Host-footnote_session=")
                assert "Secure" in cookie
                client.cookies.clear()
                for _ in range(6):
                    wrong = await client.post("/sign-in", data={**form, "password": "no"}, headers=headers)
                assert wrong.status_code == 429
                other = {**headers, "X-Forwarded-For": "203.0.113.6"}
                wrong = await client.post("/sign-in", data={**form, "password": "no"}, headers=other)
                assert wrong.status_code == 403  # another address has tries of its own
    kb.close()


async def test_the_first_visit_makes_the_owner(tmp_path: Path) -> None:
    kb = open_kb(tmp_path, embedder=HashEmbedder(), **{"server.accounts": True})
    code = kb.accounts.new_first_code(caller=OWNER)
    async with http_client(build_app(kb, port=PORT, mount=fragments(kb))) as client:
        assert 'name="code"' in (await client.get("/sign-in")).text
        form = {"name": "olga", "password": PASSWORD, "code": "wrong"}
        assert (await client.post("/sign-in", data=form)).status_code == 403
        made = await client.post("/sign-in", data={**form, "code": code})
        assert made.status_code == 303
        assert 'name="code"' not in (await client.get("/sign-in")).text
        assert (await client.get("/api/settings")).status_code == 200
    kb.close()


def test_off_loopback_everybody_signs_in(tmp_path: Path) -> None:
    for host, asks in (
        ("127.0.0.1", False),
        ("localhost", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("a", True),
    ):
        kb = open_kb(tmp_path, embedder=HashEmbedder(), **{"server.host": host})
        assert kb.settings.server.asks_to_sign_in is asks
        kb.close()
