"""Connecting an account with a provider of identities, and ending that; signing out there; its groups and roles."""

from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt

from kb.config import load_settings
from kb.errors import Conflict, Misconfigured, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.provided_sign_in import ProvidedSignIn
from kb.types import OWNER, Role
from tests.doubles.oidc_provider import CLIENT, Claims, OidcProvider
from tests.kb.web.conftest import ADDRESS
from tests.kb.web.test_provided_sign_in import (
    PASSWORD,
    browser,
    came,
    connecting,
    kb,
    library,
    names,
    provider,
    signed_in_long_ago,
)

__all__ = ["kb", "provider"]


async def test_an_account_is_connected_by_who_proves_whose_it_is(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    kb.accounts.add("anna", PASSWORD, Role.EDITOR, caller=OWNER)
    async with browser(kb) as client:
        await client.post("/sign-in", data={"name": "anna", "password": PASSWORD})
        assert await connecting(client), "signed in just now"
        signed_in_long_ago(kb)
        page = (await client.get("/account")).text
        assert "?connect=" not in page
        assert 'action="/account/connect"' in page
        for wrong, status in (("", 403), ("wrong", 403)):
            refused = await client.post("/account/connect", data={"password": wrong})
            assert (refused.status_code, "The password is wrong." in refused.text) == (status, True)
            assert "?connect=" not in refused.text
        asked = await client.post("/account/connect", data={"password": PASSWORD})
        found = re.search(r'href="/sign-in/provider(\?connect=[\w-]+)"', asked.text)
        assert found is not None
        until, _, signature = found[1].removeprefix("?connect=").partition("-")
        for forged in (f"{int(until, 16) + 900:x}-{signature}", f"{until}-", until, "-", "x"):
            assert (await client.get(f"/sign-in/provider?connect={forged}")).status_code == 403, forged
        async with browser(kb) as another:
            await another.post("/sign-in", data={"name": "olga", "password": PASSWORD})
            assert (await another.get(f"/sign-in/provider{found[1]}")).status_code == 403, "another session"
        assert (await came(client, found[1])).headers["location"] == "/account"
    assert kb.identities.of("anna", caller=OWNER) == (provider.issuer,)


async def test_a_link_that_connects_is_good_for_a_while(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb.accounts.add("anna", PASSWORD, Role.EDITOR, caller=OWNER)
    async with browser(kb) as client:
        await client.post("/sign-in", data={"name": "anna", "password": PASSWORD})
        link = await connecting(client)
        now = time.time()
        monkeypatch.setattr("kb.web.page.account.answers.time.time", lambda: now + 600)
        assert (await client.get(f"/sign-in/provider{link}")).status_code == 403


async def test_who_disconnects_signs_in_by_the_password_alone(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    kb.accounts.add("anna", PASSWORD, Role.EDITOR, caller=OWNER)
    async with browser(kb) as by_password, browser(kb) as by_provider:
        await by_password.post("/sign-in", data={"name": "anna", "password": PASSWORD})
        await came(by_password, await connecting(by_password))  # by the provider from here on
        await came(by_provider)
        async with browser(kb) as third:
            await third.post("/sign-in", data={"name": "anna", "password": PASSWORD})
            signed_in_long_ago(kb)
            assert "No longer sign in with the office" in (await third.get("/account")).text
            refused = await third.post("/account/disconnect", data={"password": "wrong"})
            assert (refused.status_code, "The password is wrong." in refused.text) == (403, True)
            ended = await third.post("/account/disconnect", data={"password": PASSWORD})
            assert ended.headers["location"] == "/account?done=disconnected"
            assert (
                "Nobody signs in to this account so" in (await third.get("/account?done=disconnected")).text
            )
            assert (await third.post("/account/disconnect", data={"password": PASSWORD})).status_code == 404
        for client in (by_password, by_provider):
            assert (await client.get("/api/documents")).status_code == 401
        await came(by_provider)
        assert "<strong>anna-2</strong>" in (await by_provider.get("/account")).text
    assert names(kb) == ["anna", "anna-2", "olga"]


async def test_no_account_is_left_without_a_way_in(kb: KnowledgeBase, provider: OidcProvider) -> None:
    async with browser(kb) as client:
        await came(client)
        assert "It is the only way into this account" in (await client.get("/account")).text
        assert (await client.post("/account/disconnect")).status_code == 409
        for path in ("/api/people/anna/identities", f"/api/people/anna/identities?issuer={provider.issuer}"):
            assert (await client.delete(path)).status_code == 409
        with pytest.raises(Conflict, match="no password"):
            kb.identities.disconnect("anna", caller=OWNER)
        assert (await client.get("/api/documents")).status_code == 200
        kb.accounts.set_password("anna", PASSWORD, caller=OWNER)
        kb.identities.disconnect("anna", caller=OWNER)
        with pytest.raises(NotFound):
            kb.identities.disconnect("anna", caller=OWNER)
    assert kb.accounts.sign_in("anna", PASSWORD, address="a")


async def test_over_the_api_one_disconnects_oneself_and_owners_everybody(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    for name in ("anna", "bert"):
        kb.accounts.add(name, PASSWORD, Role.EDITOR, caller=OWNER)
    async with browser(kb) as anna, browser(kb) as bert, browser(kb) as olga:
        for client, name in ((anna, "anna"), (bert, "bert"), (olga, "olga")):
            await client.post("/sign-in", data={"name": name, "password": PASSWORD})
        await came(anna, await connecting(anna))
        path = "/api/people/anna/identities"
        assert (await anna.get(path)).json() == {"issuers": [provider.issuer]}
        for client, method in ((bert, "GET"), (bert, "DELETE")):
            assert (await client.request(method, path)).status_code == 403, "of another account"
        cross = {"origin": "https://evil.example"}
        for address in ("/account/disconnect", "/account/connect", "/sign-out", "/account/sessions"):
            assert (await anna.post(address, headers=cross)).status_code == 403, address
        assert (await anna.delete(path, headers=cross)).status_code == 403
        signed_in_long_ago(kb)
        refused = await anna.delete(path)
        assert (refused.status_code, "within five minutes" in refused.text) == (403, True)
        assert (await olga.delete(f"{path}?issuer=https://another.example")).status_code == 404
        assert (await olga.delete(path)).status_code == 204
        assert (await anna.get("/api/documents")).status_code == 401
        assert (await olga.get(path)).json() == {"issuers": []}
        assert (await olga.get("/api/people/nobody/identities")).status_code == 404


async def test_who_signs_in_while_they_are_disconnected_is_not_in(
    kb: KnowledgeBase, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb.accounts.add("anna", PASSWORD, Role.EDITOR, caller=OWNER)
    async with browser(kb) as client:
        await client.post("/sign-in", data={"name": "anna", "password": PASSWORD})
        await came(client, await connecting(client))
        finish = ProvidedSignIn.finish

        def late(self: ProvidedSignIn, **given: Any) -> Any:
            found = finish(self, **given)
            kb.identities.disconnect("anna", caller=OWNER)
            return found

        client.cookies.clear()
        monkeypatch.setattr(ProvidedSignIn, "finish", late)
        assert (await came(client)).status_code == 403
        assert (await client.get("/api/documents")).status_code == 401


async def test_a_session_that_another_takes_the_place_of_is_over(kb: KnowledgeBase) -> None:
    async with browser(kb) as client:
        await client.post("/sign-in", data={"name": "olga", "password": PASSWORD})
        before = client.cookies["footnote_session"]
        await came(client)
        assert kb.accounts.caller_with(before) is None
        assert client.cookies["footnote_session"] != before


async def test_signing_out_goes_on_to_the_provider_where_it_says_how(
    kb: KnowledgeBase, provider: OidcProvider
) -> None:
    provider.described = {"end_session_endpoint": f"{provider.issuer}/end?x=1"}
    async with browser(kb) as client:
        for path in ("/sign-out", "/account/sessions"):
            await came(client)
            token = client.cookies["footnote_session"]
            left = await client.post(path)
            assert kb.accounts.caller_with(token) is None
            found = re.search(r'href="([^"]+/end[^"]+)"', left.text)
            assert found is not None
            asked = parse_qs(urlsplit(unescape(found[1])).query)
            assert asked["post_logout_redirect_uri"] == [f"{ADDRESS}/sign-in/callback"]
            assert (asked["client_id"], asked["x"]) == ([CLIENT], ["1"])
            assert jwt.decode(asked["id_token_hint"][0], provider.key).claims["sub"] == "anna-1"
            assert token not in left.text
            assert "footnote_session" not in client.cookies
            back = await client.get(f"/sign-in/callback?state={asked['state'][0]}")
            assert (back.status_code, back.headers["location"]) == (303, "/sign-in")
        await client.post("/sign-in", data={"name": "olga", "password": PASSWORD})
        by_password = await client.post("/sign-out")
        assert (by_password.status_code, by_password.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(
    ("settings", "described"),
    [
        ({"oidc.everybody": True, "oidc.sign_out_there": False}, {"end_session_endpoint": "ours"}),
        ({"oidc.everybody": True}, {}),
        ({"oidc.everybody": True}, {"end_session_endpoint": "http://evil.example/end"}),
        ({"oidc.everybody": True}, {"end_session_endpoint": "javascript://localhost/%0aalert(1)"}),
        ({"oidc.everybody": True}, {"end_session_endpoint": 7}),
    ],
)
async def test_signing_out_ends_the_session_here_in_any_case(
    tmp_path: Path, provider: OidcProvider, settings: Any, described: Claims
) -> None:
    provider.described = {
        name: f"{provider.issuer}/end" if value == "ours" else value for name, value in described.items()
    }
    with library(tmp_path, provider, **settings) as kb:
        async with browser(kb) as client:
            await came(client)
            left = await client.post("/sign-out")
            assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
            assert (await client.get("/api/documents")).status_code == 401


def groups_of(kb: KnowledgeBase, name: str) -> set[str]:
    return {group.name for group in kb.sharing.groups(caller=OWNER) if name in group.members}


async def test_groups_of_the_provider_are_kept_in_step(tmp_path: Path, provider: OidcProvider) -> None:
    mapping = {
        "oidc.to_groups": "staff = office; cn=lab,dc=example = lab; /heads = Lab; odd = a\u200bb; bad = olga",
        "oidc.everybody": True,
    }
    with library(tmp_path, provider, **mapping) as kb:
        kb.sharing.add_to_group("own", ["olga"], caller=OWNER)
        async with browser(kb) as client:
            for said, here in (
                (["staff", "cn=lab,dc=example"], {"office", "lab"}),
                (["/heads"], {"lab"}),
                ("staff", {"office"}),
                (["Staff", "staff ", "office", None, 7, ["staff"], {"staff": 1}, "", "odd", "bad"], set()),
                (["staff"], {"office"}),
                (None, set()),
            ):
                provider.person["groups"] = said
                client.cookies.clear()
                assert (await came(client)).status_code == 303
                assert groups_of(kb, "anna") == here, said
            kb.sharing.add_to_group("own", ["anna"], caller=OWNER)
            del provider.person["groups"]
            provider.userinfo = {"sub": "anna-1", "groups": ["staff"]}
            client.cookies.clear()
            await came(client)
            assert groups_of(kb, "anna") == {"office", "own"}, (
                "own groups stay; what the token lacks is asked for"
            )
        assert groups_of(kb, "olga") == {"own"}, "who comes otherwise is left alone"


async def test_a_membership_that_ended_ends_what_was_shared_by_it(
    tmp_path: Path, provider: OidcProvider
) -> None:
    provider.person["groups"] = ["staff"]
    with library(tmp_path, provider, **{"oidc.to_groups": "staff=office", "oidc.everybody": True}) as kb:
        async with browser(kb) as first, browser(kb) as second:
            await came(first)
            kb.sharing.share("reports", "office", Role.READER, caller=OWNER)
            assert (await first.get("/api/documents?collection=reports")).status_code == 200
            caller = kb.accounts.caller_with(first.cookies["footnote_session"])
            assert caller is not None
            assert caller.may_see("reports")
            provider.person["groups"] = []
            await came(second)
            caller = kb.accounts.caller_with(first.cookies["footnote_session"])
            assert caller is not None
            assert not caller.may_see("reports"), "in the session that was there before as well"


async def test_roles_come_from_the_provider_where_they_are_said_and_owners_only_so(
    tmp_path: Path, provider: OidcProvider
) -> None:
    roles = {"oidc.to_roles": "guests = reader; staff = editor; boss = owner", "oidc.role": "reader"}
    with library(tmp_path, provider, **roles, **{"oidc.everybody": True}) as kb:
        async with browser(kb) as client:
            for groups, role in (
                (["guests", "staff"], Role.EDITOR),
                (["owner", "Boss", "boss ", ["boss"], {"boss": "owner"}], Role.READER),
                (["boss", "guests"], Role.OWNER),
                (["guests"], Role.READER),
                (["boss"], Role.OWNER),
                ([], Role.OWNER),  # the last one stays
            ):
                provider.person["groups"] = groups
                if not groups:
                    kb.accounts.change("olga", role=Role.EDITOR, caller=OWNER)
                client.cookies.clear()
                assert (await came(client)).status_code == 303
                (anna,) = (each for each in kb.accounts.all(caller=OWNER) if each.name == "anna")
                assert anna.role is role, groups


async def test_an_owner_stays_one_where_the_provider_makes_none(
    tmp_path: Path, provider: OidcProvider
) -> None:
    with library(tmp_path, provider, **{"oidc.to_roles": "staff=editor", "oidc.everybody": True}) as kb:
        provider.person["groups"] = []
        async with browser(kb) as client:
            await client.post("/sign-in", data={"name": "olga", "password": PASSWORD})
            await came(client, await connecting(client))
            provider.person["groups"] = ["staff", "owner"]
            await came(client)
        assert [person.role for person in kb.accounts.all(caller=OWNER)] == [Role.OWNER]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("to_roles", "a = god"),
        ("to_roles", "owner"),
        ("to_groups", "a ="),
        ("to_groups", "= b"),
        ("to_groups", "a"),
    ],
)
def test_a_mapping_that_says_nothing_is_refused(tmp_path: Path, setting: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=setting):
        load_settings(**{"home": tmp_path, f"oidc.{setting}": value})
