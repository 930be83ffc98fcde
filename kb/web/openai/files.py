"""``/v1/files``: documents."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from kb.errors import NotFound
from kb.types import AccessScope, Caller, Document, DocumentState
from kb.web.api.fields import Id
from kb.web.api.idempotency import IdempotencyKey, added_once
from kb.web.api.uploads import Upload, received
from kb.web.openai.caller import ByOpenai
from kb.web.openai.schemas import DeletedOut, FileOut, FilesOut
from kb.web.openai.wire import as_list, seconds

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_STATUS = {DocumentState.READY: "processed", DocumentState.FAILED: "error"}


def files_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/v1/files", response_model=FilesOut)
    def list_files(
        caller: ByOpenai,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
        after: Id | None = None,
    ) -> dict[str, Any]:
        found = kb.library.documents(caller=caller, limit=-1)
        if after is not None:
            at = next((at for at, document in enumerate(found) if document.id == after), None)
            if at is None:
                raise NotFound(f"There is no file {after!r}.")
            found = found[at + 1 :]
        page = [_file(document) for document in found[:limit]]
        return as_list(page, has_more=len(found) > limit)

    @router.post("/v1/files", response_model=FileOut)
    async def add_file(
        caller: ByOpenai, request: Request, idempotency_key: IdempotencyKey = None
    ) -> Response:
        caller.require(AccessScope.WRITE)
        limit = kb.settings.parsing.max_file_megabytes * 2**20
        async with received(request, kb.settings.home, max_bytes=limit) as upload:
            where = upload.fields.get("collection", "")
            add = partial(_added, kb, upload, where, caller)
            return await added_once(kb, upload, idempotency_key, add, caller=caller, route="files")

    @router.get("/v1/files/{file_id}", response_model=FileOut)
    def show_file(file_id: Id, caller: ByOpenai) -> dict[str, Any]:
        return _file(kb.library.document(file_id, caller=caller))

    @router.delete("/v1/files/{file_id}", response_model=DeletedOut)
    def remove_file(file_id: Id, caller: ByOpenai) -> dict[str, Any]:
        kb.library.remove([file_id], caller=caller)
        return {"id": file_id, "object": "file", "deleted": True}

    @router.get("/v1/files/{file_id}/content")
    def file_content(file_id: Id, caller: ByOpenai) -> FileResponse:
        return FileResponse(
            kb.library.original(file_id, caller=caller),
            media_type="application/octet-stream",
            headers={"Content-Disposition": "attachment", "Cache-Control": "private, no-store"},
        )

    return router


def _added(kb: KnowledgeBase, upload: Upload, where: str, caller: Caller) -> tuple[int, dict[str, Any]]:
    return 200, _file(kb.library.add(upload.path, upload.name, where, caller=caller).document)


def _file(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "object": "file",
        "bytes": document.bytes,
        "created_at": seconds(document.added),
        "filename": document.name,
        "purpose": "assistants",
        "status": _STATUS.get(document.state, "uploaded"),
        "status_details": document.reason,
    }
