"""Named connections: models that answer, each with its server or file and with settings of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from kb.config.section import Key, Section

OLLAMA_URL = "http://127.0.0.1:11434"
"""Where Ollama listens unless it is told otherwise."""
PREFIX = "connections."
"""Begins the name of each of their settings, as in ``connections.NAME.url``."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_RESERVED = frozenset({"auto", "extractive", "off", "bundled", "ollama", "endpoint", "gguf"})
"""Names that ``answering.model`` has another meaning for."""
_NEEDS = {
    "ollama": (),
    "endpoint": (("url", "the address of the server, up to and with /v1"),),
    "gguf": (("model", "a GGUF file: its path, or its name in the folder models"),),
}
"""What a connection of each kind cannot be without."""


class ConnectionSettings(Section):
    """A model that answers, under a name of its own."""

    kind: Literal["ollama", "endpoint", "gguf"] = Field(
        description="What runs it: ollama, endpoint (an OpenAI-compatible server), or gguf (a file, by llama.cpp)."
    )
    url: str | None = Field(
        default=None,
        description="The server: for endpoint up to and with /v1; for ollama, none is http://127.0.0.1:11434.",
    )
    model: str | None = Field(
        default=None,
        description="The name that the server has for the model; none offers all of them, as NAME/MODEL. For gguf a "
        "file, or its name in the folder models.",
    )
    key: Key = Field(
        default=None,
        description="The key for that server, if it wants one; it is sent to no other.",
        json_schema_extra={"address": "url"},
    )
    context: int | None = Field(
        default=None,
        ge=512,
        le=100_000_000,
        description="The context it is run with, at most what it can take; none is answering.context_tokens.",
    )
    max_tokens: int | None = Field(
        default=None,
        ge=16,
        le=100_000_000,
        description="Its longest answer, thoughts included, in its tokens; none is answering.answer_tokens.",
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        description="How freely it words its answers; none is 0, the same each time.",
    )
    top_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="From how much of the likelihood a word may be drawn; none leaves it to the server.",
    )
    thinking: bool | None = Field(
        default=None,
        description="Whether a model that can think first is to do so; none says no where it can be said.",
    )


def is_connection_setting(name: str) -> bool:
    """Whether ``name`` is that of a setting of some connection, as in ``connections.big.url``."""
    section, _, field = name.rpartition(".")
    return section.startswith(PREFIX) and "." not in section[len(PREFIX) :] and field in field_names()


def field_names() -> tuple[str, ...]:
    """Returns what can be set of a connection."""
    return tuple(ConnectionSettings.model_fields)


def connection_of(name: str) -> str:
    """Returns NAME of ``connections.NAME.field``."""
    return name.split(".")[1]


def connection_fault(name: str, values: Mapping[str, Any]) -> str | None:
    """Returns why a connection of that ``name`` with these values cannot be, in a sentence; None where it can.

    That each value is one of its setting is checked elsewhere.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        return (
            f"A connection cannot be called '{name[:60]}': take small letters, digits, - and _, at most 40, and none "
            f"of {', '.join(sorted(_RESERVED))}."
        )
    kind = values.get("kind")
    if kind is None:
        return f"The connection {name} lacks its kind: {', '.join(_NEEDS)}."
    for field, what in _NEEDS.get(str(kind), ()):
        if not values.get(field):
            return f"The connection {name} lacks {PREFIX}{name}.{field}: {what}."
    return None
