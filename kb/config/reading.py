"""Reads the settings: command line, then environment (``FOOTNOTE_*``), then ``footnote.toml``, then defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kb.config.renamed import RENAMED, secret_settings
from kb.config.sections import SECTIONS, Settings, default_home, setting_names
from kb.errors import Misconfigured
from kb.system.home_layout import SETTINGS, HomeLayout

_PREFIX = "FOOTNOTE_"


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


def load_settings(**given: Any) -> Settings:
    """The settings, ``given`` (from the command line) above all; None counts as not given.

    A name is ``home``, ``section.name`` or an old name; the name of a section may have a mapping. Old names are
    read, and each puts a sentence into ``Settings.notes``.

    Raises:
        Misconfigured: a value or a name is not valid, or one setting is given by its old and its new name with
            different values; the message names it and where it stands.
    """
    wanted = {name: value for name, value in given.items() if value is not None}
    file = HomeLayout(Path(wanted.get("home") or default_home())).settings
    values: dict[str, _Given] = {}
    notes: list[str] = []
    for source in (_in_file(file), _in_environment(notes), _in_call(wanted)):
        values |= _by_todays_name(source, notes)
    nested: dict[str, Any] = {}
    for name, found in values.items():
        section, _, inner = name.rpartition(".")
        (nested.setdefault(section, {}) if section else nested)[inner] = found.value
    try:
        return Settings.model_validate(nested).with_notes(notes)
    except ValidationError as error:
        raise Misconfigured(_not_valid(error, values)) from error


def _in_file(file: Path) -> Iterator[_Given]:
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{SETTINGS} cannot be read: {error}. Mend or remove that line.") from error
    for name, value in _flat(held):
        section, _, inner = RENAMED.get(name, name).rpartition(".")
        today = f"{inner} in the section [{section}]" if section else inner
        yield _Given(name, value, name, today, str(file))


def _in_environment(notes: list[str]) -> Iterator[_Given]:
    """The variables; a note of one that looks like a setting, and is none."""
    for variable, value in os.environ.items():
        if not variable.upper().startswith(_PREFIX):
            continue
        name = variable[len(_PREFIX) :].lower().replace("__", ".")
        if name == "home":
            if value:  # as with every program, an empty path is none
                yield _Given(name, default_home(), variable, variable, "the environment")
        elif name in RENAMED or "." in name:
            today = _PREFIX + RENAMED.get(name, name).upper().replace(".", "__")
            yield _Given(name, value, variable, today, "the environment")
        else:  # not refused: machines that start programs put variables of their own there, such as a service's port
            notes.append(f"The environment's {variable} is not a setting and has no effect.")


def _in_call(given: Mapping[str, Any]) -> Iterator[_Given]:
    for name, value in _flat(given):
        yield _Given(name, value, name, RENAMED.get(name, name), "what was given")


def _flat(held: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each value with its name; what stands in a section has that before its name."""
    for name, value in held.items():
        if isinstance(value, Mapping) and (value or name in SECTIONS):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def _by_todays_name(source: Iterator[_Given], notes: list[str]) -> dict[str, _Given]:
    """What one source gives, by ``section.name``; adds a note of each old name."""
    known = frozenset(setting_names())
    found: dict[str, _Given] = {}
    for each in source:
        name = RENAMED.get(each.name, each.name)
        if name not in known:
            raise Misconfigured(_unknown(each))
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
    """The sentence about a name that is no setting: what there is."""
    section, _, _ = given.name.partition(".")
    said = f"There is no setting {given.said!r} ({given.where})."
    if section not in SECTIONS:
        return f"{said} There are: {', '.join(setting_names())}."
    return f"{said} The section [{section}] has: {', '.join(SECTIONS[section].model_fields)}."


def _not_valid(error: ValidationError, values: Mapping[str, _Given]) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    given = values.get(name)
    shown = "a key, not shown" if name in secret_settings() else repr(first.get("input"))
    where = f" in {given.where}" if given else ""
    return (
        f"The setting {name!r} is not valid: {first['msg']} (given: {shown}{where}). "
        f"Settings come from the command line, FOOTNOTE_* variables and {SETTINGS}."
    )
