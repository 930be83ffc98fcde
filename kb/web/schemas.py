"""What goes over the wire, and how our dataclasses become it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from kb.types import (
    Also,
    Anchor,
    Answer,
    AnswerEvent,
    CheckedSentence,
    Citation,
    Document,
    DocumentState,
    Hit,
    JobKind,
    JobState,
    JobStatus,
    Notice,
    Progress,
    Rect,
    Request,
    RequestState,
    Searched,
    Support,
    TextDelta,
    ThinkingDelta,
    Turn,
)

MAX_QUESTION = 8_000
"""Characters of a question; longer ones are documents, not questions."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class JobOut(_Wire):
    """What is being done with a document."""

    kind: JobKind
    state: JobState
    attempts: int
    reason: str | None
    position: int | None
    retry_in: float | None
    seconds_left: float | None


class DocumentOut(_Wire):
    """A document and how far it has come."""

    id: str
    name: str
    collection: str
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
    job: JobOut | None = None

    @classmethod
    def of(cls, document: Document, status: JobStatus | None = None) -> DocumentOut:
        """The document without what only the store needs, and what is being done with it."""
        values = {name: getattr(document, name) for name in cls.model_fields if name != "job"}
        job = {name: getattr(status, name) for name in JobOut.model_fields} if status else None
        return cls.model_validate({**values, "job": job})


class DocumentsOut(_Wire):
    """One page of the library, newest first."""

    documents: list[DocumentOut]
    total: int


class QueueOut(_Wire):
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


class RetriedOut(_Wire):
    """How many imports were queued once more."""

    retried: int


class AddedOut(_Wire):
    """The answer to an upload."""

    document: DocumentOut
    already_present: bool


class RectOut(_Wire):
    """A rectangle on a page, in PDF points from the top left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class AnchorOut(_Wire):
    """Where a passage stands."""

    page: int | None
    rects: list[RectOut]
    heading_path: list[str]
    lines: tuple[int, int] | None
    paragraphs: tuple[int, int] | None

    @classmethod
    def of(cls, anchor: Anchor) -> AnchorOut:
        """The anchor as it is."""
        return cls(
            page=anchor.page,
            rects=[_rect(rect) for rect in anchor.rects],
            heading_path=list(anchor.heading_path),
            lines=anchor.lines,
            paragraphs=anchor.paragraphs,
        )


class LabelsIn(_Wire):
    """What changes about a document; what is not named stays."""

    enabled: bool | None = None
    add_tags: list[str] = Field(default=[], max_length=50)
    remove_tags: list[str] = Field(default=[], max_length=50)


class AlsoOut(_Wire):
    """Where a passage stands once more."""

    document: str
    document_id: str
    page: int | None
    anchor: AnchorOut
    chunk_id: int

    @classmethod
    def of(cls, also: Also) -> AlsoOut:
        """The place."""
        return cls(
            document=also.document,
            document_id=also.document_id,
            page=also.anchor.page,
            anchor=AnchorOut.of(also.anchor),
            chunk_id=also.chunk_id,
        )


class HitOut(_Wire):
    """A passage that was found."""

    rank: int
    score: float
    document: str
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
        """The hit, numbered by its place in the list."""
        return cls(
            rank=hit.rank,
            page=hit.chunk.anchor.page,
            collection=hit.document.collection,
            chunk_id=hit.chunk.id,
            document_id=hit.document.id,
            document=hit.document.name,
            text=hit.chunk.text,
            anchor=AnchorOut.of(hit.chunk.anchor),
            score=hit.score,
            scores=dict(hit.scores),
            also=[AlsoOut.of(also) for also in hit.also],
        )


class SearchOut(_Wire):
    """What a search found, best first."""

    hits: list[HitOut]


class CitationOut(_Wire):
    """A footnote of an answer."""

    n: int
    document: str
    document_id: str
    page: int | None
    rects: list[RectOut]
    anchor: AnchorOut
    quote: str
    chunk_id: int

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        """The footnote as it is."""
        return cls(
            n=citation.n,
            page=citation.anchor.page,
            rects=[_rect(rect) for rect in citation.anchor.rects],
            chunk_id=citation.chunk_id,
            document_id=citation.document_id,
            document=citation.document,
            anchor=AnchorOut.of(citation.anchor),
            quote=citation.quote,
        )


class CheckOut(_Wire):
    """A sentence with footnotes, and how well their passages bear it."""

    sentence: str
    start: int
    end: int
    numbers: list[int]
    support: Support
    reason: str | None


class TurnIn(_Wire):
    """An earlier question of the conversation and its answer."""

    question: str = Field(max_length=MAX_QUESTION)
    answer: str = Field(max_length=100_000)
    searched: str = Field(default="", max_length=MAX_QUESTION)
    """What was searched for it, as its ``searched`` event said."""

    def turn(self) -> Turn:
        """As the knowledge base takes it."""
        return Turn(question=self.question, answer=self.answer, searched=self.searched)


class AskIn(_Wire):
    """A question."""

    question: str = Field(min_length=1, max_length=MAX_QUESTION)
    collection: str | None = None
    model: str | None = None
    conversation: str | None = None
    """The id of the conversation that it belongs to; none begins one."""
    history: list[TurnIn] | None = Field(default=None, max_length=50)
    """What was asked before; none takes the earlier turns of the conversation."""
    searched: str | None = Field(default=None, min_length=1, max_length=MAX_QUESTION)
    """What to search for in place of a follow-up question; without it, that is worked out."""


class RequestEvent(_Wire):
    """The question is kept and will be answered, whoever waits for it; the first event of every stream."""

    event: Literal["request"] = "request"
    id: str
    conversation: str


class StoppedEvent(_Wire):
    """Somebody stopped the answer; the last event of such a stream."""

    event: Literal["stopped"] = "stopped"


class SearchedEvent(_Wire):
    """The question was searched."""

    event: Literal["searched"] = "searched"
    question: str
    hits: list[HitOut]
    dropped: int
    timings_ms: dict[str, float]
    context: str
    """What was said before and counted a little in the search; empty where the question says everything."""


class ProgressEvent(_Wire):
    """How far the reading of whole documents has come."""

    event: Literal["progress"] = "progress"
    done: int
    total: int
    text: str


class TextEvent(_Wire):
    """The next piece of the answer, or of what the model says to itself."""

    event: Literal["text", "thinking", "notice"]
    text: str


class AnswerEventOut(_Wire):
    """The whole answer; the last event of a question that did not fail."""

    event: Literal["answer"] = "answer"
    text: str
    model: str
    searched: str
    citations: list[CitationOut]
    unsupported: list[str]
    refused: bool
    incomplete: str | None
    timings_ms: dict[str, float]
    checks: list[CheckOut]
    closest: list[CitationOut]
    """The nearest passages, where the question was refused."""


class ErrorEvent(_Wire):
    """Why there is no answer; the last event of a question that failed."""

    event: Literal["error"] = "error"
    error: str


EventOut: TypeAlias = SearchedEvent | ProgressEvent | TextEvent | AnswerEventOut | ErrorEvent


class RequestOut(_Wire):
    """A question and what has become of it so far."""

    id: str
    conversation: str
    question: str
    collection: str | None
    state: RequestState
    added: str
    text: str
    searched: SearchedEvent | None
    notices: list[str]
    answer: AnswerEventOut | None
    error: str | None

    @classmethod
    def of(cls, request: Request) -> RequestOut:
        """The request as it is."""
        return cls(
            id=request.id,
            conversation=request.conversation_id,
            question=request.question,
            collection=request.collection,
            state=request.state,
            added=request.added,
            text=request.text,
            searched=_searched(request.searched) if request.searched else None,
            notices=list(request.notices),
            answer=_answer(request.answer) if request.answer else None,
            error=request.error,
        )


class ConversationOut(_Wire):
    """A row of questions."""

    id: str
    title: str
    added: str
    updated: str
    requests: int


class ConversationsOut(_Wire):
    """The latest conversations first."""

    conversations: list[ConversationOut]


class ConversationRequestsOut(_Wire):
    """Everything that was asked in a conversation, in order."""

    requests: list[RequestOut]


class StatusOut(_Wire):
    """What this server is running on."""

    documents: int
    collections: list[str]
    embedder: str
    model: str
    model_why: str
    model_better: str | None
    models: Mapping[str, str]


def event_out(event: AnswerEvent) -> EventOut:
    """An event of an answer as one line of the stream."""
    match event:
        case Searched():
            return _searched(event)
        case Progress():
            return ProgressEvent(done=event.done, total=event.total, text=event.text)
        case TextDelta():
            return TextEvent(event="text", text=event.text)
        case ThinkingDelta():
            return TextEvent(event="thinking", text=event.text)
        case Notice():
            return TextEvent(event="notice", text=event.text)
        case Answer():
            return _answer(event)


def _searched(searched: Searched) -> SearchedEvent:
    return SearchedEvent(
        question=searched.question,
        hits=[HitOut.of(hit) for hit in searched.hits],
        dropped=searched.dropped,
        timings_ms=dict(searched.timings_ms),
        context=searched.context,
    )


def _answer(answer: Answer) -> AnswerEventOut:
    return AnswerEventOut(
        text=answer.text,
        model=answer.model,
        searched=answer.searched,
        citations=[CitationOut.of(citation) for citation in answer.citations],
        unsupported=list(answer.unsupported),
        refused=answer.refused,
        incomplete=answer.incomplete,
        timings_ms=dict(answer.timings_ms),
        checks=[_check(check) for check in answer.checks],
        closest=[CitationOut.of(citation) for citation in answer.closest],
    )


def _check(check: CheckedSentence) -> CheckOut:
    return CheckOut(
        sentence=check.sentence,
        start=check.start,
        end=check.end,
        numbers=list(check.numbers),
        support=check.support,
        reason=check.reason,
    )


def _rect(rect: Rect) -> RectOut:
    return RectOut(page=rect.page, x0=rect.x0, y0=rect.y0, x1=rect.x1, y1=rect.y1)
