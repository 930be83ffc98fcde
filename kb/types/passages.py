"""A passage as it is stored, found and cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.types.documents import Document
from kb.types.spans import Anchor, Span


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as it is embedded, indexed and cited."""

    text: str
    """What is shown and cited: the words of the document and nothing else. A part of a table begins with the lines
    that name its columns, which have no place of their own where they stand in an earlier part, too."""
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
    indexed_text: str = ""
    """What the models and the indexes see instead of ``text``, a line for each of its lines: a row of a table as
    "column: value; column: value", nothing for the line that names the columns. Empty where they see ``text``."""

    @property
    def anchor(self) -> Anchor:
        return Anchor.of(self.spans, self.heading_path)

    def spans_within(self, start: int, end: int) -> tuple[Span, ...]:
        """Returns the spans that ``text[start:end]`` touches."""
        return tuple(span for span in self.spans if span.start < end and span.end > start)

    @property
    def has_places(self) -> bool:
        """Whether it is known where in the file any of it stands."""
        return any(span.place is not None for span in self.spans)

    @property
    def embedded_text(self) -> str:
        """What the models and the indexes see: the heading path, then the text, rows of tables as records."""
        text = self.indexed_text or self.text
        return " > ".join(self.heading_path) + "\n" + text if self.heading_path else text

    def __repr__(self) -> str:
        return f"Chunk(id={self.id}, {self.tokens} tokens, {self.text[:40]!r})"


@dataclass(frozen=True, slots=True)
class PassageEdit:
    """What somebody changed about a passage: it is changed again whenever its document is read again."""

    id: int
    """0 until it is stored."""
    document_id: str
    position: int
    """Of the passage within its document when that was done."""
    text: str
    """As it was read from the file."""
    corrected: str | None = None
    """What stands there instead; None leaves the passage out."""
    tokens: int = 0
    """Of the corrected passage, in the embedder's own tokens."""


@dataclass(frozen=True, slots=True)
class Also:
    """Where a passage occurs once more, in the same words."""

    chunk_id: int
    document_id: str
    document: str
    """Its name."""
    anchor: Anchor
    collection: str = ""
    folder: str = ""
    told_apart: str = ""
    """As in ``Hit``."""

    @property
    def display_name(self) -> str:
        return self.told_apart or self.document


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, with the scores that rank it."""

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
    told_apart: str = ""
    """The name of its document with what tells it from others of that name that were found; empty where none was."""

    @property
    def display_name(self) -> str:
        """What its document is called beside the others that were found."""
        return self.told_apart or self.document.name


BETWEEN_QUOTES = " … "
"""What stands between parts of a passage that are quoted together and do not touch."""


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
    """The words of the passage that support the claim; parts of it apart with ``BETWEEN_QUOTES`` between them."""
    told_apart: str = ""
    """As in ``Hit``, as it was when the answer was given."""

    @property
    def display_name(self) -> str:
        """What its document is called beside the others of the answer."""
        return self.told_apart or self.document
