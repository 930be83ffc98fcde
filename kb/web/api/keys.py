"""Routes of the keys by which other programs use the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from kb.types import AccessScope
from kb.web.api.caller import By
from kb.web.api.fields import Collection, Label
from kb.web.api.schemas import Wire
from kb.web.door.redacted_responses import SHOWS_KEY

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class KeyIn(Wire):
    """A key that is to be made."""

    name: Label
    scope: AccessScope = AccessScope.READ
    collections: Annotated[list[Collection], Field(min_length=1, max_length=100)] | None = None
    """None is all of them."""


class KeyOut(Wire):
    """A key as it is kept: the key itself is not."""

    name: str
    scope: AccessScope
    collections: list[str] | None
    """None is all of them."""
    added: str
    last_used: str | None


class NewKeyOut(Wire):
    """A key, the one time that it is shown."""

    name: str
    key: str
    scope: AccessScope


def keys_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/keys")
    def list_keys(caller: By) -> list[KeyOut]:
        return [KeyOut.model_validate(key.as_json()) for key in kb.keys.all(caller=caller)]

    @router.post("/api/keys", status_code=201)
    def add_key(asked: KeyIn, caller: By, response: Response) -> NewKeyOut:
        key = kb.keys.add(asked.name, caller=caller, scope=asked.scope, collections=asked.collections)
        response.headers["Cache-Control"] = "no-store"
        response.headers[SHOWS_KEY] = "1"
        return NewKeyOut(name=asked.name, key=key, scope=asked.scope)

    @router.delete("/api/keys/{name}", status_code=204)
    def revoke_key(name: Label, caller: By) -> None:
        kb.keys.revoke(name, caller=caller)

    return router
