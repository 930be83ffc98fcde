"""Gives every address of the page the one page that there is: its script shows the screen that belongs to it."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

PAGE_ADDRESSES = r"/(?:c/[\w-]{1,64}|d/[\w-]{1,64}|library|search|evaluation|activity|settings)?"
"""The front page, a conversation, a document, and the screens by their names."""
SIGN_IN = "/sign-in"
ACCOUNT = "/account"
ADD = "/add"
PROVIDER = f"{SIGN_IN}/provider"
CALLBACK = f"{SIGN_IN}/callback"
"""Where a provider of identities sends a browser back to."""
_PAGE = re.compile(PAGE_ADDRESSES)
NOTHING_HERE = "/ui/nothing-here"
"""What a window of a browser gets that was led to an address which is none."""
ASKED = "footnote.asked"
"""Where a request carries the address that was asked for, once it is passed on as one for ``/``."""

_STATIC = re.compile(r"/(?:ui/static|assets|static)/.+|/theme\.css|/favicon\.ico|/gradio_api/theme\.css")


def is_static(path: str) -> bool:
    """Returns whether ``path`` is a file of the page, the same for everybody: a hundred of which come at a time."""
    return _STATIC.fullmatch(path) is not None


def opens_a_window(scope: Scope) -> bool:
    """Returns whether a request may be that of a person who followed a link, and not that of a script or a program."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return scope["method"] == "GET" and b"text/html" in accepted


def is_page(path: str) -> bool:
    """Returns whether a person may open ``path`` in a window of its own."""
    return _PAGE.fullmatch(path) is not None


def is_opened(path: str) -> bool:
    """Returns whether a link may lead to ``path``, from wherever: the page, signing in on the way, the account;
    and where a provider of identities sends a browser back to.
    """
    return is_page(path) or path in (SIGN_IN, ACCOUNT, ADD, CALLBACK)


class PageAddresses:
    """Passes requests for addresses of the page on as requests for ``/``, and all others as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_page(scope["path"]):
            scope = {**scope, "path": "/", "raw_path": b"/", ASKED: scope["path"]}
        await self._app(scope, receive, send)
