"""Lays what was set on the page or by a command between the settings file and the environment."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb.config import Settings, setting_names, with_set_here
from kb.config.connections import is_connection_setting
from kb.config.keys import server_of_key
from kb.errors import Misconfigured
from kb.state.db import Database
from kb.state.settings import StoredSettings
from kb.system.home_layout import HomeLayout
from kb.system.kept_keys import KeptKeys

log = logging.getLogger(__name__)


def with_stored(settings: Settings, database: Database) -> Settings:
    """Returns ``settings`` with what is stored in ``database``, and the keys beside it.

    What cannot be any more is left out with a note: a newer version set it, or the file no longer has the rest of a
    connection.
    """
    stored = StoredSettings(database).all()
    notes: list[str] = []
    taken: dict[str, Any] = {}
    for group in _groups(stored):
        try:
            with_set_here(settings, {**taken, **group})
        except Misconfigured as error:
            log.warning("a setting is left out", extra={"reason": str(error)})
            notes.append(f"What was set for {_said(group)} is left out. {error}")
        else:
            taken |= group
    found = with_set_here(settings, taken) if taken else settings
    for name, kept in kept_keys(settings.home).all().items():
        if not is_connection_setting(name) and name not in setting_names():
            continue  # of a connection that was renamed by hand, or of another version
        if server_of_key(name, found) == kept.server:
            taken[name] = kept.key
        else:
            notes.append(
                f"The key {name} was given for {kept.server}, which is not set any more: it is not sent."
            )
    found = with_set_here(settings, taken) if taken else settings
    return found.with_notes((*found.notes, *notes)) if notes else found


def kept_keys(home: Path) -> KeptKeys:
    """Returns the keys of the data folder ``home`` that were set on the page or by a command."""
    return KeptKeys(HomeLayout(home).keys)


def _groups(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the values that only make sense together, a group for each section and each connection."""
    groups: dict[str, dict[str, Any]] = {}
    for name, value in sorted(stored.items()):
        groups.setdefault(name.rpartition(".")[0], {})[name] = value
    return list(groups.values())


def _said(group: Mapping[str, Any]) -> str:
    return ", ".join(group)
