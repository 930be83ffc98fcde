"""Closes the routes of Gradio that the page does not use.

Gradio brings a file server, an upload folder, a proxy, a recorder and more. What nothing of ours
calls can only be misused, so only the routes below answer.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from kb.web.door.page_addresses import NOTHING_HERE, PAGE_ADDRESSES, opens_a_window
from kb.web.door.refusals import refuse

OURS = (
    r"/api/.+|/documents/.+|/ui/.+|/v1(?:/.*)?|/mcp|/metrics"
    r"|/sign-in(?:/provider|/callback)?|/sign-out|/account(?:/[\w-]+)?|/add"
)
GRADIO = (
    r"/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/assets/.+|/static/.+"
    r"|/gradio_api/(app_id/?|cancel|heartbeat/\w+|queue/(join|data)|reset/?|startup-events|theme\.css)"
)
_OPEN = re.compile(f"(?:{PAGE_ADDRESSES}|{OURS}|{GRADIO})")


class AllowedPaths:
    """Answers 404 for every path that is not meant to be called: with a page where a person asked for it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _OPEN.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
        elif opens_a_window(scope):
            await self._app({**scope, "path": NOTHING_HERE, "raw_path": NOTHING_HERE.encode()}, receive, send)
        else:
            await refuse(scope, send, 404, "There is nothing here.")
