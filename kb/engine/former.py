"""The embedder that a library had before, which answers until everything is embedded with the new one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kb.models.embed.choose import present
from kb.state.vectors import former_embedder

if TYPE_CHECKING:
    from kb.config import Settings
    from kb.ports import Embedder
    from kb.state.db import Database
    from kb.types import Fingerprint

log = logging.getLogger(__name__)


def opened_former(settings: Settings, database: Database, fingerprint: Fingerprint) -> Embedder | None:
    """Returns the embedder that most of the library had before that of ``fingerprint``; None where it is not here."""
    key = former_embedder(database, fingerprint.stored_key)
    former = present(settings, key.partition("@")[0]) if key else None
    if former is None or former.fingerprint.stored_key != key:
        return None
    log.warning(
        "passages are embedded anew; until then the former model answers",
        extra={"former": former.fingerprint.model},
    )
    return former
