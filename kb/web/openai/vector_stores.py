"""``/v1/vector_stores``: collections, and searching one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from kb.errors import BadInput, NotFound
from kb.types import Caller, DocumentState, Question
from kb.web.api.fields import MAX_QUESTION, Collection, QuestionText
from kb.web.openai.caller import ByOpenai
from kb.web.openai.schemas import FoundOut, StoreOut, StoresOut
from kb.web.openai.wire import Lenient, as_list

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class _RankingOptions(Lenient):
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.0


class SearchIn(Lenient):
    """What a collection is searched for."""

    query: QuestionText | Annotated[list[QuestionText], Field(min_length=1, max_length=20)]
    max_num_results: Annotated[int, Field(ge=1, le=50)] = 10
    ranking_options: _RankingOptions = _RankingOptions()
    filters: dict[str, Any] | None = None

    def text(self) -> str:
        """Returns what is searched for, in one text.

        Raises:
            BadInput: it is empty or too long, or a filter is to leave out what we would then show.
        """
        if self.filters:
            raise BadInput(
                "'filters' are not taken here. POST /api/search takes conditions on documents.",
                field="filters",
            )
        text = self.query if isinstance(self.query, str) else "\n".join(self.query)
        if not 0 < len(text.strip()) <= MAX_QUESTION:
            raise BadInput(f"'query' has 1 to {MAX_QUESTION} characters.", field="query")
        return text


def vector_stores_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/v1/vector_stores", response_model=StoresOut)
    def list_stores(caller: ByOpenai) -> dict[str, Any]:
        return as_list([_store(kb, name, caller) for name in kb.library.collections(caller=caller)])

    @router.post("/v1/vector_stores/{store_id:path}/search", response_model=FoundOut)
    async def search_store(store_id: Collection, asked: SearchIn, caller: ByOpenai) -> dict[str, Any]:
        await run_in_threadpool(_require_store, kb, store_id, caller)
        text = asked.text()
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
                if hit.score >= asked.ranking_options.score_threshold
            ],
            "has_more": False,
            "next_page": None,
        }

    @router.get("/v1/vector_stores/{store_id:path}", response_model=StoreOut)
    def show_store(store_id: Collection, caller: ByOpenai) -> dict[str, Any]:
        _require_store(kb, store_id, caller)
        return _store(kb, store_id, caller)

    return router


def _require_store(kb: KnowledgeBase, name: str, caller: Caller) -> None:
    if name not in kb.library.collections(caller=caller):
        raise NotFound(f"There is no vector store {name!r}.")


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
