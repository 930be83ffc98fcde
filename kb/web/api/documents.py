"""Adding, listing and removing documents, and showing what is in them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from kb.config import DEFAULT_COLLECTION
from kb.web.api.rects import parse_rects
from kb.web.api.schemas import AddedOut, DocumentOut, DocumentsOut, FiltersOut, LabelsIn
from kb.web.api.uploads import received

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def documents_router(kb: KnowledgeBase) -> APIRouter:
    """``/api/documents`` and ``/api/filters``."""
    router = APIRouter()

    @router.get("/api/documents")
    def list_documents(
        collection: str | None = None,
        limit: int = Query(200, ge=1, le=1000),
        offset: int = Query(0, ge=0),
    ) -> DocumentsOut:
        found = kb.documents(collection=collection, limit=limit, offset=offset)
        doing = kb.progress.of([document.id for document in found])
        return DocumentsOut(
            documents=[DocumentOut.of(document, doing.get(document.id)) for document in found],
            total=kb.count(collection=collection),
        )

    @router.post("/api/documents", status_code=201, max_body_size=sys.maxsize)  # received() has the limit
    async def add_document(request: Request, response: Response) -> AddedOut:
        limit = kb.settings.parsing.max_file_megabytes * 2**20
        async with received(request, kb.settings.home, max_bytes=limit) as upload:
            collection = upload.fields.get("collection", "").strip() or DEFAULT_COLLECTION
            added = await run_in_threadpool(kb.add_file, upload.path, upload.name, collection)
        if added.already_present:
            response.status_code = 200
        return AddedOut(document=DocumentOut.of(added.document), already_present=added.already_present)

    @router.get("/api/filters")
    def list_filters() -> FiltersOut:
        return FiltersOut(collections=kb.collections(), **asdict(kb.facets()))

    @router.get("/api/documents/{document_id}")
    def show_document(document_id: str) -> DocumentOut:
        return DocumentOut.of(kb.document(document_id), kb.progress.of([document_id]).get(document_id))

    @router.patch("/api/documents/{document_id}")
    def label_document(document_id: str, labels: LabelsIn) -> DocumentOut:
        if labels.enabled is not None:
            kb.labels.enable([document_id], searchable=labels.enabled)
        kb.labels.tag([document_id], add=labels.add_tags, remove=labels.remove_tags)
        return show_document(document_id)

    @router.delete("/api/documents/{document_id}", status_code=204)
    def remove_document(document_id: str) -> None:
        kb.remove([document_id])

    return router


def files_router(kb: KnowledgeBase) -> APIRouter:
    """``/documents/{id}/...``: the file as it was added, and pictures of its pages."""
    router = APIRouter()

    @router.get("/documents/{document_id}/original")
    def original(document_id: str) -> FileResponse:
        document = kb.document(document_id)
        # Always an attachment of no type: a stored HTML file must never run as a page of ours.
        return FileResponse(
            kb.original(document_id),
            media_type="application/octet-stream",
            headers={"Content-Disposition": _attachment(document.name), "Cache-Control": "private, no-store"},
        )

    @router.get("/documents/{document_id}/pages/{page}.png")
    def page_picture(
        document_id: str,
        page: int,
        chunk: int | None = None,
        rects: str = Query("", max_length=16_000),
        width: int = Query(900, ge=100, le=2400),
    ) -> Response:
        marked = parse_rects(rects, page)
        if chunk is not None:
            marked += [rect for rect in kb.chunk(chunk).anchor.rects if rect.page == page]
        picture = kb.page_picture(document_id, page, rects=marked, width=width)
        return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=300"})

    return router


def _attachment(name: str) -> str:
    """A header that gives the name in any script; control characters end as ``%`` escapes."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
