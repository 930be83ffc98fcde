"""The pages on which people sign in, and look after their account. Only where everybody has to sign in."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kb.errors import Denied, FootnoteError, RateLimited
from kb.knowledge_base.accounts import SESSION_LASTS
from kb.types import Caller, Role
from kb.web.api.caller import By
from kb.web.api.errors import STATUS
from kb.web.api.fields import Collection, Label
from kb.web.api.refusal_sentences import refusal_sentence
from kb.web.api.threads import IDENTITIES, PASSWORDS
from kb.web.door.page_addresses import ACCOUNT, ADD, CALLBACK, PROVIDER, SIGN_IN, is_page
from kb.web.door.sessions import cookie_name, session_of
from kb.web.page.account import render as render_account
from kb.web.page.account.render import AccountView
from kb.web.page.languages import words_of
from kb.web.page.words.account import EN, ZH, AccountWords

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""Of pages with forms: a browser sends a form without its origin where no referrer may be."""
_BROWSER = "footnote_sign_in"
"""The cookie of a browser that was sent to a provider, and has to come back from it."""
_PROVIDER_S = 3600
_CONNECTING = secrets.token_bytes(32)
"""Good until the next start."""
_DONE = ("changed", "is_shared", "is_unshared")
_Word = Annotated[str, Form(max_length=1000)]


def account_router(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/sign-in``, ``/sign-out`` and ``/account``; and the way by a provider of identities."""
    router = APIRouter(include_in_schema=False)
    _add_signing_in(router, kb)
    _add_provider(router, kb)
    _add_account(router, kb)
    _add_sharing(router, kb)
    return router


def _add_signing_in(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/sign-in")
    def sign_in_page(request: Request, after: Annotated[str, Query(alias="next")] = "/") -> Response:
        return _sign_in(kb, request, after)

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        name: _Word = "",
        password: _Word = "",
        code: _Word = "",
        after: Annotated[str, Form(alias="next", max_length=1000)] = "/",
    ) -> Response:
        address, is_first = _address(request), kb.accounts.is_without_owner()
        begin: Callable[[], str] = (
            partial(kb.accounts.make_first_owner, code.strip(), name.strip(), password, address=address)
            if is_first
            else partial(kb.accounts.sign_in, name, password, address=address)
        )
        try:
            token = await PASSWORDS.run(begin)
        except FootnoteError as error:
            words = _words(request)
            said = _sentence(error, request, words.wrong_code if is_first else words.wrong)
            return _sign_in(kb, request, after, said=said, error=error, name=name, code=code)
        return _signed_in(request, token, _local(after))

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        if (token := session_of(request.scope)) is not None:
            kb.accounts.sign_out(token)
        return _signed_out(request)


def _add_provider(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get(PROVIDER)
    async def to_provider(
        request: Request, caller: By, after: Annotated[str, Query(alias="next")] = "/", connect: str = ""
    ) -> Response:
        is_ours = hmac.compare_digest(connect.encode(), _connecting(request).encode())
        browser = request.cookies.get(_browser_cookie(request)) or secrets.token_urlsafe(32)
        begin = partial(
            kb.accounts.begin_provided,
            browser=browser,
            redirect_uri=f"{request.url.scheme}://{request.url.netloc}{CALLBACK}",
            after=ACCOUNT if connect else _local(after),
            address=_address(request),
            caller=caller if connect else None,
        )
        try:
            if connect and not is_ours:
                raise Denied(_words(request).not_allowed)
            address = await IDENTITIES.run(begin)
        except FootnoteError as error:
            return _not_provided(kb, request, caller, error, after)
        response = RedirectResponse(address, 303, headers=_HEADERS)
        _set_cookie(response, request, _browser_cookie(request), browser, _PROVIDER_S)
        return response

    @router.get(CALLBACK)
    async def from_provider(
        request: Request,
        caller: By,
        state: Annotated[str, Query(max_length=1000)] = "",
        code: Annotated[str, Query(max_length=10_000)] = "",
        iss: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> Response:
        browser = request.cookies.get(_browser_cookie(request), "")
        finish = partial(
            kb.accounts.finish_provided, state=state, code=code, issuer=iss, browser=browser, caller=caller
        )
        try:
            if not code:
                raise Denied(_words(request).broken_off)
            token, after = await IDENTITIES.run(finish)
        except FootnoteError as error:
            return _not_provided(kb, request, caller, error, "/")
        return _signed_in(request, token, after)


def _connecting(request: Request) -> str:
    """Returns what the link on the page of an account holds that connects it, and no link elsewhere can.

    Else another site could have somebody connect their account with an identity that is not theirs.
    """
    return hmac.new(_CONNECTING, (session_of(request.scope) or "").encode(), "sha256").hexdigest()


def _not_provided(
    kb: KnowledgeBase, request: Request, caller: Caller, error: FootnoteError, after: str
) -> Response:
    """Returns the page that somebody came from, with why it did not work."""
    said = refusal_sentence(error, _words(request).language)
    if caller.person_id:
        return _account(kb, request, caller, said=said, error=error)
    return _sign_in(kb, request, after, said=said, error=error)


def _add_account(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/account")
    def account_page(request: Request, caller: By, done: str = "") -> Response:
        said = getattr(_words(request), done) if done in _DONE else ""
        return _account(kb, request, caller, said=said)

    @router.post("/account/sessions")
    def sign_out_everywhere(request: Request, caller: By) -> Response:
        kb.accounts.sign_out_everywhere(caller=caller)
        return _signed_out(request)

    @router.post("/account/password")
    async def change_password(request: Request, caller: By, old: _Word = "", new: _Word = "") -> Response:
        change = partial(kb.accounts.change_password, old, new, caller=caller, address=_address(request))
        try:
            token = await PASSWORDS.run(change)
        except FootnoteError as error:
            said = _sentence(error, request, _words(request).wrong_old)
            return _account(kb, request, caller, said=said, error=error)
        return _signed_in(request, token, f"{ACCOUNT}?done=changed")

    @router.post("/account/delete")
    async def delete_account(request: Request, caller: By, password: _Word = "") -> Response:
        delete = partial(kb.accounts.delete_own, password, caller=caller, address=_address(request))
        try:
            await PASSWORDS.run(delete)
        except FootnoteError as error:
            said = _sentence(error, request, _words(request).wrong)
            return _account(kb, request, caller, said=said, error=error)
        return _signed_out(request)


def _add_sharing(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.post("/account/shares")
    def share(
        request: Request,
        caller: By,
        collection: Annotated[Collection, Form()],
        name: Annotated[Label, Form(alias="with")],
        role: Annotated[Role, Form()] = Role.READER,
    ) -> Response:
        try:
            kb.sharing.share(collection, name.strip(), role, caller=caller)
        except FootnoteError as error:
            said = _sentence(error, request, _words(request).not_allowed)
            return _account(kb, request, caller, said=said, error=error)
        return RedirectResponse(f"{ACCOUNT}?done=is_shared", 303, headers=_HEADERS)

    @router.post("/account/unshare")
    def unshare(
        request: Request,
        caller: By,
        collection: Annotated[Collection, Form()],
        name: Annotated[Label, Form(alias="with")],
    ) -> Response:
        try:
            kb.sharing.unshare(collection, name, caller=caller)
        except FootnoteError as error:
            said = _sentence(error, request, _words(request).not_allowed)
            return _account(kb, request, caller, said=said, error=error)
        return RedirectResponse(f"{ACCOUNT}?done=is_unshared", 303, headers=_HEADERS)


def _sign_in(
    kb: KnowledgeBase,
    request: Request,
    after: str,
    *,
    said: str = "",
    error: FootnoteError | None = None,
    name: str = "",
    code: str = "",
) -> Response:
    markup = render_account.sign_in(
        _words(request),
        after=_local(after),
        is_first=kb.accounts.is_without_owner(),
        provider=_provider(kb),
        said=said,
        name=name,
        code=code,
    )
    return _answer(markup, error)


def _account(
    kb: KnowledgeBase,
    request: Request,
    caller: Caller,
    *,
    said: str = "",
    error: FootnoteError | None = None,
) -> Response:
    person = kb.accounts.account(caller=caller)
    if person is None:
        raise Denied("This is for people who are signed in.")
    names = kb.library.collections(caller=caller)
    has_password, is_connected = kb.accounts.sign_in_ways(caller=caller)
    view = AccountView(
        person,
        [name for name in names if caller.collections is None or caller.is_own(name)],
        kb.sharing.all(caller=caller),
        has_password=has_password,
        provider=_provider(kb),
        is_connected=is_connected,
        connect=_connecting(request),
    )
    markup = render_account.account(view, _words(request), said=said, is_problem=error is not None)
    return _answer(markup, error)


def _answer(markup: str, error: FootnoteError | None) -> Response:
    status = 200 if error is None else next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    wait = {"Retry-After": str(error.retry_after_s)} if isinstance(error, RateLimited) else {}
    return HTMLResponse(markup, status, headers={**_HEADERS, **wait})


def _signed_in(request: Request, token: str, after: str) -> Response:
    response = RedirectResponse(after, 303, headers=_HEADERS)
    name = cookie_name(request.scope["scheme"])
    _set_cookie(response, request, name, token, int(SESSION_LASTS.total_seconds()))
    return response


def _set_cookie(response: Response, request: Request, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=request.scope["scheme"] == "https",
        samesite="lax",  # strict would sign nobody in who follows a link to a document, or comes from a provider
    )


def _browser_cookie(request: Request) -> str:
    return cookie_name(request.scope["scheme"], _BROWSER)


def _provider(kb: KnowledgeBase) -> str:
    """Returns the name of the provider of identities; empty where there is none, or no owner yet."""
    return "" if kb.accounts.is_without_owner() else kb.accounts.provider_name()


def _signed_out(request: Request) -> Response:
    response = RedirectResponse(SIGN_IN, 303, headers=_HEADERS)
    scheme = request.scope["scheme"]
    response.delete_cookie(cookie_name(scheme), path="/", httponly=True, secure=scheme == "https")
    return response


def _sentence(error: FootnoteError, request: Request, denied: str) -> str:
    """Returns why something did not work, in the language of the browser; ``denied`` is what was not right."""
    if isinstance(error, RateLimited):
        return _words(request).too_many
    return denied if isinstance(error, Denied) else refusal_sentence(error, _words(request).language)


def _words(request: Request) -> AccountWords:
    return words_of(request.headers, EN, ZH)


def _local(after: str) -> str:
    """Returns the address to go on to: one of ours, whatever a link says."""
    is_ours = is_page(after) or after in (ACCOUNT, ADD) or after.startswith(f"{ADD}?")
    return after if is_ours else "/"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
