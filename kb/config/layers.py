"""Values of settings as somebody gave them, in layers: what a stronger place says counts before a weaker one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from kb.config.complaints import repeated_value, wanted_value
from kb.config.connections import PREFIX, connection_fault, connection_of
from kb.config.keys import KeyBindings
from kb.config.renamed import is_secret
from kb.config.sections import SECTIONS, Settings
from kb.errors import Misconfigured
from kb.types import SettingSource, SourceKind


@dataclass(frozen=True, slots=True)
class Given:
    """One value as somebody gave it."""

    name: str
    """``section.name``, or an old name."""
    value: Any
    said: str
    """How it is written where it stands."""
    said_today: str
    """How its setting is written there by its name of today."""
    where: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says."""

    kind: SourceKind
    values: Mapping[str, Given]
    """By ``section.name``."""


def merged(layers: Sequence[Layer], notes: Iterable[str] = ()) -> Settings:
    """Returns the settings of ``layers``, the weakest first. A key for another server than that of the address in
    force is left out, with a note.

    Raises:
        Misconfigured: a value is not valid; the message names it and where it stands.
    """
    values: dict[str, Given] = {}
    sources: dict[str, SettingSource] = {}
    said = list(notes)
    bindings = KeyBindings()
    for layer in layers:
        values |= layer.values
        sources |= {name: SettingSource(layer.kind, each.said) for name, each in layer.values.items()}
        in_force = {name: each.value for name, each in values.items()}
        for key, note in list(bindings.foreign(layer.values, in_force)):
            del values[key], sources[key]
            said.append(note)
    for name in sorted({connection_of(name) for name in values if name.startswith(PREFIX)}):
        fields = {key.rpartition(".")[2]: each.value for key, each in values.items() if _is_of(key, name)}
        if (fault := connection_fault(name, fields)) is not None:
            raise Misconfigured(fault)
    try:
        settings = Settings.model_validate(_nested(values))
    except ValidationError as error:
        raise Misconfigured(_not_valid(error, values)) from error
    return settings.with_origin(dict.fromkeys(said), layers, sources)


def with_layer(settings: Settings, layer: Layer) -> Settings:
    """Returns ``settings`` with ``layer`` in the place of the one of its kind; raises as ``merged`` does.

    Of settings that were made in code every value that was named counts as from the command line.
    """
    order: tuple[SourceKind, ...] = ("default", "file", "here", "environment", "command")
    layers = settings.layers or (Layer("command", _made_in_code(settings)),)
    kept = [each for each in layers if each.kind != layer.kind]
    at = next(
        (n for n, each in enumerate(kept) if order.index(each.kind) > order.index(layer.kind)), len(kept)
    )
    return merged([*kept[:at], layer, *kept[at:]], settings.notes)


def _made_in_code(settings: Settings) -> dict[str, Given]:
    found: dict[str, Any] = {}
    for section in settings.model_fields_set:
        held = getattr(settings, section)
        if section in SECTIONS:
            found |= {f"{section}.{name}": getattr(held, name) for name in held.model_fields_set}
        elif section == "connections":
            found |= {
                f"{PREFIX}{name}.{field}": getattr(each, field)
                for name, each in held.items()
                for field in each.model_fields_set
            }
        else:
            found[section] = held
    return {name: Given(name, value, name, name, "what was given") for name, value in found.items()}


def _is_of(setting: str, connection: str) -> bool:
    return setting.startswith(f"{PREFIX}{connection}.")


def _nested(values: Mapping[str, Given]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, each in values.items():
        *sections, field = name.split(".")
        inner = nested
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[field] = each.value
    return nested


def _not_valid(error: ValidationError, values: Mapping[str, Given]) -> str:
    """Returns the sentence about the first value that cannot be; never in the words of what found it."""
    place = [str(part) for part in error.errors(include_url=False, include_context=False)[0]["loc"]]
    name = ".".join(place[: 3 if place[0] == "connections" else 2])
    given = values[name]
    shown = (
        " (the key that is given is not shown)" if is_secret(name) else f", not {repeated_value(given.value)}"
    )
    return f"{given.said} in {given.where} must be {wanted_value(name)}{shown}."
