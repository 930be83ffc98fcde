"""The frozen dataclasses that cross modules: what a document, a passage, a hit and an answer are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector: TypeAlias = NDArray[np.float32]
    """One embedding: shape (width,), length 1."""
    Matrix: TypeAlias = NDArray[np.float32]
    """Embeddings: shape (rows, width), every row of length 1."""


# --- Where a passage stands in its file -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on a page, in PDF points (1/72 inch).

    The origin is the top left corner of the page *as it is shown* (crop box, after /Rotate),
    x grows to the right and y downwards.
    """

    page: int
    """1-based."""
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Span:
    """Where the characters ``text[start:end]`` of a block or a chunk come from.

    A format fills in what it has: PDF a rectangle (which carries its page), DOCX and HTML the
    number of the paragraph, text and Markdown the line. All numbers are 1-based.
    """

    start: int
    end: int
    rect: Rect | None = None
    line: int | None = None
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a passage stands: the sum of its spans, and the headings above it."""

    rects: tuple[Rect, ...] = ()
    heading_path: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None
    """First and last line, 1-based, inclusive; None for formats without lines."""
    paragraphs: tuple[int, int] | None = None
    """First and last paragraph, 1-based, inclusive; None for formats without them."""

    @property
    def page(self) -> int | None:
        """The page on which the passage begins, 1-based; None for formats without pages."""
        return self.rects[0].page if self.rects else None

    @classmethod
    def of(cls, spans: Iterable[Span], heading_path: tuple[str, ...] = ()) -> Anchor:
        """The anchor that covers ``spans``, in their order."""
        spans = tuple(spans)
        lines = [span.line for span in spans if span.line is not None]
        paragraphs = [span.paragraph for span in spans if span.paragraph is not None]
        return cls(
            rects=_along_lines(span.rect for span in spans if span.rect is not None),
            heading_path=heading_path,
            lines=(min(lines), max(lines)) if lines else None,
            paragraphs=(min(paragraphs), max(paragraphs)) if paragraphs else None,
        )


def _along_lines(rects: Iterable[Rect]) -> tuple[Rect, ...]:
    """``rects`` with those joined that follow each other along a line, at most half its height apart."""
    joined: list[Rect] = []
    for rect in rects:
        last = joined[-1] if joined else rect
        level = (last.page, last.y0, last.y1) == (rect.page, rect.y0, rect.y1)
        gap = max(last.x0, rect.x0) - min(last.x1, rect.x1)
        if joined and level and gap <= (rect.y1 - rect.y0) / 2:
            joined[-1] = Rect(rect.page, min(last.x0, rect.x0), rect.y0, max(last.x1, rect.x1), rect.y1)
        else:
            joined.append(rect)
    return tuple(joined)


# --- What a parser yields ---------------------------------------------------------------------


class BlockKind(StrEnum):
    """What a block of a document is, as far as its file tells."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    """One row a line, cells separated by `` | ``."""
    CODE = "code"
    FOOTNOTE = "footnote"
    MARGIN = "margin"
    """Header or footer text that is worth finding once; never part of the running text."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, table ... in reading order.

    ``text`` is Unicode as a person would read it (hyphenation undone, ligatures resolved), with
    ``spans`` ascending and not overlapping; together they cover every character that has a place.
    """

    kind: BlockKind
    text: str
    spans: tuple[Span, ...] = ()
    level: int = 0
    """Depth of a heading or list item, 1 the outermost; 0 for everything else."""

    def __repr__(self) -> str:
        return f"Block({self.kind.value}, {self.text[:40]!r}, {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser makes of one file."""

    blocks: tuple[Block, ...]
    pages: int | None = None
    """Number of pages; None for formats without pages."""
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """Sentences for the person: what was left out or repaired, and where."""

    @property
    def text(self) -> str:
        """All blocks, one a line."""
        return "\n".join(block.text for block in self.blocks)

    def __repr__(self) -> str:
        return f"ParsedDocument({len(self.blocks)} blocks, {self.pages} pages)"


# --- What is stored ---------------------------------------------------------------------------


class DocumentState(StrEnum):
    """The life of a document; every state but READY can carry a reason."""

    QUEUED = "queued"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the document unless somebody asks."""
        return self in (DocumentState.READY, DocumentState.FAILED, DocumentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that somebody added, and how far it has come."""

    id: str
    name: str
    """The name it was added under: data to show, never a path."""
    collection: str
    state: DocumentState
    sha256: str
    """Of its bytes, in hex; also the name of its blob."""
    bytes: int
    added: str
    """UTC, ISO 8601, to the second."""
    reason: str | None = None
    """Why it failed, or what a ready document lacks; a sentence for a person."""
    title: str | None = None
    pages: int | None = None
    """None before it is parsed, and for formats without pages."""
    chunks: int = 0
    chunks_done: int = 0
    """How many of them are embedded already."""
    pages_done: int = 0
    """The page up to which they are; 0 for formats without pages."""
    replaces: str | None = None
    """The id of the older version that answers until this one is ready."""
    language: str | None = None
    """What it is written in, as ``kb.text.language`` tells; None before it is parsed."""
    enabled: bool = True
    """Whether it is searched; its owner decides."""
    tags: tuple[str, ...] = ()
    """In alphabetical order."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents a question is asked of; an empty field leaves out none, several values mean any of them."""

    collections: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    """Ids or names."""
    types: tuple[str, ...] = ()
    """Endings of file names, without the dot, in lower case."""
    languages: tuple[str, ...] = ()
    """Codes as in ``Document.language``."""
    tags: tuple[str, ...] = ()
    """All of them have to be there."""
    since: str | None = None
    """An ISO 8601 date: added on that day (UTC) or later."""
    before: str | None = None
    """An ISO 8601 date: added before that day (UTC)."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as it is embedded, indexed and cited."""

    text: str
    """What is shown and cited: the words of the document and nothing else."""
    spans: tuple[Span, ...] = ()
    """Where the characters of ``text`` come from, ascending."""
    heading_path: tuple[str, ...] = ()
    tokens: int = 0
    """Length of ``embedded_text`` in the embedder's own tokens."""
    id: int = 0
    """0 until it is stored."""
    document_id: str = ""
    position: int = 0
    """Place within its document, from 0."""

    @property
    def anchor(self) -> Anchor:
        """Where the passage stands."""
        return Anchor.of(self.spans, self.heading_path)

    @property
    def embedded_text(self) -> str:
        """What the models and the indexes see: the heading path, then the text."""
        return " > ".join(self.heading_path) + "\n" + self.text if self.heading_path else self.text

    def __repr__(self) -> str:
        return f"Chunk(id={self.id}, {self.tokens} tokens, {self.text[:40]!r})"


class JobKind(StrEnum):
    """What a worker can be asked to do with a document."""

    IMPORT = "import"
    """To make it findable; what it replaces goes when that is done."""
    EMBED = "embed"
    """To give it vectors of another embedder, while it stays findable."""
    RECUT = "recut"
    """To cut it as this version of the app does; it stays findable as it was until that has worked."""
    DELETE = "delete"
    """To take it apart, and at last its row and its file."""
    CLEAR = "clear"
    """To take away what a failed or cancelled import left; its row stays."""


class JobState(StrEnum):
    """Where a job is; one that ended has no row any more."""

    QUEUED = "queued"
    RUNNING = "running"
    """A worker holds it by a lease."""
    WAITING = "waiting"
    """Something that it needs does not answer; it is tried again by itself."""
    PAUSED = "paused"
    """A person stopped it, and will say when it goes on."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work on one document, as the worker holds it."""

    id: int
    kind: JobKind
    document_id: str
    attempts: int
    """How often it was begun, this time included; with ``owner`` it tells this hold on it from any other."""
    owner: str = ""
    parses: int = 0
    """How many times its parser was begun without anybody living to see the end."""
    faults: int = 0
    """How many errors of ours it met."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as a person sees it."""

    document_id: str
    kind: JobKind
    state: JobState
    attempts: int
    reason: str | None = None
    """Why it waits or is paused; a sentence."""
    position: int | None = None
    """Its place among the queued ones, from 1; None once it was begun."""
    retry_in: float | None = None
    """Seconds until a waiting one is tried again."""
    seconds_left: float | None = None
    """An estimate, at the speed of late; None where nothing is known yet."""


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """All imports together."""

    paused: bool = False
    """Whether a person stopped all of them."""
    reason: str | None = None
    """What keeps the worker from importing; None while nothing does."""
    queued: int = 0
    running: int = 0
    waiting: int = 0
    paused_jobs: int = 0
    """Those that were paused one by one."""
    failed: int = 0
    """Documents whose import failed."""
    chunks_per_second: float | None = None
    seconds_left: float | None = None

    @property
    def unfinished(self) -> int:
        """How many imports there are in all."""
        return self.queued + self.running + self.waiting + self.paused_jobs


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A sentence that the owner should read; it stays until somebody puts it away."""

    id: int
    made: str
    """UTC, ISO 8601, to the second."""
    text: str


# --- Questions and answers --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Also:
    """Where a passage stands once more, in the same words."""

    chunk_id: int
    document_id: str
    document: str
    """Its name."""
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, with the scores that put it where it is."""

    chunk: Chunk
    document: Document
    score: float
    """That of meaning and words together, comparable within one list only; the first few hits may stand in
    another order than theirs, because a reranker or their sentences decided."""
    rank: int = 0
    """1-based place in the list; 0 before the list is final."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """The score of each retriever that found it: ``dense`` (cosine), ``words`` (BM25), and where it was looked
    at more closely ``part`` (cosine)."""
    also: tuple[Also, ...] = ()
    """Near-identical passages that were found too and are not shown again."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote: the passage behind a ``[n]`` of an answer."""

    n: int
    chunk_id: int
    document_id: str
    document: str
    """Its name, as it was when the answer was given."""
    anchor: Anchor
    """Of the quoted words, not of the whole chunk."""
    quote: str
    """The words of the passage that support the claim."""


DENIED = "denied"
"""The reason of a sentence that denies what its passage says, or the reverse."""


class Support(StrEnum):
    """How well the cited passages bear a sentence of an answer."""

    SUPPORTED = "supported"
    WEAK = "weak"
    """Much of it is there, but not enough to be sure."""
    UNSUPPORTED = "unsupported"
    """It is not there, or the passage says otherwise."""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence of an answer that carries footnotes, compared with the passages they name."""

    sentence: str
    """Its words, without its footnotes."""
    start: int
    """It is ``text[start:end]`` of the answer, footnotes included."""
    end: int
    numbers: tuple[int, ...]
    """The footnotes it carries."""
    support: Support
    reason: str | None = None
    """The words (a number, a name) that the passages lack, or ``DENIED``; None when nothing stands out."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its answer."""

    question: str
    answer: str
    searched: str = ""
    """The question that was searched: the standalone form of a follow-up."""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """How a model is to answer."""

    max_tokens: int = 1024
    temperature: float = 0.0
    seed: int | None = 0
    """None lets the backend choose."""
    context_tokens: int | None = None
    """The context to run with (``num_ctx``); None for the model's own."""
    think: bool = False
    """Whether a model that can think first is to do so; its thoughts count against ``max_tokens``."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """The next piece of what a thinking model says to itself; never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ModelFinished:
    """The last event of every stream that did not fail."""

    prompt_tokens: int | None = None
    """What the server says it evaluated; None when it does not say."""
    completion_tokens: int | None = None
    stopped_at_limit: bool = False
    """True when ``max_tokens`` or the context cut the answer short."""


ModelEvent: TypeAlias = TextDelta | ThinkingDelta | ModelFinished


@dataclass(frozen=True, slots=True)
class Searched:
    """The question was searched; what the answer will draw on, best first.

    Comes before any model is asked, and once more where the model's context cannot take all of it.
    """

    question: str
    """What was searched: the standalone form of a follow-up."""
    hits: tuple[Hit, ...]
    """Numbered by their place: footnote ``[n]`` is ``hits[n - 1]``."""
    dropped: int = 0
    """How many more were found that do not fit into the model's context; not known before the model is."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    context: str = ""
    """What was said before and was searched with it, for less; empty where ``question`` says everything."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the person should know: which model answers instead, what was cut."""

    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long answer has come: the whole of a document is read part by part."""

    done: int
    total: int
    """Parts to read, and how many of them are read; ``done == total`` when only the writing is left."""
    text: str
    """What is being read, for the person."""


EXTRACTIVE = "extractive"
"""The name of answering without a model: the best sentences are quoted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The finished answer, the last event of a question."""

    text: str
    """Markdown with ``[n]`` footnotes, each of which has its entry in ``citations``."""
    model: str
    """``EXTRACTIVE``, or backend and name, as in ``ollama/qwen3:8b``."""
    searched: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...] = ()
    """Sentences of the answer for which the cited passage has no support."""
    refused: bool = False
    """True when the passages do not answer the question: found so before a model was asked, or said by it."""
    incomplete: str | None = None
    """Why the answer breaks off; None for a whole one."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    checks: tuple[CheckedSentence, ...] = ()
    """Every sentence with a footnote, in order; ``unsupported`` lists those without support."""
    closest: tuple[Citation, ...] = ()
    """What comes nearest to a question that was refused, numbered like the passages; else empty."""


AnswerEvent: TypeAlias = Searched | ThinkingDelta | TextDelta | Notice | Progress | Answer


class RequestState(StrEnum):
    """How far a question has come."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """A person stopped it; what was written until then is kept."""
    FAILED = "failed"
    """There is no whole answer, and ``Request.error`` says why; what was written is kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question and what has become of it; it is kept as long as its conversation."""

    id: str
    conversation_id: str
    question: str
    state: RequestState
    added: str
    """UTC, ISO 8601."""
    collection: str | None = None
    wanted_model: str | None = None
    searched: Searched | None = None
    """Of an earlier one: passages whose document is gone have a document in the state DELETING."""
    notices: tuple[str, ...] = ()
    text: str = ""
    """The answer, as far as it has come."""
    answer: Answer | None = None
    error: str | None = None

    def turn(self) -> Turn:
        """As a follow-up question remembers it."""
        return Turn(
            question=self.question,
            answer=self.text,
            searched=self.searched.question if self.searched else "",
            citations=self.answer.citations if self.answer else (),
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row of questions, each of which may refer to the ones before."""

    id: str
    title: str
    """Its first question."""
    added: str
    updated: str
    """When it was last asked something; UTC, ISO 8601."""
    requests: int = 0


# --- Models and machines ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What decides whether two vectors may be compared.

    Two embedders with the same ``key`` put the same text at the same place.
    """

    model: str
    revision: str
    width: int
    """The width in use, at most the native width."""
    native_width: int
    details: str
    """Prompts, pooling and chunker version, in one stable string."""

    @property
    def stored_key(self) -> str:
        """The key under which full-width vectors are kept: it does not depend on the width in use."""
        return f"{self.model}@{self.revision}/{self.native_width}/{self.details}"

    @property
    def key(self) -> str:
        """The key of an index: the stored key and the width in use."""
        return f"{self.stored_key}#{self.width}"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Which model answers, why it, and how to get a better one."""

    name: str
    """As in ``Answer.model``."""
    why: str
    """A sentence: why this one was chosen."""
    better: str | None = None
    """A sentence: the exact next step to a better one; None when there is none."""
    context_tokens: int | None = None
