"""What evaluations measured, and the questions that people labelled for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """A score with its 95% interval, or the difference of two."""

    value: float
    low: float
    high: float
    questions: int
    """The number of questions behind it."""
    p_value: float | None = None
    """Of a difference; None for a score."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A question whose passage was not among the first five."""

    question: str
    wanted: str
    """The document that answers, and its page where that is known."""
    found: str
    """The document that came first instead; empty where nothing did."""
    passage: str
    """The beginning of what came first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of one set with one configuration."""

    set_key: str
    """Hash of the set: results with the same key can be compared."""
    set_name: str
    embedder: str
    """Its fingerprint's key: model, revision, prompts, width."""
    config: Mapping[str, str]
    """The settings that were given for this run."""
    documents: int
    questions: int
    """How many the set has."""
    asked: int
    """How many were asked."""
    cancelled: bool = False
    figures: Mapping[str, Figure] = field(default_factory=dict)
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    """Documents that could not be imported, with the reason."""
    missed: tuple[Missed, ...] = ()
    compared_with: int | None = None
    """The evaluation that ``differences`` are measured against."""
    differences: Mapping[str, Figure] = field(default_factory=dict)
    """This less that, by figure."""
    finished: str = ""
    """UTC, ISO 8601, to the second; empty until it is stored."""
    id: int = 0
    """0 until it is stored."""


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, and the passage that answers it."""

    id: int
    question: str
    """As it stands alone: the searched form of a follow-up."""
    sha256: str
    """Of the document's bytes: the label survives a document that is removed and added again."""
    document: str
    """Its name when the question was labelled."""
    page: int | None
    """1-based; None for formats without pages."""
    quote: str
    """The passage, or the words of it that answer."""
    added: str
    """UTC, ISO 8601, to the second."""


@dataclass(frozen=True, slots=True)
class WidthFigure:
    """What vectors of one width take and find."""

    width: int
    megabytes: float
    """Of memory, for the vectors of the whole library, or of the collection."""
    found: int | None
    """Labelled questions whose passage is among the ten nearest by meaning alone; None where there are no questions."""
    questions: int
    collection: str | None = None
    """Whose own vectors they are; None: those of the library."""
