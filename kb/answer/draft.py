"""The working state of an answer."""

from __future__ import annotations

from dataclasses import dataclass

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
