"""Passages that are left out or corrected, and taking that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from kb.types import PassageEdit
from kb.web.api.caller import By
from kb.web.api.fields import Id, RowId, Text
from kb.web.api.schemas import Wire

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class PassageEditIn(Wire):
    """A passage, and what stands there instead of its text; none leaves it out."""

    chunk_id: RowId
    corrected: Text | None = None


class PassageEditOut(Wire):
    """What was changed about a passage; without an id nothing is left of the change."""

    id: int
    position: int
    text: str
    corrected: str | None

    @classmethod
    def of(cls, edit: PassageEdit) -> PassageEditOut:
        return cls(id=edit.id, position=edit.position, text=edit.text, corrected=edit.corrected)


class PassageEditsOut(Wire):
    """Everything that was changed about a document, in its order."""

    edits: list[PassageEditOut]


def passage_edits_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/documents/{document_id}/passage-edits")
    def list_edits(document_id: Id, caller: By) -> PassageEditsOut:
        found = kb.passage_edits.of(document_id, caller=caller)
        return PassageEditsOut(edits=[PassageEditOut.of(edit) for edit in found])

    @router.post("/api/documents/{document_id}/passage-edits", status_code=202)
    def edit(document_id: Id, asked: PassageEditIn, caller: By) -> PassageEditOut:
        if asked.corrected is None:
            made = kb.passage_edits.leave_out(document_id, asked.chunk_id, caller=caller)
        else:
            made = kb.passage_edits.correct(document_id, asked.chunk_id, asked.corrected, caller=caller)
        return PassageEditOut.of(made)

    @router.delete("/api/documents/{document_id}/passage-edits/{edit_id}", status_code=202)
    def undo(document_id: Id, edit_id: RowId, caller: By) -> None:
        kb.passage_edits.undo(document_id, edit_id, caller=caller)

    return router
