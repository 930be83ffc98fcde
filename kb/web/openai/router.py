"""The routes of OpenAI's protocol together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from kb.web.openai.chat import chat_router
from kb.web.openai.embeddings import embeddings_router
from kb.web.openai.files import files_router
from kb.web.openai.models import models_router
from kb.web.openai.vector_stores import vector_stores_router

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def openai_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()
    for part in (models_router, chat_router, embeddings_router, files_router, vector_stores_router):
        router.include_router(part(kb))
    return router
