"""``/v1/files`` and ``/v1/vector_stores``: documents, and collections that are searched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from kb.config import DEFAULT_COLLECTION
from kb.errors import BadInput, NotFound
from kb.types import AccessScope, Caller, Document, DocumentState, Question
from kb.web.api.fields import MAX_QUESTION, Collection, Id, QuestionText
from kb.web.api.threads import UPLOADS
from kb.web.api.uploads import received
from kb.web.openai.caller import ByOpenai
from kb.web.openai.wire import Lenient, as_list, seconds

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_STATUS = {DocumentState.READY: "processed", DocumentState.FAILED: "error"}


class SearchIn(Lenient):
    """What a collection is searched for."""

    query: QuestionText | Annotated[list[QuestionText], Field(min_length=1, max_length=20)]
    max_num_results: Annotated[int, Field(ge=1, le=50)] = 10


def files_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/v1/files")
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

    @router.post("/v1/files")
    async def add_file(caller: ByOpenai, request: Request) -> dict[str, Any]:
        caller.require(AccessScope.WRITE)
        limit = kb.settings.parsing.max_file_megabytes * 2**20
        async with received(request, kb.settings.home, max_bytes=limit) as upload:
            where = upload.fields.get("collection", "").strip() or _own_collection(caller)
            add = partial(kb.library.add, upload.path, upload.name, where, caller=caller)
            return _file((await UPLOADS.run(add)).document)

    @router.get("/v1/files/{file_id}")
    def show_file(file_id: Id, caller: ByOpenai) -> dict[str, Any]:
        return _file(kb.library.document(file_id, caller=caller))

    @router.delete("/v1/files/{file_id}")
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

    @router.get("/v1/vector_stores")
    def list_stores(caller: ByOpenai) -> dict[str, Any]:
        return as_list([_store(kb, name, caller) for name in kb.library.collections(caller=caller)])

    @router.post("/v1/vector_stores/{store_id:path}/search")
    async def search_store(store_id: Collection, asked: SearchIn, caller: ByOpenai) -> dict[str, Any]:
        await run_in_threadpool(_require_store, kb, store_id, caller)
        text = asked.query if isinstance(asked.query, str) else "\n".join(asked.query)
        if not 0 < len(text.strip()) <= MAX_QUESTION:
            raise BadInput(f"'query' has 1 to {MAX_QUESTION} characters.")
        question = Question(text, collections=(store_id,), caller=caller)
        found = await kb.query_engine.search(question, k=asked.max_num_results)
        return {
            "object": "vector_store.search_results.page",
            "search_query": [text],
            "data": [
                {
                    "file_id": hit.document.id,
                    "filename": hit.document.name,
                    "score": min(1.0, max(0.0, hit.score)),
                    "attributes": {"page": hit.chunk.anchor.page, "chunk_id": hit.chunk.id},
                    "content": [{"type": "text", "text": hit.chunk.text}],
                }
                for hit in found.hits
            ],
            "has_more": False,
            "next_page": None,
        }

    @router.get("/v1/vector_stores/{store_id:path}")
    def show_store(store_id: Collection, caller: ByOpenai) -> dict[str, Any]:
        _require_store(kb, store_id, caller)
        return _store(kb, store_id, caller)

    return router


def _own_collection(caller: Caller) -> str:
    """Returns where a file goes that names no collection: the one of a key that is for one."""
    only = caller.collections or frozenset()
    return next(iter(only)) if len(only) == 1 else DEFAULT_COLLECTION


def _require_store(kb: KnowledgeBase, name: str, caller: Caller) -> None:
    if name not in kb.library.collections(caller=caller):
        raise NotFound(f"There is no vector store {name!r}.")


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


def _store(kb: KnowledgeBase, name: str, caller: Caller) -> dict[str, Any]:
    total = kb.library.count(caller=caller, collection=name)
    ready = kb.library.count(caller=caller, collection=name, state=DocumentState.READY)
    failed = kb.library.count(caller=caller, collection=name, state=DocumentState.FAILED)
    counts = {"completed": ready, "failed": failed, "in_progress": total - ready - failed, "cancelled": 0}
    return {
        "id": name,
        "object": "vector_store",
        "created_at": 0,
        "name": name,
        "usage_bytes": 0,
        "status": "completed" if total == ready + failed else "in_progress",
        "file_counts": {**counts, "total": total},
    }
