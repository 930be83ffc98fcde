"""Leaving passages out and correcting them: the document is read again, and what changed is embedded anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kb.errors import BadInput, Conflict
from kb.knowledge_base.parts import Parts
from kb.knowledge_base.whose import require_changeable, whose
from kb.state.chunks import no_passage
from kb.state.job_control import Control
from kb.state.passage_edits import PassageEdits
from kb.types import Caller, DocumentState, PassageEdit

if TYPE_CHECKING:
    from kb.engine.loader import Engine


class PassageEditsService:
    """What a caller changes about how their documents were read. Those of others are not there."""

    def __init__(self, parts: Parts, *, open_engine: Callable[[], Engine]) -> None:
        self._documents = parts.documents
        self._chunks = parts.chunks
        self._edits = PassageEdits(parts.database)
        self._control = Control(parts.database)
        self._open_engine = open_engine

    def of(self, document_id: str, *, caller: Caller) -> list[PassageEdit]:
        """Returns what was changed about a document, in its order; raises NotFound."""
        self._documents.require([document_id], **whose(caller))
        return self._edits.of(document_id)

    def leave_out(self, document_id: str, chunk_id: int, *, caller: Caller) -> PassageEdit:
        """Leaves a passage out of searches and answers, now and whenever its document is read again.

        Raises:
            NotFound: there is no such passage in this document.
            BadInput: nothing would be left of the document.
            Conflict: something is being done with the document just now.
        """
        edit = self._edit(document_id, chunk_id, caller)
        if self._documents.get(document_id).chunks < 2:
            raise BadInput("This is the only passage. Leave out the whole document instead, or delete it.")
        return self._done(edit, caller)

    def correct(self, document_id: str, chunk_id: int, text: str, *, caller: Caller) -> PassageEdit:
        """Puts ``text`` in place of a passage, now and whenever its document is read again.

        Raises:
            NotFound, Conflict: as for ``leave_out``.
            BadInput: there is no text, or more than the embedding model reads in one piece.
        """
        edit = self._edit(document_id, chunk_id, caller)
        if not text.strip():
            raise BadInput("There is no text. To take the passage out of searches, leave it out.")
        embedder = self._open_engine().embedder
        chunk = replace(self._chunks.get(chunk_id), text=text, indexed_text="")
        (tokens,) = embedder.count_tokens([chunk.embedded_text])
        if tokens > embedder.max_tokens:
            raise BadInput(
                f"This is longer than what the embedding model reads in one piece: {tokens} tokens of "
                f"{embedder.max_tokens}. Shorten it."
            )
        return self._done(replace(edit, corrected=text, tokens=tokens), caller)

    def undo(self, document_id: str, edit_id: int, *, caller: Caller) -> None:
        """Takes a change back; raises NotFound, Conflict."""
        require_changeable(self._documents, [document_id], caller)
        self._require_rest(document_id)
        self._edits.drop(edit_id, document_id=document_id)
        self._control.read_again([document_id], person=caller.person_id)

    def _edit(self, document_id: str, chunk_id: int, caller: Caller) -> PassageEdit:
        require_changeable(self._documents, [document_id], caller)
        self._require_rest(document_id)
        chunk = self._chunks.get(chunk_id)
        if chunk.document_id != document_id:
            raise no_passage(
                chunk_id
            )  # as if it were not there: it may be one that the caller must not know of
        return PassageEdit(0, document_id, chunk.position, chunk.text)

    def _require_rest(self, document_id: str) -> None:
        if self._documents.get(document_id).state is not DocumentState.READY:
            raise Conflict("This document is being read just now. Change its passages once it is ready.")

    def _done(self, edit: PassageEdit, caller: Caller) -> PassageEdit:
        kept = self._edits.keep(edit)
        self._control.read_again([edit.document_id], person=caller.person_id)
        return kept
