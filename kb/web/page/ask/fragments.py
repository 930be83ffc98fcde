"""What the box for questions offers: the values that a question can be narrowed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel

from kb.text.document_names import shown_name
from kb.types import Facets
from kb.web.api.caller import By
from kb.web.page.format import language_name

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_MOST_DOCUMENTS = 1000
"""Names and folders that are offered; the page would be slow with more, and ``document:`` and ``folder:`` take any."""


class Choice(BaseModel):
    """A value, and how it is shown."""

    value: str
    shown: str


class ScopeChoices(BaseModel):
    """What questions can be narrowed to."""

    collections: list[Choice]
    documents: list[Choice]
    folders: list[Choice]
    types: list[Choice]
    languages: list[Choice]
    tags: list[Choice]


def composer_router(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/ui/scope``."""
    router = APIRouter(prefix="/ui")

    @router.get("/scope")
    def scope(caller: By) -> ScopeChoices:
        found = kb.library.facets(caller=caller)
        names = kb.library.collections(caller=caller)
        return ScopeChoices(
            collections=[Choice(value=name, shown=shown_name(name)) for name in names],
            documents=_documents(found)[:_MOST_DOCUMENTS],
            folders=[
                Choice(value=folder, shown=shown_name(folder)) for folder in found.folders[:_MOST_DOCUMENTS]
            ],
            types=[Choice(value=suffix, shown=suffix.upper()) for suffix in found.types],
            languages=[Choice(value=code, shown=language_name(code)) for code in found.languages],
            tags=[Choice(value=tag, shown=f"#{tag}") for tag in found.tags],
        )

    return router


def _documents(found: Facets) -> list[Choice]:
    """Returns the names, newest first; for one that several documents have, each of them."""
    of_name: dict[str, list[Choice]] = {}
    for document in found.namesakes:
        choice = Choice(value=document.value, shown=shown_name(document.display_name))
        of_name.setdefault(document.name, []).append(choice)
    return [
        choice
        for name in found.documents
        for choice in of_name.get(name) or [Choice(value=name, shown=shown_name(name))]
    ]
