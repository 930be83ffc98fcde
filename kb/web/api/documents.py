"""Adding, listing and removing documents, and showing what is in them."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from kb.errors import BadInput, NotFound
from kb.types import AccessScope, Caller, SameName
from kb.web.api.caller import By
from kb.web.api.cursors import cursor_of, place_of
from kb.web.api.fields import Id, PageNumber, RowId
from kb.web.api.idempotency import IdempotencyKey, added_once
from kb.web.api.listing import WindowIn
from kb.web.api.pictures import Pictures
from kb.web.api.rects import parse_rects
from kb.web.api.schemas import AddedOut, DocumentOut, DocumentsOut, FiltersOut, LabelsIn
from kb.web.api.uploads import Upload, received

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def documents_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/api/documents")
    def list_documents(caller: By, asked: Annotated[WindowIn, Query()]) -> DocumentsOut:
        wanted = kb.listing.searched(asked.wanted(going=True))
        listed = f"documents {asked.order.key} {'down' if asked.order.descending else 'up'}"
        found = kb.listing.window(
            wanted,
            asked.order,
            caller=caller,
            limit=asked.limit + 1,
            offset=asked.offset,
            after=place_of(listed, asked.cursor),
        )
        page = found[: asked.limit]
        doing = kb.jobs.of([document.id for document in page], caller=caller)
        more = len(found) > len(page)
        return DocumentsOut(
            documents=[DocumentOut.of(document, doing.get(document.id)) for document in page],
            total=kb.listing.count(wanted, caller=caller),
            next_cursor=cursor_of(listed, kb.listing.place(page, asked.order, caller=caller))
            if more
            else None,
        )

    @router.post("/api/documents", status_code=201, response_model=AddedOut)
    async def add_document(caller: By, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        caller.require(AccessScope.WRITE)  # the library asks again; nothing is to arrive for nothing
        limit = kb.settings.parsing.max_file_megabytes * 2**20
        async with received(request, kb.settings.home, max_bytes=limit) as upload:
            add = partial(_add, kb, upload, caller)
            return await added_once(kb, upload, idempotency_key, add, caller=caller, route="documents")

    @router.get("/api/filters")
    def list_filters(caller: By) -> FiltersOut:
        return FiltersOut(
            collections=kb.library.collections(caller=caller), **asdict(kb.library.facets(caller=caller))
        )

    @router.get("/api/documents/{document_id}")
    def show_document(document_id: Id, caller: By) -> DocumentOut:
        document = kb.library.document(document_id, caller=caller)
        return DocumentOut.of(document, kb.jobs.of([document_id], caller=caller).get(document_id))

    @router.patch("/api/documents/{document_id}")
    def label_document(document_id: Id, labels: LabelsIn, caller: By) -> DocumentOut:
        if labels.enabled is not None:
            kb.library.set_searchable([document_id], searchable=labels.enabled, caller=caller)
        kb.library.tag([document_id], add=labels.add_tags, remove=labels.remove_tags, caller=caller)
        return show_document(document_id, caller)

    @router.delete("/api/documents/{document_id}", status_code=204)
    def remove_document(document_id: Id, caller: By) -> None:
        kb.library.remove([document_id], caller=caller)

    return router


def _add(kb: KnowledgeBase, upload: Upload, caller: Caller) -> tuple[int, dict[str, Any]]:
    """Adds the file of an upload as the fields of its form say; returns the status and the body of the reply."""
    added = kb.library.add(
        upload.path,
        upload.name,
        upload.fields.get("collection", ""),
        caller=caller,
        path=upload.fields.get("path", ""),
        same_name=_same_name(upload.fields.get("same_name", "")),
    )
    return 200 if added.already_present else 201, AddedOut.of(added).model_dump(mode="json")


def _same_name(said: str) -> SameName | None:
    """Returns the choice of the form for a file with the name of another; None where it makes none."""
    if not said:
        return None
    try:
        return SameName(said)
    except ValueError:
        known = " or ".join(f"'{value}'" for value in SameName)
        raise BadInput(f"The field 'same_name' is {known}; {said[:40]!r} is neither.") from None


def files_router(kb: KnowledgeBase) -> APIRouter:
    """Returns the routes of files as they were added, and of pictures of their pages."""
    router = APIRouter()

    pictures = Pictures()

    @router.get("/documents/{document_id}/original")
    def original(document_id: Id, caller: By) -> FileResponse:
        document = kb.library.document(document_id, caller=caller)
        # Always an attachment of no type: a stored HTML file must never run as a page of ours.
        return FileResponse(
            kb.library.original(document_id, caller=caller),
            media_type="application/octet-stream",
            headers={"Content-Disposition": _attachment(document.name), "Cache-Control": "private, no-store"},
        )

    @router.get("/documents/{document_id}/view")
    def view(document_id: Id, caller: By) -> FileResponse:
        """The original of a PDF in the browser's own viewer, which opens it at ``#page=3``."""
        document = kb.library.document(document_id, caller=caller)
        path = kb.library.original(document_id, caller=caller)
        # nothing else may be opened in place: a stored HTML file must never run as a page of ours
        if document.pages is None or not _is_pdf(path):
            raise NotFound("Only a PDF can be opened in the browser. Download the original of this document.")
        inline = _attachment(document.name).replace("attachment", "inline", 1)
        return FileResponse(
            path,
            media_type="application/pdf",
            headers={"Content-Disposition": inline, "Cache-Control": "private, no-store"},
        )

    @router.get("/documents/{document_id}/pages/{page}.png")
    async def page_picture(
        request: Request,
        document_id: Id,
        page: PageNumber,
        caller: By,
        chunk: RowId | None = None,
        rects: str = Query("", max_length=16_000, json_schema_extra={"pattern": r"^[0-9.,;-]*$"}),
        width: int = Query(900, ge=100, le=2400),
    ) -> Response:
        # before anything that others' requests left behind is looked at: who may not see it learns nothing
        await run_in_threadpool(kb.library.document, document_id, caller=caller)
        marked = parse_rects(rects, page)
        if chunk is not None:
            passage = await run_in_threadpool(kb.library.passage, chunk, caller=caller)
            marked += [rect for rect in passage.anchor.rects if rect.page == page]
        draw = partial(kb.library.page_picture, document_id, page, caller=caller, rects=marked, width=width)
        picture = await pictures.draw((document_id, page), draw, request)
        return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=300"})

    return router


def _is_pdf(path: Path) -> bool:
    """Returns whether a file says within its beginning that it is a PDF, as readers of PDF want it."""
    with path.open("rb") as file:
        return b"%PDF-" in file.read(1024)


def _attachment(name: str) -> str:
    """Returns a header that gives the name in any script; control characters end as ``%`` escapes."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
