"""A model that is here, or on a server that was named; and what a test of one showed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

ModelKind: TypeAlias = Literal["embedding", "reranker", "answering", "unknown"]

NOT_STATED = "not stated"
"""The licence of a model whose own files do not name one."""


@dataclass(frozen=True, slots=True)
class HeldModel:
    """A model that can be named in the settings."""

    name: str
    """As the settings name it."""
    kind: ModelKind
    format: Literal["safetensors", "onnx", "gguf", "served"]
    place: Literal["bundled", "models", "hub", "elsewhere", "server"]
    """Where it lies: in the data folder's ``models``, in the hub's cache, in another folder that the settings name."""
    path: Path | None
    """Its folder or file; None for a model of a server, and for the bundled one until it is unpacked."""
    licence: str = NOT_STATED
    """By the model's own card or metadata."""
    bytes: int = 0
    """On this disk; what a server says of its own, 0 where it says nothing."""
    sha256: str | None = None
    """Of the file, or of the folder's files (``kb.models.catalogue.checksums``); None where there are none here."""
    used_as: tuple[str, ...] = ()
    """What it does by the settings and in this library: ``embedding``, ``reranker``, ``answering``, ``judge``."""
    about: str = ""
    """What a server says of it."""
    aliases: tuple[str, ...] = field(default=(), repr=False)
    """Other names that mean the same."""

    def as_json(self) -> dict[str, Any]:
        """Returns the model for ``--json``."""
        found = asdict(self)
        del found["aliases"]
        path = str(self.path) if self.path is not None else None
        return {**found, "path": path, "used_as": list(self.used_as), "in_use": bool(self.used_as)}


@dataclass(frozen=True, slots=True)
class ModelTest:
    """What a model did when it was asked."""

    name: str
    kind: ModelKind
    ok: bool
    text: str
    """A sentence: what was proved, or what differed."""
    tokens_per_second: float | None = None
    """Read by an embedding model or a reranker, written by one that answers; None where nothing was measured."""
    first_token_seconds: float | None = None
    """Until the first word of an answer came; None for models that write none."""
    context_tokens: int | None = None
    """The context that the model is run with, or its longest input; None where it is not known."""

    def as_json(self) -> dict[str, Any]:
        """Returns the outcome for ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RemovedModel:
    """What removing a model did, or would do."""

    name: str
    bytes: int
    used_as: tuple[str, ...]
    passages: int
    """How many would have to be embedded anew; 0 where it computes none of the vectors in use."""

    def as_json(self) -> dict[str, Any]:
        """Returns it for ``--json``."""
        return {**asdict(self), "used_as": list(self.used_as)}
