"""The passages of a document in order, and what is found in them by its words: for reading it, not for answering."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from kb.types import Anchor, Chunk
from kb.web.api.caller import By
from kb.web.api.fields import AddressText, Id, Offset
from kb.web.api.schemas import AnchorOut, Wire

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

MOST_PASSAGES = 200
MOST_FOUND = 500
"""Places that one search in a document gives: more than anybody steps through."""
_AROUND = 60
"""Characters shown on each side of what was found."""


class PassageOut(Wire):
    """A passage of a document, as it was cut."""

    chunk_id: int
    position: int
    text: str
    tokens: int
    anchor: AnchorOut

    @classmethod
    def of(cls, chunk: Chunk) -> PassageOut:
        return cls(
            chunk_id=chunk.id,
            position=chunk.position,
            text=chunk.text,
            tokens=chunk.tokens,
            anchor=AnchorOut.of(chunk.anchor),
        )


class PassagesOut(Wire):
    """Some passages of a document, in its order."""

    passages: list[PassageOut]
    total: int


class FoundOut(Wire):
    """Where words stand in a document."""

    chunk_id: int
    position: int
    before: str
    match: str
    after: str
    anchor: AnchorOut


class FoundInDocumentOut(Wire):
    """Every place, in the order of the document, as far as ``MOST_FOUND`` goes."""

    found: list[FoundOut]
    more: bool
    """Whether there are more than these."""


def passages_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter(prefix="/api/documents/{document_id}")

    @router.get("/passages")
    def list_passages(
        document_id: Id, caller: By, limit: int = Query(50, ge=1, le=MOST_PASSAGES), offset: Offset = 0
    ) -> PassagesOut:
        found = kb.library.passages(document_id, caller=caller, start=offset, count=limit)
        total = kb.library.document(document_id, caller=caller).chunks
        return PassagesOut(passages=[PassageOut.of(chunk) for chunk in found], total=total)

    @router.get("/find")
    def find(
        document_id: Id, caller: By, q: Annotated[AddressText, Query(min_length=1)]
    ) -> FoundInDocumentOut:
        places = found_in(kb.library.passages(document_id, caller=caller), q)
        found = list(islice(places, MOST_FOUND + 1))
        return FoundInDocumentOut(found=found[:MOST_FOUND], more=len(found) > MOST_FOUND)

    return router


def found_in(chunks: Iterable[Chunk], words: str) -> Iterator[FoundOut]:
    """Yields where ``words`` stand, whatever the case and the white space between them."""
    parts = words.split()
    if not parts:
        return
    pattern = re.compile(r"\s+".join(map(re.escape, parts)), re.IGNORECASE)
    for chunk in chunks:
        for match in pattern.finditer(chunk.text):
            start, end = match.span()
            yield FoundOut(
                chunk_id=chunk.id,
                position=chunk.position,
                before=chunk.text[max(0, start - _AROUND) : start],
                match=match[0],
                after=chunk.text[end : end + _AROUND],
                anchor=AnchorOut.of(Anchor.of(chunk.spans_within(start, end), chunk.heading_path)),
            )
