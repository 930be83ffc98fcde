"""Signing in, and out, by a provider of identities; connecting an account with it, and ending that."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from kb.errors import Denied, FootnoteError
from kb.types import Caller
from kb.web.api.caller import By
from kb.web.api.refusal_sentences import refusal_sentence
from kb.web.api.threads import IDENTITIES, PASSWORDS
from kb.web.door.page_addresses import ACCOUNT, CALLBACK, PROVIDER, SIGN_IN
from kb.web.door.sessions import cookie_name, session_of
from kb.web.page.account.answers import (
    HEADERS,
    account_answer,
    address,
    answer,
    done,
    is_connecting,
    led_on,
    local,
    sentence,
    set_cookie,
    sign_in_answer,
    signed_in,
    signed_out,
    words,
)
from kb.web.page.account.render import signing_out_there

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_BROWSER = "footnote_sign_in"
"""The cookie of a browser that was sent to a provider, and has to come back from it."""
_PROVIDER_S = 3600
_SIGNED_OUT = "signed-out"
"""The ``state`` of who comes back from signing out there, to the one address that the provider knows of us."""
_Password = Annotated[str, Form(max_length=1000)]


def add_provider(router: APIRouter, kb: KnowledgeBase) -> None:
    """Adds the way to the provider and back."""

    @router.get(PROVIDER)
    async def to_provider(
        request: Request, caller: By, after: Annotated[str, Query(alias="next")] = "/", connect: str = ""
    ) -> Response:
        browser = request.cookies.get(_browser_cookie(request)) or secrets.token_urlsafe(32)
        begin = partial(
            kb.identities.begin,
            browser=browser,
            redirect_uri=_callback(request),
            after=ACCOUNT if connect else local(after),
            address=address(request),
            caller=caller if connect else None,
        )
        try:
            if connect and not is_connecting(request, connect):
                raise Denied(words(request).prove_again)
            place = await IDENTITIES.run(begin)
        except FootnoteError as error:
            return _not_provided(kb, request, caller, error, after)
        response = RedirectResponse(place, 303, headers=HEADERS)
        set_cookie(response, request, _browser_cookie(request), browser, _PROVIDER_S)
        return response

    @router.get(CALLBACK)
    async def from_provider(
        request: Request,
        caller: By,
        state: Annotated[str, Query(max_length=1000)] = "",
        code: Annotated[str, Query(max_length=10_000)] = "",
        iss: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> Response:
        if state == _SIGNED_OUT and not code:
            return led_on(SIGN_IN)
        browser = request.cookies.get(_browser_cookie(request), "")
        finish = partial(
            kb.identities.finish, state=state, code=code, issuer=iss, browser=browser, caller=caller
        )
        try:
            if not code:
                raise Denied(words(request).broken_off)
            token, after = await IDENTITIES.run(finish)
        except FootnoteError as error:
            return _not_provided(kb, request, caller, error, "/")
        return signed_in(kb, request, token, after)


def add_connecting(router: APIRouter, kb: KnowledgeBase) -> None:
    """Adds what connects an account with the provider, once somebody proved whose it is, and what ends that."""

    @router.post("/account/connect")
    async def connect(request: Request, caller: By, password: _Password = "") -> Response:
        try:
            await PASSWORDS.run(_proof(kb, request, caller, password))
        except FootnoteError as error:
            return _not_proven(kb, request, caller, error)
        return account_answer(kb, request, caller, is_proven=True)

    @router.post("/account/disconnect")
    async def disconnect(request: Request, caller: By, password: _Password = "") -> Response:
        try:
            await PASSWORDS.run(_proof(kb, request, caller, password))
            kb.identities.disconnect(caller.person, caller=caller)
        except FootnoteError as error:
            return _not_proven(kb, request, caller, error)
        return done("disconnected")  # where that ended this session, too, it leads to signing in


def _proof(kb: KnowledgeBase, request: Request, caller: Caller, password: str) -> partial[None]:
    token = session_of(request.scope) or ""
    return partial(
        kb.identities.require_proof, password, token=token, address=address(request), caller=caller
    )


def _not_proven(kb: KnowledgeBase, request: Request, caller: Caller, error: FootnoteError) -> Response:
    has_password = kb.identities.ways(caller=caller).has_password
    denied = words(request).wrong_password if has_password else words(request).prove_again
    said = sentence(error, request, denied)
    return account_answer(kb, request, caller, said=said, error=error)


def add_signing_out(router: APIRouter, kb: KnowledgeBase) -> None:
    """Adds signing out, here and at the provider."""

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        return await _leave(kb, request)

    @router.post("/account/sessions")
    async def sign_out_everywhere(request: Request, caller: By) -> Response:
        return await _leave(kb, request, caller)


async def _leave(kb: KnowledgeBase, request: Request, everywhere: Caller | None = None) -> Response:
    """Ends the session of a request, and all of ``everywhere``; returns the way on."""
    token = session_of(request.scope)
    ends_there = token is not None and kb.identities.ends_there(token)
    if everywhere is not None:
        kb.accounts.sign_out_everywhere(caller=everywhere)
    if token is None:
        return signed_out(request)
    kb.accounts.sign_out(token)
    if not ends_there:
        return signed_out(request)
    place = await IDENTITIES.run(
        partial(kb.identities.sign_out_address, token, redirect_uri=_callback(request), state=_SIGNED_OUT)
    )
    if place is None:
        return signed_out(request)
    # a page, since a form of ours leads to no other site
    page = signing_out_there(place, kb.identities.provider_name(), words(request))
    return signed_out(request, answer(page))


def _not_provided(
    kb: KnowledgeBase, request: Request, caller: Caller, error: FootnoteError, after: str
) -> Response:
    """Returns the page that somebody came from, with why it did not work."""
    said = refusal_sentence(error, words(request).language)
    if caller.person_id:
        return account_answer(kb, request, caller, said=said, error=error)
    return sign_in_answer(kb, request, after, said=said, error=error)


def _callback(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{CALLBACK}"


def _browser_cookie(request: Request) -> str:
    return cookie_name(request.scope["scheme"], _BROWSER)
