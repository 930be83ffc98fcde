"""What the tools give back: small, so that a model can read it, with cursors to what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from kb.errors import BadInput
from kb.types import Chunk, Document

PASSAGE_CHARACTERS = 1500
"""Of a passage in a list; ``read_passage`` gives all of it."""
PAGE_CHARACTERS = 6000
"""Of a page at once: about as much as a model reads at a glance."""


class PassageOut(BaseModel):
    """A passage that was found."""

    passage_id: int
    document_id: str
    document: str
    collection: str
    page: int | None
    heading: str
    score: float
    text: str


class SearchOut(BaseModel):
    """Passages, best first."""

    passages: list[PassageOut]
    next_cursor: str | None
    """For the same search, to go on; null at the end."""
    notice: str = ""


class FootnoteOut(BaseModel):
    """What a mark ``[n]`` of an answer stands on."""

    n: int
    document_id: str
    document: str
    page: int | None
    passage_id: int
    quote: str


class AnswerOut(BaseModel):
    """An answer with footnotes."""

    answer: str
    footnotes: list[FootnoteOut]
    refused: bool
    """Whether the documents do not answer the question."""
    unsupported: list[str]
    """Sentences that no passage supports."""
    incomplete: str | None
    model: str


class DocumentOut(BaseModel):
    """A document of the library."""

    document_id: str
    name: str
    collection: str
    state: str
    pages: int | None
    language: str | None
    tags: list[str]
    added: str
    uri: str

    @classmethod
    def of(cls, document: Document) -> DocumentOut:
        return cls(
            document_id=document.id,
            name=document.name,
            collection=document.collection,
            state=document.state,
            pages=document.pages,
            language=document.language,
            tags=list(document.tags),
            added=document.added,
            uri=f"footnote://documents/{document.id}",
        )


class DocumentsOut(BaseModel):
    """Documents, newest first."""

    documents: list[DocumentOut]
    total: int
    next_cursor: str | None


class TextOut(BaseModel):
    """A piece of a document."""

    document_id: str
    document: str
    page: int | None
    text: str
    next_cursor: str | None
    """To read on; null at the end."""


class AddedOut(BaseModel):
    """A file that was taken."""

    document: DocumentOut
    already_present: bool


def offset_of(cursor: str | None) -> int:
    """Returns where a cursor stands; 0 without one. Raises BadInput for one that is none of ours."""
    if cursor is None or cursor == "":
        return 0
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 9:
        raise BadInput("This is no cursor that a tool gave. Leave it out to begin.")
    return int(cursor)


def passage_of(hit: dict[str, Any]) -> PassageOut:
    """Returns a hit of the API as the tool gives it."""
    return PassageOut(
        passage_id=hit["chunk_id"],
        document_id=hit["document_id"],
        document=hit["display_name"],
        collection=hit["collection"],
        page=hit["page"],
        heading=" > ".join(hit["anchor"]["heading_path"]),
        score=round(hit["score"], 4),
        text=cut(hit["text"]),
    )


def answer_of(answer: dict[str, Any]) -> AnswerOut:
    """Returns an answer event of the API as the tool gives it."""
    return AnswerOut(
        answer=answer["text"],
        footnotes=[
            FootnoteOut(
                n=cited["n"],
                document_id=cited["document_id"],
                document=cited["display_name"],
                page=cited["page"],
                passage_id=cited["chunk_id"],
                quote=cut(cited["quote"]),
            )
            for cited in answer["citations"]
        ],
        refused=answer["refused"],
        unsupported=list(answer["unsupported"]),
        incomplete=answer["incomplete"],
        model=answer["model"],
    )


def piece_of(document: Document, chunks: Sequence[Chunk], cursor: str | None, *, page: int | None) -> TextOut:
    """Returns the text of ``chunks`` from the cursor on, as much as a tool gives at once."""
    text = "\n\n".join(chunk.text for chunk in chunks)
    start = offset_of(cursor)
    end = start + PAGE_CHARACTERS
    return TextOut(
        document_id=document.id,
        document=document.name,
        page=page,
        text=text[start:end],
        next_cursor=str(end) if end < len(text) else None,
    )


def cut(text: str) -> str:
    return text if len(text) <= PASSAGE_CHARACTERS else f"{text[:PASSAGE_CHARACTERS]} …"
