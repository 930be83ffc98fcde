"""Questions that are stored, with their answers, in conversations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.types.answers import Answer, Searched
from kb.types.questions import Question, Turn


class AnswerRunState(StrEnum):
    """How far a question has come."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """A person stopped it; what was written until then stays."""
    FAILED = "failed"
    """There is no whole answer, and ``AnswerRun.error`` says why; what was written stays."""


@dataclass(frozen=True, slots=True)
class AnswerRun:
    """A question and its answer so far; stored as long as its conversation."""

    id: str
    conversation_id: str
    question: Question
    """As it was asked; its history is that of the conversation and not stored with it."""
    state: AnswerRunState
    added: str
    """UTC, ISO 8601."""
    searched: Searched | None = None
    """Of an earlier one: passages whose document is gone have a document in the state DELETING."""
    notices: tuple[str, ...] = ()
    text: str = ""
    """The answer, as far as it has come."""
    answer: Answer | None = None
    error: str | None = None

    def turn(self) -> Turn:
        """Returns the question and its answer as a follow-up question needs them."""
        return Turn(
            question=self.question.text,
            answer=self.text,
            searched=self.searched.question if self.searched else "",
            citations=self.answer.citations if self.answer else (),
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """A sequence of questions, each of which may refer to the ones before."""

    id: str
    title: str
    """Its first question, or what it was called later."""
    added: str
    updated: str
    """When it was last asked something; UTC, ISO 8601."""
    requests: int = 0
    documents: int = 0
    """How many documents of the library its answers cite."""
    pinned: bool = False
    """Whether it stands before the others, however long ago it was asked something."""


@dataclass(frozen=True, slots=True)
class KeptReply:
    """What was replied to a request that named itself."""

    asked: str
    """SHA-256 of the request."""
    status: int
    """Of HTTP."""
    body: str
    """JSON."""
