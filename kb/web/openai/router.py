"""The routes of OpenAI's protocol together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from kb.web.openai.chat import chat_router
from kb.web.openai.embeddings import embeddings_router
from kb.web.openai.files import files_router
from kb.web.openai.models import models_router

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def openai_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()
    for each in (models_router(kb), chat_router(kb), embeddings_router(kb), files_router(kb)):
        router.include_router(each)
    return router
