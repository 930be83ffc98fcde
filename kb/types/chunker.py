"""The length of chunks in a library: what it is, and what another one costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from kb.types.embedders import QuestionsFound


@dataclass(frozen=True, slots=True)
class ChunkerPlan:
    """What another length of chunks would do, said before it is begun."""

    source: int
    """The longest chunk as it is set, in tokens."""
    target: int
    """As it would be: what was asked for, or what the embedder reads where that is less."""
    documents: int
    """That are read and cut anew."""
    kept: int
    """Of these, those whose chunks of that length are kept since the last change: they need no reading."""
    passages: int
    """All there are now."""
    passages_after: int
    """About; ``measured`` says on how many documents."""
    tokens: int
    """About, that the model runs over: of texts that have no vector yet."""
    minutes: float
    """About, the reading and the index included; questions are answered meanwhile."""
    megabytes: float
    """Of chunks, vectors and index rows that are added, before the old ones go."""
    measured: int
    """Documents that were read and cut for this."""
    tokens_a_second: float | None = None
    """Of the embedder, as measured; None where it does not run."""

    def as_json(self) -> dict[str, Any]:
        said = asdict(self)
        return {"from": said.pop("source"), "to": said.pop("target"), **said}


@dataclass(frozen=True, slots=True)
class ChunkerChange:
    """The last change of the chunks' length, as the database has it."""

    source: int
    target: int
    stage: str
    """``asking`` before anything is cut, ``cutting``, then ``done``."""
    questions: QuestionsFound | None = None
    """Its ``after`` counts once ``stage`` is ``done``."""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ChunkerStatus:
    """The length of chunks, the change that is under way, and the one that can be undone."""

    chunk_tokens: int
    """As it is set."""
    documents: int
    """All that can be found."""
    others: int
    """Of these, those whose chunks are of another length than is set."""
    switching_to: int | None = None
    step: str = ""
    """asking, cutting or checking."""
    done: int = 0
    total: int = 0
    """Of the step: documents, or passages while they are checked."""
    paused: bool = False
    """Whether a person has paused all imports, and with them this."""
    problem: str | None = None
    """Why the last change did not end as it should."""
    broken_off: int | None = None
    """What it would be changed to if the app ran."""
    undo: int | None = None
    """What ``undo`` returns to."""
    kept_megabytes: float = 0.0
    """Of chunks that the last change replaced, and their vectors."""
    questions: QuestionsFound | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
