"""Answers a window that was led to where nothing is with a page, which leads on; programs get what they got."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import NotFound
from kb.types import OWNER, Caller, DocumentState
from kb.web.door.callers import CALLER
from kb.web.door.page_addresses import ASKED, NOTHING_HERE, opens_a_window
from kb.web.page.languages import words_of
from kb.web.page.render_plain import nothing_here
from kb.web.page.words.nothing_here import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_KINDS = {"d": "document", "documents": "document", "c": "conversation"}
"""First part of an address -> what stands there."""


class NothingHere:
    """Stands in front of the page, and of the files that links of it lead to."""

    def __init__(self, app: ASGIApp, *, kb: KnowledgeBase) -> None:
        self._app = app
        self._is_there: dict[str, Callable[[str, Caller], bool]] = {
            "d": partial(_has_document, kb),
            "c": partial(_has_conversation, kb),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = scope.get(ASKED, scope["path"])
        if address == NOTHING_HERE or not await self._is_something(address, scope):
            await _say(scope, receive, send, _kind(address))
        elif address.startswith("/documents/") and opens_a_window(scope):
            await self._unless_missing(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _is_something(self, address: str, scope: Scope) -> bool:
        """Returns False where the address is that of a document, or a conversation, which the caller has not."""
        _, name, *rest = address.split("/")
        is_there = self._is_there.get(name)
        return is_there is None or await run_in_threadpool(is_there, rest[0], scope.get(CALLER) or OWNER)

    async def _unless_missing(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the answer on, or replaces it where it is 404."""
        is_missing = False

        async def passed(message: Message) -> None:
            nonlocal is_missing
            is_missing = is_missing or message.get("status") == 404
            if not is_missing:
                await send(message)

        await self._app(scope, receive, passed)
        if is_missing:
            await _say(scope, receive, send, _kind(scope["path"]))


async def _say(scope: Scope, receive: Receive, send: Send, kind: str) -> None:
    words = words_of(Headers(scope=scope), EN, ZH)
    await HTMLResponse(nothing_here(kind, words), 404)(scope, receive, send)


def _kind(address: str) -> str:
    return _KINDS.get(address.split("/")[1], "address")


def _has_document(kb: KnowledgeBase, document_id: str, caller: Caller) -> bool:
    with suppress(NotFound):
        return kb.library.document(document_id, caller=caller).state is not DocumentState.DELETING
    return False


def _has_conversation(kb: KnowledgeBase, conversation_id: str, caller: Caller) -> bool:
    return kb.conversations.latest(conversation_id, caller=caller) is not None
