"""The working state of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from kb.answer.quote.layout import Quote
from kb.answer.verify.checker import Checked
from kb.types import Hit


@dataclass(slots=True)
class Draft:
    """What an answer is made of so far; the steps that write it leave here what they learn."""

    searched: str
    hits: tuple[Hit, ...]
    model: str
    timings: dict[str, float]
    context: str = ""
    """What was said before and was searched with it; empty where ``searched`` says everything."""
    text: str = ""
    incomplete: str | None = None
    tokens: int | None = None
    """How many the model wrote, as its server counts."""
    quotes: tuple[Quote, ...] | None = None
    """What answers without being judged: it was asked for by its number, or by name; None for all else."""
    names_a_row: bool = False
    """Whether the question names what a row of a table is about."""
    refusal: str | None = None
    """Why there is no answer, where that is known: the place that was asked for is not there."""
    note: str = ""
    """What is said below the quotes: that of one of two things nothing is known."""
    checked: Checked | None = None
    """A quoted answer, which needs no check: it stands in the passages word for word."""
