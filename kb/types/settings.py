"""What can be set: each value with where it comes from, and whether it can be changed while the app runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

SourceKind: TypeAlias = Literal["default", "file", "here", "environment", "command"]
"""From the weakest to the strongest: built in, ``footnote.toml``, set on the page or by a command, the environment,
the command line."""


@dataclass(frozen=True, slots=True)
class SettingSource:
    """Where the value in force stands."""

    kind: SourceKind
    said: str = ""
    """How it is written there: a name in the file, a variable; empty for a default."""


@dataclass(frozen=True, slots=True)
class SettingState:
    """One setting as it is in force."""

    name: str
    """``section.name``, as in ``retrieval.passages``."""
    value: Any
    """As JSON has it; of a key only whether there is one, true or false."""
    default: Any
    source: SettingSource
    meaning: str
    takes: Literal["text", "whole", "number", "choice", "truth", "key"]
    choices: tuple[str, ...]
    """Of a ``choice``; else empty."""
    least: float | None
    """Of a ``whole`` or a ``number``; None for none."""
    most: float | None
    optional: bool
    """Whether None is a value of it."""
    applies: Literal["at once", "restart", "elsewhere"]
    """When a change here counts; ``elsewhere``: it is changed in another way, which ``how`` names."""
    how: str = ""
    """A sentence: why it cannot be changed here, and where it can; empty where it can."""
    is_set_here: bool = False
    """Whether a value was set here, in force or not."""

    def as_json(self) -> dict[str, Any]:
        """Returns it for ``--json`` and the HTTP API."""
        return {**asdict(self), "choices": list(self.choices)}


@dataclass(frozen=True, slots=True)
class SetAddress:
    """An address that is set: where something is sent."""

    name: str
    """The setting that has it."""
    server: str
    """As ``kb.system.addresses.server_of`` has it: without path and login."""
    is_here: bool
    """Whether that is this machine."""


@dataclass(frozen=True, slots=True)
class SpaceUsed:
    """Room that one kind of thing takes in a data folder."""

    kind: str
    """originals, database, indexes, models, backups, evaluation, other."""
    bytes: int


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """What a change of settings did."""

    changed: tuple[str, ...]
    """The names whose value in force is another now."""
    waiting: tuple[str, ...]
    """Of what was set, the names that count after a restart."""
    notes: tuple[str, ...]
    """What the owner should know of it, a sentence each."""

    def as_json(self) -> dict[str, Any]:
        """Returns it for ``--json`` and the HTTP API."""
        return {name: list(value) for name, value in asdict(self).items()}
