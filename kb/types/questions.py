"""What is asked, what is searched for it, and what that finds."""

from __future__ import annotations

from dataclasses import dataclass, field

from kb.types.passages import Hit
from kb.types.requests import Turn


@dataclass(frozen=True, slots=True)
class Context:
    """What a question is searched with besides its own words, and how much that counts."""

    text: str
    weight: float
    """Against 1 for the question itself."""


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """What is searched for a question."""

    text: str
    context: Context | None = None
    """None where ``text`` says everything."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, of what, and of whom."""

    text: str
    collection: str | None = None
    """None asks all collections."""
    model: str | None = None
    """None takes the model from the settings."""
    history: tuple[Turn, ...] = ()
    searched: str | None = None
    """What to search for, where somebody has put it into words; None works it out from the history."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages found for a question, best first, and what it took."""

    hits: tuple[Hit, ...]
    cosines: tuple[float, ...] = ()
    """Of the nearest candidates, best first; they tell whether the best one stands out. Between languages
    they are what they would be within one."""
    timings_ms: dict[str, float] = field(default_factory=dict)
