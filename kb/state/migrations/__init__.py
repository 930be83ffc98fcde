"""The schema, one script a version. A released script is never changed; a change is a new script at the end."""

from __future__ import annotations

from kb.state.migrations import (
    to_version_10,
    to_version_21,
    to_version_22,
    to_version_23,
    to_version_24,
    to_version_25,
    to_version_28,
    to_version_29,
    to_version_30,
    to_version_31,
    to_version_32,
    to_version_33,
)

MIGRATIONS: tuple[str, ...] = (
    *to_version_10.SCRIPTS,
    *to_version_21.SCRIPTS,
    *to_version_22.SCRIPTS,
    *to_version_23.SCRIPTS,
    *to_version_24.SCRIPTS,
    *to_version_25.SCRIPTS,
    *to_version_28.SCRIPTS,
    *to_version_29.SCRIPTS,
    *to_version_30.SCRIPTS,
    *to_version_31.SCRIPTS,
    *to_version_32.SCRIPTS,
    *to_version_33.SCRIPTS,
)
"""What brings a database from each version to the next; the length is the newest version."""
