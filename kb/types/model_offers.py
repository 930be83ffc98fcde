"""What could answer on this machine: each place where models are, and what of it fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

OfferKind: TypeAlias = Literal["ollama", "endpoint", "connection", "files"]


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model that can be chosen to answer."""

    name: str
    """As a question names it."""
    about: str
    """Size and quantisation as its place says them; may be empty."""
    fits: bool | None
    """Whether it fits into the memory of this machine; None where its size is not told, or it runs elsewhere."""


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A place where models that answer are, or could be."""

    kind: OfferKind
    place: str
    """The address of a server, the name of a connection, or the folder for files."""
    models: tuple[OfferedModel, ...]
    failed: str | None = None
    """Why it cannot be had, in a sentence; None where it answered."""


@dataclass(frozen=True, slots=True)
class ModelOffers:
    """Everything that can be chosen now, and what this machine has room for."""

    offers: tuple[ModelOffer, ...]
    memory: int
    """Bytes that models can use: of the GPU with the most free memory, else of the machine."""
    gpu: str | None
    """The name of that GPU; None where models run on the CPU."""
    suggested: str
    """The model of Ollama's library that answers well with so much memory."""
