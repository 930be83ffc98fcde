"""``/v1/models``: the library, each of its collections, the embedder and the reranker."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from kb.errors import NotFound
from kb.types import Caller
from kb.web.api.fields import ModelName
from kb.web.openai.caller import ByOpenai
from kb.web.openai.schemas import ModelOut, ModelsOut
from kb.web.openai.threads import INFERENCE
from kb.web.openai.wire import ALL, as_list

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def models_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.get("/v1/models", response_model=ModelsOut)
    async def list_models(caller: ByOpenai) -> dict[str, Any]:
        return as_list(await INFERENCE.run(partial(_models, kb, caller)))

    @router.get("/v1/models/{model:path}", response_model=ModelOut)
    async def show_model(model: ModelName, caller: ByOpenai) -> dict[str, Any]:
        for found in await INFERENCE.run(partial(_models, kb, caller)):
            if found["id"] == model:
                return found
        raise NotFound(f"There is no model {model!r}. GET /v1/models lists them.")

    return router


def _models(kb: KnowledgeBase, caller: Caller) -> list[dict[str, Any]]:
    embedder, reranker = kb.inference.models(caller=caller)
    names = [ALL, *(f"{ALL}/{name}" for name in kb.library.collections(caller=caller)), embedder]
    names += [reranker] if reranker else []
    return [{"id": name, "object": "model", "created": 0, "owned_by": ALL} for name in names]
