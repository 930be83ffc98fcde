"""What the owner should know of an embedder on a device that others use too, and its memory while nobody needs it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from kb.errors import DiskFull
from kb.models.embed.runtime import SharesDevice
from kb.state.jobs import Jobs
from kb.state.notices import Notices

if TYPE_CHECKING:
    from kb.ports import Embedder
    from kb.state.db import Database

WATCH_SECONDS = 15.0
"""Between two looks: a small part of any time that is set for the model."""


class DeviceWatch:
    """Looks at the embedder in use from time to time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noticed: str | None = None

    def look(self, embedder: Embedder) -> None:
        """Keeps what troubles ``embedder`` for the owner to read, and frees its GPU while nobody needs it."""
        if not isinstance(embedder, SharesDevice):
            return
        trouble = embedder.trouble
        if trouble is not None and trouble != self._noticed:
            with suppress(DiskFull):  # then the line below the library says it alone
                Notices(self._database).add(trouble)
        self._noticed = trouble
        if not Jobs(self._database, clock=time.time).waiting():
            embedder.unload_if_idle()
