"""The embedder of a library: what it is, and what changing it costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EmbedderChange:
    """What is to be another embedder's; None leaves a setting as it is, or as suits a model that is named."""

    model: str | None = None
    engine: str | None = None
    width: int | None = None
    """0 is the model's own."""
    url: str | None = None
    device: str | None = None
    instruction: str | None = None
    """Empty is the model's own."""
    task: str | None = None
    """What questions are for, by the name that an instruction has; in place of ``instruction``."""
    collection: str | None = None
    """Whose embedder it is to be; None is the library's, which all collections have without one of their own."""


AS_LIBRARY = "library"
"""As the model of a collection: that of the library, as it is."""


@dataclass(frozen=True, slots=True)
class EmbedderSide:
    """One of the two embedders of a change."""

    model: str
    """Of a server as the settings name it, else as its vectors name it."""
    engine: str
    """As the settings name it."""
    width: int
    native_width: int
    url: str | None = None
    device: str = "auto"
    instruction: str | None = None
    vectors_of: str | None = None
    """The model whose vectors a server's are, by the proof; None where that has the same name."""


@dataclass(frozen=True, slots=True)
class EmbedderPlan:
    """What a change of the embedder would do, said before it is begun."""

    source: EmbedderSide
    target: EmbedderSide
    passages: int
    """That have no vector of the new embedder yet, and are embedded."""
    tokens: int
    """Of these, in the new model's tokens, about."""
    minutes: float
    """About, the index included; questions are answered meanwhile."""
    megabytes: float
    """Of vectors in the database, and of their index."""
    model_run: bool
    """Whether passages are embedded at all."""
    measured: int = 0
    """Passages of the library that the speed was measured on."""
    tokens_a_second: float | None = None
    """As measured; None where no passage is embedded."""
    cut: int = 0
    """Passages among ``counted`` that are longer than the new model reads: their ends would not be embedded."""
    counted: int = 0
    """Passages whose tokens were counted."""

    def as_json(self) -> dict[str, Any]:
        said = asdict(self)
        return {"from": said.pop("source"), "to": said.pop("target"), **said}


@dataclass(frozen=True, slots=True)
class QuestionsFound:
    """How many of the library's labelled questions found their passage among the first ten, before and after."""

    questions: int
    before: int
    after: int
    first_before: int = 0
    """Of those, how many found it in the first place."""
    first_after: int = 0


@dataclass(frozen=True, slots=True)
class CollectionEmbedderStatus:
    """What a collection is searched with instead of the library's embedder, as it is set."""

    collection: str
    model: str | None
    """None where the model is the library's."""
    engine: str | None
    width: int | None
    instruction: str | None
    passages: int
    lacking: int
    """Of these, how many have no vector of it yet; until none lacks one the library's embedder answers."""
    problem: str | None
    """Why the library's embedder answers, where more than time is lacking."""
    undo: str
    """What ``undo`` returns to, in words."""
    questions: QuestionsFound | None = None
    """Of the labelled questions about it, how many found their passage before and after the last change, asked of the
    collection alone; None where there are none, the change is under way, or the app was started since."""
    is_asked: bool = False
    """Whether they are being asked: ``questions`` is still to come."""


@dataclass(frozen=True, slots=True)
class EmbedderStatus:
    """The embedder in use, the change that is under way, and the one that can be undone."""

    model: str
    """As the settings name it, or as its vectors do where it is open."""
    engine: str
    width: int | None
    """In use; None where the model's own is, and the model is not open yet."""
    instruction: str | None
    text: str
    """A sentence: what it is, and why."""
    switching_to: str | None = None
    """The model that is taking over; None where none is."""
    step: str = ""
    """embedding, indexing or checking."""
    done: int = 0
    total: int = 0
    """Of the step, in passages."""
    problem: str | None = None
    """Why the last change of this process failed."""
    broken_off: str | None = None
    """The model that was taking over when the process ended; it goes on when the app starts."""
    undo: str | None = None
    """What ``undo`` returns to, in words; None where there is nothing to undo."""
    kept_megabytes: float = 0.0
    """Vectors of other embedders, which are kept until ``forget``."""
    questions: QuestionsFound | None = None
    """Of the last change of this process; None where no question is labelled."""
    models: tuple[str, ...] = ()
    """Names of models that are known; folders, hub ids and the names of servers can be given too."""
    engines: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    """Names of what questions can be for, each with an instruction of its own."""
    collections: tuple[CollectionEmbedderStatus, ...] = ()
    """Of those that have, or had, something of their own."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
