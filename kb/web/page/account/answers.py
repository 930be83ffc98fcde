"""What the pages of an account answer with: themselves, cookies, and where they lead on."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kb.errors import Denied, FootnoteError, RateLimited
from kb.knowledge_base.signing_in import SESSION_LASTS
from kb.types import Caller
from kb.web.api.errors import STATUS
from kb.web.api.refusal_sentences import refusal_sentence
from kb.web.door.page_addresses import ACCOUNT, ADD, SIGN_IN, is_page
from kb.web.door.sessions import cookie_name, session_of
from kb.web.page.account import render as render_account
from kb.web.page.account.render import AccountView
from kb.web.page.languages import words_of
from kb.web.page.words.account import EN, ZH, AccountWords

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""Of pages with forms: a browser sends a form without its origin where no referrer may be."""
_CONNECTING = secrets.token_bytes(32)
"""Good until the next start."""
_CONNECTING_S = 300
"""For how long a link connects, from when somebody proved who they are."""


def sign_in_answer(
    kb: KnowledgeBase,
    request: Request,
    after: str,
    *,
    said: str = "",
    error: FootnoteError | None = None,
    name: str = "",
    code: str = "",
) -> Response:
    """Returns the page on which people sign in; ``after`` is where they wanted to go."""
    markup = render_account.sign_in(
        words(request),
        after=local(after),
        is_first=kb.accounts.is_without_owner(),
        provider=provider(kb),
        said=said,
        name=name,
        code=code,
    )
    return answer(markup, error)


def account_answer(
    kb: KnowledgeBase,
    request: Request,
    caller: Caller,
    *,
    said: str = "",
    error: FootnoteError | None = None,
    is_proven: bool = False,
) -> Response:
    """Returns the page of an account; ``is_proven`` is whether they proved just now who they are."""
    person = kb.accounts.account(caller=caller)
    if person is None:
        raise Denied("This is for people who are signed in.")
    names = kb.library.collections(caller=caller)
    ways = kb.identities.ways(caller=caller)
    is_proven = is_proven or kb.identities.is_recent(session_of(request.scope) or "", caller=caller)
    view = AccountView(
        person,
        [name for name in names if caller.collections is None or caller.is_own(name)],
        kb.sharing.all(caller=caller),
        has_password=ways.has_password,
        provider=provider(kb),
        is_connected=ways.is_connected,
        is_proven=is_proven,
        connect=connecting(request) if is_proven else "",
        storage=kb.library.storage(caller=caller),
    )
    return answer(
        render_account.account(view, words(request), said=said, is_problem=error is not None), error
    )


def connecting(request: Request) -> str:
    """Returns what the link on the page of an account holds that connects it, for a while, and no link elsewhere can.

    Else another site could have somebody connect their account with an identity that is not theirs.
    """
    until = f"{int(time.time()) + _CONNECTING_S:x}"
    return f"{until}-{_signed(request, until)}"


def is_connecting(request: Request, said: str) -> bool:
    """Returns whether ``said`` is what ``connecting`` gave the session of a request, a while ago at most."""
    until, _, signature = said.partition("-")
    is_ours = hmac.compare_digest(signature.encode(), _signed(request, until).encode())
    return is_ours and int(until, 16) >= time.time()


def _signed(request: Request, until: str) -> str:
    session = session_of(request.scope) or ""
    return hmac.new(_CONNECTING, f"{until} {session}".encode(), "sha256").hexdigest()


def answer(markup: str, error: FootnoteError | None = None) -> Response:
    """Returns a page, with the status of what went wrong."""
    status = 200 if error is None else next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    wait = {"Retry-After": str(error.retry_after_s)} if isinstance(error, RateLimited) else {}
    return HTMLResponse(markup, status, headers={**HEADERS, **wait})


def signed_in(kb: KnowledgeBase, request: Request, token: str, after: str) -> Response:
    """Returns the way on for whoever signed in; the session that the browser had before is over."""
    if (before := session_of(request.scope)) is not None:
        kb.accounts.sign_out(before)
    response = led_on(after)
    name = cookie_name(request.scope["scheme"])
    set_cookie(response, request, name, token, int(SESSION_LASTS.total_seconds()))
    return response


def signed_out(request: Request, response: Response | None = None) -> Response:
    """Returns ``response``, or else the way to sign in, for whoever has signed out."""
    response = response or led_on(SIGN_IN)
    scheme = request.scope["scheme"]
    response.delete_cookie(cookie_name(scheme), path="/", httponly=True, secure=scheme == "https")
    return response


def led_on(after: str) -> Response:
    return RedirectResponse(after, 303, headers=HEADERS)


def done(what: str) -> Response:
    """Returns the way to the account, which says what was done."""
    return led_on(f"{ACCOUNT}?done={what}")


def set_cookie(response: Response, request: Request, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=request.scope["scheme"] == "https",
        samesite="lax",  # strict would sign nobody in who follows a link to a document, or comes from a provider
    )


def provider(kb: KnowledgeBase) -> str:
    """Returns the name of the provider of identities; empty where there is none, or no owner yet."""
    return "" if kb.accounts.is_without_owner() else kb.identities.provider_name()


def sentence(error: FootnoteError, request: Request, denied: str) -> str:
    """Returns why something did not work, in the language of the browser; ``denied`` is what was not right."""
    if isinstance(error, RateLimited):
        return words(request).too_many
    return denied if isinstance(error, Denied) else refusal_sentence(error, words(request).language)


def words(request: Request) -> AccountWords:
    return words_of(request.headers, EN, ZH)


def local(after: str) -> str:
    """Returns the address to go on to: one of ours, whatever a link says."""
    return after if is_page(after) or after in (ACCOUNT, ADD) else "/"


def address(request: Request) -> str:
    """Returns where a request comes from."""
    return request.client.host if request.client else ""
