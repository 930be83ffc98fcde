"""Settings that were set on the page or by a command. Keys are none of them: a backup has this table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.state.sql import SqlDatabase


class StoredSettings:
    """The table ``settings``: values by ``section.name``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def all(self) -> dict[str, Any]:
        """Returns every value that was set, by name."""
        rows = self._database.read().execute("SELECT name, value FROM settings ORDER BY name")
        return {row["name"]: json.loads(row["value"]) for row in rows}

    def change(self, values: Mapping[str, Any]) -> None:
        """Keeps ``values``, all or none of them; None takes back what was set."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.write() as connection:
            for name, value in values.items():
                if value is None:
                    connection.execute("DELETE FROM settings WHERE name = ?", (name,))
                else:
                    connection.execute(
                        "INSERT INTO settings (name, value, changed) VALUES (?, ?, ?) ON CONFLICT (name) "
                        "DO UPDATE SET value = excluded.value, changed = excluded.changed",
                        (name, json.dumps(value, ensure_ascii=False), now),
                    )
