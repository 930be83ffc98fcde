"""Signing in by a provider of identities: whom it lets in, and that nothing but its own word does."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from kb.config import load_settings
from kb.config.oidc import OidcSettings
from kb.errors import Denied, Misconfigured
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.identity_provider import IdentityProvider
from kb.knowledge_base.provided_sign_in import ProvidedSignIn
from kb.state.db import Database
from kb.system.home_layout import DATABASE
from kb.types import OWNER, Role
from kb.web.page.frame.mount import fragments
from kb.web.server import build_app
from tests.doubles.hash_embedder import HashEmbedder
from tests.doubles.oidc_provider import CLIENT, SECRET, Claims, OidcProvider, new_key, oidc_provider
from tests.kb.library import open_kb
from tests.kb.web.conftest import ADDRESS, PORT, http_client
from tests.waiting import until

PASSWORD = "correct horse"


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as provider:
        yield provider


@contextmanager
def library(home: Path, provider: OidcProvider, **settings: object) -> Iterator[KnowledgeBase]:
    """A library whose owner is olga, and to which the provider leads; everybody may come unless ``settings`` differ."""
    given = {"server.accounts": True, "oidc.issuer": provider.issuer, "oidc.client_id": CLIENT}
    given |= {"oidc.client_secret": SECRET, "oidc.name": "the office", "oidc.everybody": not settings}
    kb = open_kb(home, embedder=HashEmbedder(), **(given | settings))
    kb.accounts.add("olga", PASSWORD, Role.OWNER, caller=OWNER)
    yield kb
    kb.close()


@pytest.fixture
def kb(tmp_path: Path, provider: OidcProvider) -> Iterator[KnowledgeBase]:
    with library(tmp_path, provider) as kb:
        yield kb


@asynccontextmanager
async def browser(kb: KnowledgeBase) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(build_app(kb, port=PORT, mount=fragments(kb))) as client:
        yield client


async def sent_back(client: httpx.AsyncClient, query: str = "") -> str:
    """The address to which the provider sends a browser that began to sign in."""
    begun = await client.get(f"/sign-in/provider{query}")
    assert begun.status_code == 303, begun.text
    async with httpx.AsyncClient(trust_env=False) as elsewhere:
        there = await elsewhere.get(begun.headers["location"])
    return there.headers["location"].removeprefix(ADDRESS)


async def came(client: httpx.AsyncClient, query: str = "") -> httpx.Response:
    return await client.get(await sent_back(client, query))


async def connecting(client: httpx.AsyncClient) -> str:
    """The query of the link on the page of the account that is signed in."""
    found = re.search(r'href="/sign-in/provider(\?connect=[\w-]+)"', (await client.get("/account")).text)
    assert found is not None
    return found[1]


def signed_in_long_ago(kb: KnowledgeBase) -> None:
    """Makes every session older than what needs no further proof."""
    with closing(Database(kb.settings.home / DATABASE)) as database, database.write() as connection:
        connection.execute("UPDATE sessions SET begun = '2020-01-01T00:00:00+00:00'")


def names(kb: KnowledgeBase) -> list[str]:
    return [person.name for person in kb.accounts.all(caller=OWNER)]


async def test_who_signs_in_there_gets_an_account_and_has_it_again(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    provider.person |= {"email": "anna@example.org", "email_verified": True}
    async with browser(kb) as client:
        page = (await client.get("/sign-in?next=/library")).text
        assert 'href="/sign-in/provider?next=%2Flibrary"' in page
        assert "Sign in with the office" in page
        first = await came(client, "?next=/library")
        assert (first.status_code, first.headers["location"]) == (303, "/library")
        assert {"HttpOnly", "SameSite=lax"} <= set(first.headers["set-cookie"].split("; "))
        assert (await client.get("/api/documents")).status_code == 200
        assert (await client.get("/api/people")).status_code == 403
        account = (await client.get("/account")).text
        assert "You can sign in with the office." in account
        assert "Old password" not in account
    provider.person = {"sub": "anna-1", "preferred_username": "anna.married", "email": "a@example.com"}
    async with browser(kb) as client:
        assert (await came(client)).status_code == 303
    assert names(kb) == ["anna", "olga"]
    with pytest.raises(Denied):
        kb.accounts.sign_in("anna", "none", address="a")
    assert provider.asked.count("/jwks") == provider.asked.count("/.well-known/openid-configuration") == 1


async def test_a_name_or_an_address_of_the_provider_is_nobodys_here(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    provider.person = {
        "sub": "evil",
        "preferred_username": "Olga",
        "email": "olga@example.org",
        "name": "olga",
    }
    async with browser(kb) as client:
        assert (await came(client)).status_code == 303
        assert (await client.get("/api/people")).status_code == 403, "no owner"
    provider.person = {"sub": "2", "preferred_username": "张 伟/x@example.org"}
    async with browser(kb) as client:
        await came(client)
    provider.person = {"sub": "3", "name": "../..", "email": 7}
    async with browser(kb) as client:
        await came(client)
    assert names(kb) == ["olga", "Olga-2", "person", "张-伟-x"]


def unsigned(provider: OidcProvider, claims: Claims) -> str:
    head, body, _ = provider.signed(claims).split(".")
    del head
    none = "eyJhbGciOiJub25lIn0"
    return f"{none}.{body}."


def by_secret(provider: OidcProvider, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256", "kid": provider.key.kid}, claims, OctKey.import_key(SECRET), ["HS256"])


LIES: dict[str, Callable[[Claims], Claims]] = {
    "another nonce": lambda claims: claims | {"nonce": "x"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "several nonces": lambda claims: claims | {"nonce": [claims["nonce"], "x"]},
    "another audience": lambda claims: claims | {"aud": "another"},
    "for another besides": lambda claims: claims | {"aud": [CLIENT, "another"]},
    "another party": lambda claims: claims | {"azp": "another"},
    "another issuer": lambda claims: claims | {"iss": "http://127.0.0.1:1/office"},
    "expired": lambda claims: claims | {"exp": int(time.time()) - 90},
    "no end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "of the future": lambda claims: claims | {"nbf": int(time.time()) + 900},
    "no subject": lambda claims: claims | {"sub": None},
    "a subject that is none": lambda claims: claims | {"sub": 7},
}
FORGED: dict[str, Callable[[OidcProvider, Claims], Any]] = {
    "unsigned": unsigned,
    "signed with the secret": by_secret,
    "signed by another": lambda provider, claims: provider.signed(claims, new_key()),
    "no token": lambda _provider, _claims: None,
    "no JWT": lambda _provider, _claims: "a.b",
}


async def test_a_token_that_is_not_what_it_should_be_lets_nobody_in(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    let_in = []
    async with browser(kb) as client:
        for name in [*LIES, *FORGED]:
            provider.bend = LIES.get(name, lambda claims: claims)
            provider.sign = FORGED.get(name)
            refused = await came(client)
            if refused.status_code != 403 or "did not confirm who you are" not in refused.text:
                let_in.append((name, refused.status_code))
            assert (await client.get("/api/documents")).status_code == 401
    assert not let_in
    assert names(kb) == ["olga"]


async def test_what_comes_back_has_to_have_been_sent(kb: KnowledgeBase, provider: OidcProvider) -> None:
    async with browser(kb) as mine, browser(kb) as another:
        back = await sent_back(mine)
        state = parse_qs(urlsplit(back).query)["state"][0]
        for client, address in (
            (mine, back.replace(state, "x")),
            (mine, "/sign-in/callback?code=x"),
            (mine, "/sign-in/callback?error=access_denied"),
            (another, await sent_back(mine)),  # a browser that did not begin: nobody is signed in by a link
            (mine, f"{await sent_back(mine)}&iss=http%3A%2F%2Fevil.example"),
        ):
            refused = await client.get(address)
            assert (refused.status_code, 'role="alert"' in refused.text) == (403, True), address
        assert (await mine.get(back)).status_code == 303
        asked = provider.asked.count("/token")
        assert (await mine.get(back)).status_code == 403
        assert provider.asked.count("/token") == asked, "what was begun is good for one"
        first, second = await sent_back(another), await sent_back(another)  # two windows of one browser
        assert [(await another.get(each)).status_code for each in (second, first)] == [303, 303]
        chinese = await another.get("/sign-in/callback?code=x&state=x", headers={"accept-language": "zh"})
        assert "请重新登录" in chinese.text
        for elsewhere in ("//evil.example", "https://evil.example/", "/\\evil.example"):
            landed = await came(mine, f"?next={elsewhere}")
            assert landed.headers["location"] == "/"
        cross = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        assert (await another.get(await sent_back(another), headers=cross)).status_code == 303
        assert (await another.get("/sign-in/provider?connect=1", headers=cross)).status_code == 403


async def test_a_new_key_is_fetched_once(kb: KnowledgeBase, provider: OidcProvider) -> None:
    now = [1000.0]
    given = OidcSettings(issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET)  # type: ignore[arg-type]
    speaks = IdentityProvider(given, clock=lambda: now[0])

    def exchanged() -> Mapping[str, Any]:
        provider.codes["c"] = {"code_challenge": "TJRIXgwhrmxBzh3-e2v6zupato5AokdvUCCOUm9QYIA", "nonce": "n",
                               "code_challenge_method": "S256", "redirect_uri": "r"}  # fmt: skip
        return speaks.confirmed("c", nonce="n", verifier="v", redirect_uri="r").claims

    provider.codes.clear()
    exchanged()
    provider.key = new_key()
    now[0] += 11
    assert exchanged()["sub"] == "anna-1"
    provider.sign = lambda of, claims: jwt.encode({"alg": "ES256", "kid": "unknown"}, claims, of.key)
    now[0] += 11
    for _ in range(5):
        with pytest.raises(Denied):
            exchanged()
    assert provider.asked.count("/jwks") == 3
    provider.sign, provider.page = None, b"away"
    now[0] += 5000
    assert speaks.address(state="s", nonce="n", verifier="v", redirect_uri="r"), "what it said before counts"


@pytest.mark.parametrize(
    ("settings", "person", "userinfo", "may"),
    [
        ({"oidc.domains": "example.org"}, {"email": "a@example.org", "email_verified": True}, {}, True),
        ({"oidc.domains": "@Example.org, x.org"}, {"email": "a@x.ORG", "email_verified": True}, {}, True),
        ({"oidc.domains": "example.org"}, {"email": "a@example.org"}, {}, False),
        ({"oidc.domains": "example.org"}, {"email": "a@example.org", "email_verified": "true"}, {}, False),
        ({"oidc.domains": "example.org"}, {"email": "a@evil-example.org", "email_verified": True}, {}, False),
        ({"oidc.domains": "e.org"}, {}, {"sub": "anna-1", "email": "a@e.org", "email_verified": True}, True),
        ({"oidc.domains": "e.org"}, {}, {"sub": "bert-1", "email": "a@e.org", "email_verified": True}, None),
        ({"oidc.groups": "staff, lab"}, {"groups": ["lab"]}, {}, True),
        ({"oidc.groups": "staff"}, {"groups": ["lab"]}, {}, False),
        ({"oidc.groups": "staff"}, {}, {"sub": "anna-1", "groups": ["staff"]}, True),
        ({"oidc.groups": "staff", "oidc.groups_claim": "roles"}, {"roles": "staff"}, {}, True),
        ({"oidc.groups": "staff"}, {}, {}, None),
        ({"oidc.everybody": False}, {"email": "a@example.org"}, {}, False),
    ],
)
async def test_only_whom_the_owner_lets_in_may_come(
    tmp_path: Path, provider: OidcProvider, settings: Any, person: Claims, userinfo: Claims, may: bool | None
) -> None:
    provider.person |= person
    provider.userinfo = userinfo
    with library(tmp_path, provider, **{**settings, "oidc.role": "reader"}) as kb:
        async with browser(kb) as client:
            answer = await came(client)
        assert answer.status_code == (303 if may else 403)
        said = "you may not come in" if may is False else "did not confirm"
        assert may or said in answer.text
        roles = [person.role for person in kb.accounts.all(caller=OWNER) if person.name != "olga"]
        assert roles == ([Role.READER] if may else [])


async def test_who_leaves_the_group_stays_out_with_their_account(
    tmp_path: Path, provider: OidcProvider
) -> None:
    provider.person["groups"] = ["staff"]
    with library(tmp_path, provider, **{"oidc.groups": "staff"}) as kb:
        async with browser(kb) as client:
            assert (await came(client)).status_code == 303
            provider.person["groups"] = []
            client.cookies.clear()
            assert (await came(client)).status_code == 403
        assert names(kb) == ["anna", "olga"]


async def test_an_account_with_a_password_is_connected_by_whose_it_is(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    for name in ("anna", "bert"):
        kb.accounts.add(name, PASSWORD, Role.EDITOR, caller=OWNER)
    async with browser(kb) as client:
        assert (await client.get("/sign-in/provider?connect=1")).status_code == 403
        await client.post("/sign-in", data={"name": "anna", "password": PASSWORD})
        assert (await client.get("/sign-in/provider?connect=1")).status_code == 403, "another site's link"
        assert "Sign in with the office from now on" in (await client.get("/account")).text
        assert (await came(client, await connecting(client))).headers["location"] == "/account"
        page = (await client.get("/account")).text
        assert "You can sign in with the office." in page
        assert "Old password" in page
    async with browser(kb) as client:
        assert (await came(client)).status_code == 303
        assert "<strong>anna</strong>" in (await client.get("/account")).text
    async with browser(kb) as client:
        await client.post("/sign-in", data={"name": "bert", "password": PASSWORD})
        refused = await came(client, await connecting(client))
        assert (refused.status_code, "belongs to another account" in refused.text) == (409, True)
    kb.accounts.remove("anna", caller=OWNER)
    async with browser(kb) as client:
        assert (await came(client)).status_code == 303
        assert "<strong>anna</strong>" in (await client.get("/account")).text, "a new one, of that name"


async def test_an_account_is_connected_by_nobody_whose_session_has_ended(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    kb.accounts.add("anna", PASSWORD, Role.EDITOR, caller=OWNER)
    async with browser(kb) as client:
        await client.post("/sign-in", data={"name": "anna", "password": PASSWORD})
        back = await sent_back(client, await connecting(client))
        kb.accounts.set_password(
            "anna", "another horse", caller=OWNER
        )  # whoever has her session is to be out
        assert (await client.get(back)).status_code == 403
        back = await sent_back(client)
        assert (await client.get(back)).status_code == 303
        assert "<strong>anna-2</strong>" in (await client.get("/account")).text


async def test_whoever_begins_without_end_keeps_nobody_else_out(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    begins = partial(kb.identities.begin, redirect_uri="r", after="/", caller=None)
    async with browser(kb) as client:
        back = await sent_back(client)
        for number in range(5_100):
            begins(browser="x", address=f"2001:db8::{number:x}")
        assert (await client.get(back)).status_code == 303


@pytest.mark.parametrize(
    ("page", "described"),
    [
        (b"<html>away</html>", {}),
        (b"[]", {}),
        (None, {"issuer": "https://evil.example"}),
        (None, {"token_endpoint": "http://evil.example/token"}),
        (None, {"jwks_uri": None}),
    ],
)
async def test_a_provider_that_answers_nonsense_ends_in_a_sentence(
    kb: KnowledgeBase, provider: OidcProvider, page: bytes | None, described: Claims
) -> None:
    provider.page, provider.described = page, described
    async with browser(kb) as client:
        for _ in range(3):
            answer = await client.get("/sign-in/provider")
            assert (answer.status_code, 'role="alert"' in answer.text) == (503, True)
        assert len(provider.asked) == 1, "it is left alone for a while"
        signed = await client.post("/sign-in", data={"name": "olga", "password": PASSWORD})
        assert signed.status_code == 303


async def test_an_account_without_a_password_is_deleted_by_its_name(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    async with browser(kb) as client:
        await came(client)
        assert "The name of the account, to confirm it" in (await client.get("/account")).text
        for typed, status in (("", 403), ("none", 403), ("olga", 403), ("anna", 303)):
            answer = await client.post("/account/delete", data={"password": typed})
            assert answer.status_code == status, typed
    assert names(kb) == ["olga"]


async def test_nobody_waits_for_a_provider_that_is_slow(kb: KnowledgeBase, provider: OidcProvider) -> None:
    provider.held.clear()
    async with browser(kb) as client:
        sent = asyncio.create_task(client.get("/sign-in/provider"))
        await until(lambda: provider.asked, seconds=30)
        assert (await client.get("/sign-in")).status_code == 200
        assert not sent.done()
        provider.held.set()
        assert (await sent).status_code == 303


async def test_who_signed_in_so_is_asked_again_after_a_day(kb: KnowledgeBase, provider: OidcProvider) -> None:
    async with browser(kb) as client:
        await came(client)
        token = client.cookies["footnote_session"]
    with closing(Database(kb.settings.home / DATABASE)) as database:
        (row,) = database.read().execute("SELECT begun, expires FROM sessions").fetchall()
    lasts = datetime.fromisoformat(row["expires"]) - datetime.fromisoformat(row["begun"])
    assert lasts == timedelta(hours=24)
    assert kb.accounts.caller_with(token) is not None


async def test_behind_a_proxy_a_browser_comes_back_by_the_name_that_it_knows(
    tmp_path: Path, provider: OidcProvider
) -> None:
    proxied = {"server.names": "notes.example", "server.trusted_proxies": "10.0.0.2", "oidc.everybody": True}
    said = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "notes.example",
        "X-Forwarded-For": "203.0.113.5",
    }
    with library(tmp_path, provider, **proxied) as kb:
        transport = httpx.ASGITransport(build_app(kb, port=PORT, mount=fragments(kb)), client=("10.0.0.2", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://upstream", headers=said) as client:
            begun = await client.get("/sign-in/provider")
            asked = parse_qs(urlsplit(begun.headers["location"]).query)
            assert asked["redirect_uri"] == ["https://notes.example/sign-in/callback"]
            cookie = begun.headers["set-cookie"]
            assert cookie.startswith("__Host-footnote_sign_in=")
            assert "Secure" in cookie
            async with httpx.AsyncClient(trust_env=False) as elsewhere:
                there = await elsewhere.get(begun.headers["location"])
            back = there.headers["location"].removeprefix("https://notes.example")
            client.cookies.clear()
            landed = await client.get(back, headers={"Cookie": cookie.partition(";")[0]})
            assert landed.headers["set-cookie"].startswith("__Host-footnote_session=")


async def test_a_provider_without_a_name_is_called_by_its_host(tmp_path: Path) -> None:
    given = {"oidc.issuer": "https://login.example.org/realms/office", "oidc.client_id": CLIENT}
    kb = open_kb(tmp_path, embedder=HashEmbedder(), **{"server.accounts": True, **given})
    async with browser(kb) as client:
        assert "Sign in with login.example.org" in (await client.get("/sign-in")).text
    kb.close()


async def test_without_a_provider_nobody_is_sent_anywhere(tmp_path: Path) -> None:
    kb = open_kb(tmp_path, embedder=HashEmbedder(), **{"server.accounts": True})
    async with browser(kb) as client:
        assert "provider" not in (await client.get("/sign-in")).text
        for path in ("/sign-in/provider", "/sign-in/provider?connect=1", "/sign-in/callback?code=x&state=y"):
            assert (await client.get(path)).status_code == 403
    kb.close()


async def test_a_provider_that_is_away_ends_in_a_sentence(tmp_path: Path) -> None:
    with oidc_provider() as provider:
        pass
    with library(tmp_path, provider) as kb:
        async with browser(kb) as client:
            answer = await client.get("/sign-in/provider", headers={"accept-language": "zh"})
            assert (answer.status_code, "没有应答" in answer.text) == (503, True)


def test_what_was_begun_ends_after_a_while(tmp_path: Path, provider: OidcProvider) -> None:
    now = [0.0]
    given = OidcSettings(issuer=provider.issuer, client_id=CLIENT, everybody=True)
    database = Database(tmp_path / "x.db")
    signs = ProvidedSignIn(given, database, clock=lambda: now[0])
    address = signs.begin(browser="b", redirect_uri="http://x/", after="/", address="a")
    now[0] = 601
    with pytest.raises(Denied, match="took too long"):
        signs.finish(
            state=parse_qs(urlsplit(address).query)["state"][0],
            code="c",
            issuer=None,
            browser="b",
            person_id=0,
        )
    assert "/token" not in provider.asked
    database.close()


@pytest.mark.parametrize("issuer", ["http://login.example.org", "login.example.org", "https://x.org/?a=b"])
def test_an_issuer_that_cannot_be_trusted_is_refused(tmp_path: Path, issuer: str) -> None:
    with pytest.raises(Misconfigured, match=r"oidc\.issuer"):
        load_settings(**{"home": tmp_path, "oidc.issuer": issuer})
