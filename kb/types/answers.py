"""An answer and what comes before it, as the events of one question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from kb.types.chat import TextDelta, TextWithdrawn, ThinkingDelta
from kb.types.passages import Citation, Hit

DENIED = "denied"
"""The reason of a sentence that denies what its passage says, or the reverse."""


Refusals: TypeAlias = Literal["careful", "balanced", "generous"]
"""How readily a question is refused that nothing in the documents seems to answer; generous answers the most."""


class Support(StrEnum):
    """How well the cited passages support a sentence of an answer."""

    SUPPORTED = "supported"
    WEAK = "weak"
    """Much of it is there, but not enough to be sure."""
    UNSUPPORTED = "unsupported"
    """It is not there, or the passage says otherwise."""


class Difference(StrEnum):
    """How a sentence of an answer differs from its passages, as far as a fact of it shows it."""

    MISSING = "missing"
    """No passage has the number, the name, the word."""
    OTHER_VALUE = "other_value"
    """The passage has something else in its place: another date, unit, name or figure."""
    OTHER_SUBJECT = "other_subject"
    """The passage says the figure of another thing."""
    OPPOSITE = "opposite"
    """The passage says the opposite of a word: less for more."""
    EXCHANGED = "exchanged"
    """Two names changed places."""
    DENIED = "denied"
    """One of the two denies what the other says."""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A factual sentence of an answer, compared with the passages that its footnotes name, or with the nearest ones."""

    sentence: str
    """Its words, without its footnotes."""
    start: int
    """It is ``text[start:end]`` of the answer, footnotes included."""
    end: int
    numbers: tuple[int, ...]
    """The footnotes it carries; empty where no passage supports it and none was named."""
    support: Support
    reason: str | None = None
    """Words (a number, a name) that the passages lack or say otherwise, or ``DENIED``; None where none stand out."""
    difference: Difference | None = None
    """What is wrong with ``reason``; None where there is none, and in answers that were kept before it was told."""
    evidence: tuple[Citation, ...] = ()
    """What each of ``numbers`` says of this sentence alone; empty in answers that were kept before it was told."""


@dataclass(frozen=True, slots=True)
class Searched:
    """The search for the question is done; the passages that the answer will draw on, best first.

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
    notice: str = ""
    """What was left out of the search, and why; empty where nothing was."""
    by_words: bool = False
    """Whether words alone were searched: then nothing is known of what the passages mean."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the person should know: which model answers instead, what was truncated."""

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

LIBRARY = "library"
"""The name of answering from what the library knows of itself: its names and counts, no passage and no model."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The finished answer, the last event of a question."""

    text: str
    """Markdown with ``[n]`` footnotes, each of which has its entry in ``citations``."""
    model: str
    """``EXTRACTIVE``, ``LIBRARY``, or backend and name, as in ``ollama/qwen3:8b``."""
    searched: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...] = ()
    """Sentences of the answer for which the cited passage has no support."""
    refused: bool = False
    """True when the passages do not answer the question: found so before a model was asked, or said by it."""
    incomplete: str | None = None
    """Why the answer breaks off; None for a whole one."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    tokens: int | None = None
    """How many a model wrote, as its server counts; None where it does not say, or no model was asked."""
    checks: tuple[CheckedSentence, ...] = ()
    """Every factual sentence, in order, with a footnote or without; ``unsupported`` lists those without support."""
    closest: tuple[Citation, ...] = ()
    """What comes nearest to a question that was refused, numbered like the passages; else empty."""

    @property
    def backed(self) -> bool:
        """Whether any of its sentences is supported by the passage that its footnote names.

        An answer that was kept before sentences were checked counts by its citations. What the library says of itself
        needs none.
        """
        if self.model == LIBRARY:
            return True
        if not self.checks:
            return bool(self.citations)
        return any(check.support is Support.SUPPORTED and check.numbers for check in self.checks)


AnswerEvent: TypeAlias = Searched | ThinkingDelta | TextDelta | TextWithdrawn | Notice | Progress | Answer
