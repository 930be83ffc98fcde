"""What the log of requests keeps of each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class RequestKind(StrEnum):
    """What was asked for."""

    EMBEDDING = "embedding"
    RETRIEVAL = "retrieval"
    RERANK = "rerank"
    ANSWER = "answer"
    JUDGE = "judge"


class RequestStatus(StrEnum):
    """How a request ended."""

    OK = "ok"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request to a model or to the indexes, once it has ended. Cookies and keys are never part of it."""

    time: str
    """When it ended; UTC, ISO 8601, in milliseconds."""
    kind: str
    origin: str
    """Through which door it came: page, command, api, openai, mcp, import, or evaluation."""
    owner: str
    engine: str
    """What computes: a backend, as in ollama or openvino."""
    model: str
    text: str
    """What was asked; the SHA-256 of it where that is set, and of passages always."""
    tokens: int | None
    """Of what was read, as the model or its tokenizer counts; None where nothing counted them."""
    tokens_written: int | None
    queued_ms: float
    """How long it waited for its turn."""
    ms: float
    """How long it was worked on."""
    status: str
    reason: str
    """The kind of error; empty where there was none. Its sentence may repeat a text and is in the program's log."""
    job: str
    """The documents that an import embedded, by their ids; empty for other requests."""
    conversation: str
    key: str
    """The name of the key that it came with; empty without one."""
    key_id: int = 0
    """The number of that key, which no later key of the same name has; 0 without one. Not part of ``as_json``."""
    person: str = ""
    """The account of who asked; empty for the owner of the machine, and without accounts."""
    id: int = 0
    """Its number in the log, for whoever sees those of one key alone among these; 0 before it is there."""

    def as_json(self) -> dict[str, Any]:
        shown = asdict(self)
        del shown["key_id"]
        return shown


@dataclass(frozen=True, slots=True)
class RequestPoint:
    """Of a request in the log, what is drawn: when, what, how long, and how it ended."""

    time: str
    """UTC, ISO 8601."""
    kind: str
    status: str
    ms: float
    """With the time for which it waited for its turn."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which requests are wanted; an empty field leaves out none."""

    kind: str = ""
    origin: str = ""
    status: str = ""
    key: str = ""
    key_id: int | None = None
    """Only what came with the key of this number; None leaves out none."""
    words: str = ""
    """What stands in the text, the model, or the ids of job and conversation."""
    since: str = ""
    """ISO 8601, as ``LoggedRequest.time`` is written."""
    after_id: int = 0
    before_id: int | None = None
    """The cursor: only older ones; None begins with the newest."""
