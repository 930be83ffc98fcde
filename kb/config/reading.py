"""Reads the settings: command line, then environment (``FOOTNOTE_*``), then ``footnote.toml``, then defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kb.config.complaints import known_names, repeated_value, unknown_name, wanted_value
from kb.config.keys import KeyBindings, know_secrets_of
from kb.config.renamed import RENAMED, secret_settings
from kb.config.sections import SECTIONS, Settings, default_home, expanded, setting_names
from kb.config.toml_file import read_toml
from kb.errors import Misconfigured
from kb.system.home_layout import HomeLayout

_PREFIX = "FOOTNOTE_"
_OF_A_CLUSTER = re.compile(
    r"FOOTNOTE_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?))"
)
"""What Kubernetes tells every program of a service that is called footnote: nobody misspelt a setting there."""


@dataclass(frozen=True, slots=True)
class _Given:
    """One value as somebody gave it."""

    name: str
    """``section.name``, or an old name."""
    value: Any
    said: str
    """How it is written where it stands."""
    said_today: str
    """How its setting is written there by its name of today."""
    where: str


def load_settings(*on_top: Mapping[str, Any], **given: Any) -> Settings:
    """Returns the settings: ``given`` (from the command line) above all, each of ``on_top`` even above that.

    None counts as not given. A key for another server than that of the address in force is left out, with a note.

    A name is ``home``, ``section.name`` or an old name; the name of a section may have a mapping. Old names are
    read, and each puts a sentence into ``Settings.notes``.

    Raises:
        Misconfigured: a value or a name is not valid, or one setting is given by its old and its new name with
            different values; the message names it and where it stands.
    """
    wanted = {name: value for name, value in given.items() if value is not None}
    file = HomeLayout(expanded(Path(wanted.get("home") or default_home()))).settings
    values: dict[str, _Given] = {}
    notes: list[str] = []
    bindings = KeyBindings()
    for source in (_in_file(file), _in_environment(), _in_call(wanted), *map(_in_call, on_top)):
        found = _by_todays_name(source, notes)
        values |= found
        in_force = {name: each.value for name, each in values.items()}
        for key, note in list(bindings.foreign(found, in_force)):
            del values[key]
            notes.append(note)
    nested: dict[str, Any] = {}
    for name, each in values.items():
        section, _, inner = name.rpartition(".")
        (nested.setdefault(section, {}) if section else nested)[inner] = each.value
    try:
        return Settings.model_validate(nested).with_notes(notes)
    except ValidationError as error:
        raise Misconfigured(_not_valid(error, values)) from error


def _in_file(file: Path) -> Iterator[_Given]:
    for name, value in _flat(read_toml(file)):
        section, _, inner = RENAMED.get(name, name).rpartition(".")
        today = f"{inner} in the section [{section}]" if section else inner
        yield _Given(name, value, name, today, str(file))


def _in_environment() -> Iterator[_Given]:
    """Yields the variables; an empty one counts as not set, as Docker Compose and .env files leave it."""
    for variable, value in os.environ.items():
        if not variable.upper().startswith(_PREFIX) or not value.strip() or _OF_A_CLUSTER.fullmatch(variable):
            continue
        name = variable[len(_PREFIX) :].lower().replace("__", ".")
        if name == "home":
            yield _Given(name, default_home(), variable, variable, "the environment")
        else:
            yield _Given(name, value, variable, _variable(RENAMED.get(name, name)), "the environment")


def given_by_environment(names: Iterable[str]) -> list[str]:
    """Returns the variables that set one of ``names``, which count before the settings file."""
    wanted = frozenset(names)
    return [each.said for each in _in_environment() if RENAMED.get(each.name, each.name) in wanted]


def _variable(name: str) -> str:
    return _PREFIX + name.upper().replace(".", "__")


def _in_call(given: Mapping[str, Any]) -> Iterator[_Given]:
    for name, value in _flat(given):
        yield _Given(name, value, name, RENAMED.get(name, name), "what was given")


def _flat(held: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yields each value with its name; what stands in a section has that before its name."""
    for name, value in held.items():
        if isinstance(value, Mapping) and (value or name in SECTIONS):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def _by_todays_name(source: Iterator[_Given], notes: list[str]) -> dict[str, _Given]:
    """Returns the values of one source, by ``section.name``; adds a note of each old name."""
    known = frozenset(setting_names())
    found: dict[str, _Given] = {}
    for each in source:
        know_secrets_of(each.name, each.value)
        name = RENAMED.get(each.name, each.name)
        if name not in known:
            raise Misconfigured(_unknown(each))
        if isinstance(each.value, str) and not each.value.strip():
            continue  # an empty text says nothing, wherever it stands
        other = found.get(name)
        if other and other.value != each.value:
            old, new = (each, other) if each.name in RENAMED else (other, each)
            raise Misconfigured(
                f"{old.said} and {new.said} are one setting, and have different values in {each.where}. "
                f"Remove {old.said}, the old name."
            )
        if each.name in RENAMED:
            notes.append(f"The setting {each.said} in {each.where} is now called {each.said_today}.")
        found[name] = each
    return found


def _unknown(given: _Given) -> str:
    """Returns the sentence about a name that is no setting: the nearest one, and what there is."""
    in_environment = given.said.upper().startswith(_PREFIX)
    today = {name: RENAMED.get(name, name) for name in known_names()}
    alike = {name: _variable(now) if in_environment else now for name, now in today.items()}
    return unknown_name(given.said, given.where, given.name, alike=alike)


def _not_valid(error: ValidationError, values: Mapping[str, _Given]) -> str:
    """Returns the sentence about the first value that cannot be; never in the words of what found it."""
    place = [str(part) for part in error.errors(include_url=False, include_context=False)[0]["loc"]]
    name = ".".join(place[:2])
    given = values[name]
    key = name in secret_settings()
    shown = " (the key that is given is not shown)" if key else f", not {repeated_value(given.value)}"
    return f"{given.said} in {given.where} must be {wanted_value(name)}{shown}."
