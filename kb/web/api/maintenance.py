"""Routes of maintenance: backups, the check, and notices for the owner."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field

from kb.errors import BadInput
from kb.types import Finding
from kb.web.api.caller import By
from kb.web.api.fields import FilePath, RowId, Truth
from kb.web.api.schemas import Wire
from kb.web.api.threads import MAINTENANCE

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class BackupIn(Wire):
    """Where a backup is to go."""

    to: FilePath | None = None
    """A folder, or the name of a ``.zip`` file; absolute. None keeps it in the data folder."""


class RestoreIn(Wire):
    """Which backup is to be restored."""

    path: FilePath
    """Of one that ``GET /api/backups`` lists."""


class CheckIn(Wire):
    """Whether what is wrong is to be repaired."""

    repair: Truth = False


class BackupOut(Wire):
    """A backup, as its manifest has it."""

    format: int
    path: str
    made: str
    reason: str
    schema_: int = Field(alias="schema")
    database_sha256: str
    rows: dict[str, int]
    """How many each table has."""
    blobs: int
    blob_bytes: int
    missing: tuple[str, ...]
    """SHA-256 of files that were missing or damaged when it was made."""


class NoticeOut(Wire):
    """A sentence that stays until somebody dismisses it."""

    id: int
    made: str
    text: str


def store_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/backups")
    def list_backups(caller: By) -> list[BackupOut]:
        return [BackupOut(**backup.as_json()) for backup in kb.maintenance.backups(caller=caller)]

    @router.post("/api/backups", status_code=201)
    async def back_up(asked: BackupIn, caller: By) -> BackupOut:
        to = Path(asked.to) if asked.to else None
        if to is not None and not to.is_absolute():
            raise BadInput("Name the place of a backup by its whole path.")
        made = await MAINTENANCE.run(partial(kb.maintenance.back_up, to, caller=caller))
        return BackupOut(**made.as_json())

    @router.post("/api/backups/restore", status_code=202)
    async def restore(asked: RestoreIn, caller: By) -> BackupOut:
        """Verifies a backup and starts Footnote again with it; what it replaces is kept in the data folder."""
        preparing = partial(kb.maintenance.prepare_restore, Path(asked.path), caller=caller)
        backup = await MAINTENANCE.run(preparing)
        kb.maintenance.restart(caller=caller)
        return BackupOut(**backup.as_json())

    @router.post("/api/restart", status_code=202)
    def restart(caller: By) -> None:
        """Ends Footnote and starts it again, for settings that count from a start on."""
        kb.maintenance.restart(caller=caller)

    @router.post("/api/check")
    async def check(asked: CheckIn, caller: By) -> list[Finding]:
        return await MAINTENANCE.run(partial(kb.maintenance.check, caller=caller, repair=asked.repair))

    @router.get("/api/notices")
    def list_notices(caller: By) -> list[NoticeOut]:
        return [NoticeOut.model_validate(notice) for notice in kb.maintenance.notices(caller=caller)]

    @router.delete("/api/notices/{notice_id}", status_code=204)
    def dismiss(notice_id: RowId, caller: By) -> None:
        kb.maintenance.dismiss(notice_id, caller=caller)

    return router
