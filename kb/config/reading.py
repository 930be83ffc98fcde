"""Reads the settings: command line, then environment (``FOOTNOTE_*``), then what was set here, ``footnote.toml``,
defaults.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kb.config.complaints import known_names, unknown_connection_setting, unknown_name
from kb.config.connections import PREFIX, is_connection_setting
from kb.config.keys import know_secrets_of
from kb.config.layers import Given, Layer, merged, with_layer
from kb.config.renamed import RENAMED, is_secret
from kb.config.section import expanded
from kb.config.sections import SECTIONS, Settings, default_home, setting_names
from kb.config.toml_file import read_toml
from kb.errors import Misconfigured
from kb.system.home_layout import HomeLayout

_ENVIRONMENT = "FOOTNOTE_"
_IN_A_FILE = "_file"
"""Behind a variable for a key: its value names the file with the key, as containers are given their secrets."""
_OF_A_CLUSTER = re.compile(
    r"FOOTNOTE_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?))"
)
"""What Kubernetes tells every program of a service that is called footnote: nobody misspelt a setting there."""


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
    notes: list[str] = []
    layers = [
        Layer("file", _by_todays_name(_in_file(file), notes)),
        Layer("environment", _by_todays_name(_in_environment(), notes)),
        *(Layer("command", _by_todays_name(_in_call(each), notes)) for each in (wanted, *on_top)),
    ]
    return merged(layers, notes)


def with_set_here(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Returns ``settings`` with ``values``, by ``section.name``, as what was set on the page or by a command: these
    count before the file, and after the environment.

    Raises:
        Misconfigured: a value or a name is not valid.
    """
    return with_layer(settings, Layer("here", _by_todays_name(_set_here(values), [])))


def set_here(settings: Settings) -> dict[str, Any]:
    """Returns the values that were set here, in force or not, by ``section.name``."""
    layers = (layer for layer in settings.layers if layer.kind == "here")
    return {name: each.value for layer in layers for name, each in layer.values.items()}


def _in_file(file: Path) -> Iterator[Given]:
    for name, value in _flat(read_toml(file)):
        section, _, inner = RENAMED.get(name, name).rpartition(".")
        today = f"{inner} in the section [{section}]" if section else inner
        yield Given(name, value, name, today, str(file))


def _set_here(values: Mapping[str, Any]) -> Iterator[Given]:
    for name, value in values.items():
        yield Given(name, value, name, name, "what was set here")


def _in_environment() -> Iterator[Given]:
    """Yields the variables; an empty one counts as not set, as Docker Compose and .env files leave it."""
    for variable, value in os.environ.items():
        if (
            not variable.upper().startswith(_ENVIRONMENT)
            or not value.strip()
            or _OF_A_CLUSTER.fullmatch(variable)
        ):
            continue
        name = variable[len(_ENVIRONMENT) :].lower().replace("__", ".")
        if name == "home":
            yield Given(name, default_home(), variable, variable, "the environment")
        elif name.endswith(_IN_A_FILE) and is_secret(name.removesuffix(_IN_A_FILE)):
            name = name.removesuffix(_IN_A_FILE)
            today = _variable(RENAMED.get(name, name)) + _IN_A_FILE.upper()
            yield Given(name, _key_in(Path(value), variable), variable, today, "the environment")
        else:
            yield Given(name, value, variable, _variable(RENAMED.get(name, name)), "the environment")


def _key_in(file: Path, variable: str) -> str:
    """Returns the key that stands in ``file``, alone, without the white space around it."""
    try:
        key = expanded(file).read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{variable} names a file that cannot be read: {error}") from error
    if not key:
        raise Misconfigured(f"{variable} names a file in which nothing stands: {file}")
    return key


def given_by_environment(names: Iterable[str]) -> list[str]:
    """Returns the variables that set one of ``names``, which count before the settings file."""
    wanted = frozenset(names)
    return [each.said for each in _in_environment() if RENAMED.get(each.name, each.name) in wanted]


def _variable(name: str) -> str:
    return _ENVIRONMENT + name.upper().replace(".", "__")


def _in_call(given: Mapping[str, Any]) -> Iterator[Given]:
    for name, value in _flat(given):
        yield Given(name, value, name, RENAMED.get(name, name), "what was given")


def _flat(held: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, Any]]:
    """Yields each value with its name; what stands in a section, or a connection, has that before its name."""
    for name, value in held.items():
        named = f"{section}{name}"
        inside = section in ("", PREFIX)
        if isinstance(value, Mapping) and inside and (value or name in (*SECTIONS, "connections")):
            yield from _flat(value, f"{named}.")
        else:
            yield named, value


def _by_todays_name(source: Iterator[Given], notes: list[str]) -> dict[str, Given]:
    """Returns the values of one source, by ``section.name``; adds a note of each old name."""
    known = frozenset(setting_names())
    found: dict[str, Given] = {}
    for each in source:
        know_secrets_of(each.name, each.value)
        name = RENAMED.get(each.name, each.name)
        if name not in known and not is_connection_setting(name):
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


def _unknown(given: Given) -> str:
    """Returns the sentence about a name that is no setting: the nearest one, and what there is."""
    if given.name.startswith(PREFIX):
        return unknown_connection_setting(given.said, given.where)
    in_environment = given.said.upper().startswith(_ENVIRONMENT)
    today = {name: RENAMED.get(name, name) for name in known_names()}
    alike = {name: _variable(now) if in_environment else now for name, now in today.items()}
    return unknown_name(given.said, given.where, given.name, alike=alike)
