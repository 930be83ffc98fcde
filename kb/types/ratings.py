"""What a person thinks of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RatingValue(StrEnum):
    """Whether an answer helped."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Rating:
    """A rated answer."""

    request_id: str
    conversation_id: str
    question: str
    """As it was typed."""
    answer: str
    rating: RatingValue
    reason: str
    """In the person's words; empty where they gave none."""
    rated: str
    """UTC, ISO 8601."""
