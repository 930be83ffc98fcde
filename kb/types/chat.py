"""The input and the output of a chat model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


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
    top_p: float | None = None
    """From how much of the likelihood a token may be drawn; None leaves it to the backend."""
    think: bool = False
    """Whether a model that can think first is to do so; its thoughts count against ``max_tokens``."""
    own_settings: bool = False
    """Whether what the owner set for this model alone takes the place of these: for answers that people read. Steps
    that must come out the same each time (rewriting a question, judging a sentence) go without."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """The next piece of a thinking model's reasoning; never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class TextWithdrawn:
    """Everything written so far was a thought: the server left out where it began, and that has just been seen."""


@dataclass(frozen=True, slots=True)
class ModelFinished:
    """The last event of every stream that did not fail."""

    prompt_tokens: int | None = None
    """What the server says it evaluated; None when it does not say."""
    completion_tokens: int | None = None
    stopped_at_limit: bool = False
    """True when ``max_tokens`` or the context cut the answer short."""


ModelEvent: TypeAlias = TextDelta | ThinkingDelta | TextWithdrawn | ModelFinished


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
    own_context: int | None = None
    """The context that the owner set for this model alone; None for that of all."""
    own_answer_tokens: int | None = None
    """The longest answer, likewise."""
