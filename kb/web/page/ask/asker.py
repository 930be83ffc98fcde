"""Who sends an event of the page that goes over Gradio's queue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.types import OWNER, Caller
from kb.web.door.callers import CALLER
from kb.web.door.sessions import NOBODY
from kb.web.page.toolkit import gr

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def asker(kb: KnowledgeBase, request: gr.Request) -> Caller:
    """Returns whom the door found behind the request that put the event into the queue.

    It is the owner of the machine where the door asks nobody to sign in; then it lets nobody else in.
    """
    scope = {} if request.request is None else request.request.scope
    found: Caller | None = scope.get(CALLER)
    if found is None:
        return NOBODY if kb.settings.server.asks_to_sign_in else replace(OWNER, origin="page")
    return found
