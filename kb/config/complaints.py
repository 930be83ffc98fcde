"""Messages about an unknown setting or a value that a setting cannot have, in the words in which it was given."""

from __future__ import annotations

import types
from collections.abc import Mapping
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from kb.config.connections import PREFIX, ConnectionSettings, field_names
from kb.config.renamed import RENAMED
from kb.config.sections import SECTIONS, Settings, setting_names
from kb.system.redact import looks_secret, redacted
from kb.text.visible import visible_line

_SHOWN = 60
"""Characters of a value or a name that a message repeats."""
_NEAR = 0.75
"""Of ``difflib``'s ratio, above which a name is taken for a misspelt one."""


def unknown_name(said: str, where: str, name: str, *, alike: Mapping[str, str]) -> str:
    """Returns the sentence about a name that is no setting.

    ``said``: the name as it was given; ``name``: the same as ``section.name``; ``alike``: each known name in this
    form -> what should be written there.
    """
    said = visible_line(said[:_SHOWN])
    sentence = f"There is no setting '{said}' ({visible_line(where)})."
    if near := get_close_matches(name[:_SHOWN], alike, n=1, cutoff=_NEAR):
        sentence += f" Did you mean {alike[near[0]]}?"
    section, _, _ = name.partition(".")
    if section in SECTIONS:
        return f"{sentence} The section [{section}] has: {', '.join(SECTIONS[section].model_fields)}."
    return f"{sentence} There are: {', '.join(setting_names())}."


def unknown_connection_setting(said: str, where: str) -> str:
    """Returns the sentence about what stands among the connections and is no setting of one."""
    return (
        f"There is no setting '{visible_line(said[:_SHOWN])}' ({visible_line(where)}). A connection has a name and, "
        f"under it, {', '.join(field_names())}, as in {PREFIX}NAME.url."
    )


def known_names() -> tuple[str, ...]:
    """Returns every name that is read, the old ones too."""
    return (*setting_names(), *RENAMED)


def wanted_value(name: str) -> str:
    """Returns what the setting ``section.name`` takes, as in "a whole number from 1 to 65535", "one of mine, all"."""
    field = field_of(name)
    if "SecretStr" in str(field.annotation):
        return "a key: one line of ASCII characters without blanks; copy it once more"
    kind, optional = kind_of(field)
    if choices := choices_of(kind):
        return f"one of {', '.join(choices)}{', or left out' if optional else ''}"
    bounds = _bounds(field)
    words = {int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}.get(
        kind, "a text"
    )
    return f"{words}{bounds}{', or left out' if optional else ''}"


def repeated_value(value: Any) -> str:
    """Returns ``value`` as a message repeats it: in quotes, on one line, cut short."""
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # an int of more digits than Python prints
        return "a number that is too long to show"
    if looks_secret(text):
        return "what is given, which may hold a key"
    text = redacted(text)
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"'{visible_line(cut)}'"


def field_of(name: str) -> FieldInfo:
    """Returns what is declared of the setting ``section.name``."""
    section, _, inner = name.rpartition(".")
    if section.startswith(PREFIX):
        return ConnectionSettings.model_fields[inner]
    return (SECTIONS[section] if section else Settings).model_fields[inner]


def kind_of(field: FieldInfo) -> tuple[Any, bool]:
    """Returns the type of a field, and whether it may be None."""
    given = field.annotation
    if get_origin(given) not in (Union, types.UnionType):
        return given, False
    inner = [each for each in get_args(given) if each is not type(None)]
    if choices_of(inner[0]):
        return inner[0], True
    return get_args(inner[0])[0] if get_args(inner[0]) else inner[0], True


def choices_of(kind: Any) -> tuple[str, ...]:
    """Returns the values of a type that lists them; empty for every other."""
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(each.value) for each in kind)
    return ()


def _bounds(field: FieldInfo) -> str:
    least = next((found.ge for found in field.metadata if isinstance(found, Ge)), None)
    above = next((found.gt for found in field.metadata if isinstance(found, Gt)), None)
    most = next((found.le for found in field.metadata if isinstance(found, Le)), None)
    if above is not None:
        return f" above {above}" + (f", at most {most}" if most is not None else "")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return f" of at least {least}" if least is not None else ""
