"""The wire format of documents and passages, and how our dataclasses become it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from kb.types import (
    Added,
    Also,
    Anchor,
    Citation,
    Document,
    DocumentState,
    Hit,
    JobKind,
    JobState,
    JobStatus,
    Rect,
)
from kb.types.spans import encode_anchor
from kb.web.api.fields import Label, Truth


class Wire(BaseModel):
    """A body of a request or an answer: what it does not name is refused."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class JobOut(Wire):
    """What is being done with a document."""

    kind: JobKind
    state: JobState
    attempts: int
    reason: str | None
    position: int | None
    retry_in: float | None
    seconds_left: float | None


class DocumentOut(Wire):
    """A document and how far it has come."""

    id: str
    name: str
    collection: str
    path: str
    source: str
    state: DocumentState
    bytes: int
    added: str
    reason: str | None
    title: str | None
    pages: int | None
    pages_done: int
    chunks: int
    chunks_done: int
    language: str | None
    enabled: bool
    tags: list[str]
    folder: str
    words: int | None
    unreadable: bool
    job: JobOut | None = None

    @classmethod
    def of(cls, document: Document, status: JobStatus | None = None) -> DocumentOut:
        """Returns the document without what only the store needs, and what is being done with it."""
        names = cls.model_fields.keys() - {"enabled", "job"}
        values = {name: getattr(document, name) for name in names} | {"enabled": document.searchable}
        job = {name: getattr(status, name) for name in JobOut.model_fields} if status else None
        return cls.model_validate({**values, "job": job})


class DocumentsOut(Wire):
    """A part of the list of documents."""

    documents: list[DocumentOut]
    total: int
    """How many there are in all that the filters leave."""
    next_cursor: str | None = None
    """The ``cursor`` of the page behind this one; null on the last."""


class NamesakeOut(Wire):
    """A document whose name another one has, too."""

    name: str
    display_name: str
    value: str
    """What selects it alone among ``documents`` of the conditions."""


class FiltersOut(Wire):
    """The values that filters in a question can name, so that something is left."""

    collections: list[str]
    documents: list[str]
    folders: list[str]
    types: list[str]
    languages: list[str]
    tags: list[str]
    namesakes: list[NamesakeOut]
    """The documents behind those of ``documents`` that several are called."""


class QueueOut(Wire):
    """All imports together."""

    paused: bool
    reason: str | None
    queued: int
    running: int
    waiting: int
    paused_jobs: int
    failed: int
    chunks_per_second: float | None
    seconds_left: float | None


class RetriedOut(Wire):
    """How many imports were queued once more."""

    retried: int


class AddedOut(Wire):
    """The answer to an upload."""

    document: DocumentOut
    already_present: bool
    replaces: str | None
    """The id of the version that goes once this one is ready."""
    beside: str | None
    """The id of the document of the same name that stays, and beside which this one was put."""

    @classmethod
    def of(cls, added: Added) -> AddedOut:
        return cls(
            document=DocumentOut.of(added.document),
            already_present=added.already_present,
            replaces=added.replaces.id if added.replaces else None,
            beside=added.beside.id if added.beside else None,
        )


class RectOut(Wire):
    """A rectangle on a page, in PDF points from the top left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class AnchorOut(Wire):
    """Where a passage stands: ``kind`` says in which terms, and kinds may bring fields of their own."""

    model_config = ConfigDict(extra="allow")

    kind: str | None = None
    page: int | None
    rects: list[RectOut]
    heading_path: list[str]
    lines: tuple[int, int] | None = None
    paragraphs: tuple[int, int] | None = None

    @classmethod
    def of(cls, anchor: Anchor) -> AnchorOut:
        rects = [_rect(rect) for rect in anchor.rects]
        return cls(**{**encode_anchor(anchor), "page": anchor.page, "rects": rects})


class LabelsIn(Wire):
    """What changes about a document; what is not named stays."""

    enabled: Truth | None = None
    add_tags: list[Label] = Field(default=[], max_length=50)
    remove_tags: list[Label] = Field(default=[], max_length=50)


class AlsoOut(Wire):
    """Where a passage stands once more."""

    document: str
    display_name: str
    document_id: str
    page: int | None
    anchor: AnchorOut
    chunk_id: int

    @classmethod
    def of(cls, also: Also) -> AlsoOut:
        return cls(
            document=also.document,
            display_name=also.display_name,
            document_id=also.document_id,
            page=also.anchor.page,
            anchor=AnchorOut.of(also.anchor),
            chunk_id=also.chunk_id,
        )


class HitOut(Wire):
    """A passage that was found."""

    rank: int
    score: float
    document: str
    display_name: str
    """Its name, with a part of its path or its collection where another document of that name was found, too."""
    document_id: str
    collection: str
    page: int | None
    anchor: AnchorOut
    text: str
    chunk_id: int
    scores: dict[str, float]
    also: list[AlsoOut] = []
    """Where else it stands in the same words."""

    @classmethod
    def of(cls, hit: Hit) -> HitOut:
        """Returns the hit, numbered by its place in the list."""
        return cls(
            rank=hit.rank,
            page=hit.chunk.anchor.page,
            collection=hit.document.collection,
            chunk_id=hit.chunk.id,
            document_id=hit.document.id,
            document=hit.document.name,
            display_name=hit.display_name,
            text=hit.chunk.text,
            anchor=AnchorOut.of(hit.chunk.anchor),
            score=hit.score,
            scores=dict(hit.scores),
            also=[AlsoOut.of(also) for also in hit.also],
        )


class CitationOut(Wire):
    """A citation of an answer."""

    n: int
    document: str
    display_name: str
    """As of a passage that was found."""
    document_id: str
    page: int | None
    rects: list[RectOut]
    anchor: AnchorOut
    quote: str
    chunk_id: int

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        return cls(
            n=citation.n,
            page=citation.anchor.page,
            rects=[_rect(rect) for rect in citation.anchor.rects],
            chunk_id=citation.chunk_id,
            document_id=citation.document_id,
            document=citation.document,
            display_name=citation.display_name,
            anchor=AnchorOut.of(citation.anchor),
            quote=citation.quote,
        )


class StatusOut(Wire):
    """What this server is running on."""

    documents: int
    collections: list[str]
    embedder: str
    model: str
    model_why: str
    model_better: str | None
    models: Mapping[str, str]
    loop_delay_ms: float
    """How late the event loop was of late; a second and more means that nobody was answered for so long."""


class StorageOut(Wire):
    """How much somebody keeps."""

    stored_bytes: int
    limit_bytes: int | None
    """Null is no limit."""


def _rect(rect: Rect) -> RectOut:
    return RectOut(page=rect.page, x0=rect.x0, y0=rect.y0, x1=rect.x1, y1=rect.y1)
