"""``/v1/embeddings`` and ``/v1/rerank``."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from kb.errors import BadInput
from kb.system.fair_slots import FairSlots
from kb.web.api.fields import ModelName, QuestionText, Text
from kb.web.openai.caller import ByOpenai
from kb.web.openai.schemas import EmbeddingsOut, RerankOut
from kb.web.openai.threads import INFERENCE, INFERENCES
from kb.web.openai.wire import Lenient

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase
    from kb.types import Vector

_MOST_TEXTS = 2048
"""As OpenAI's own server takes."""
_MOST_DOCUMENTS = 1000


class EmbeddingsIn(Lenient):
    """Texts whose vectors are wanted."""

    model: ModelName
    input: Text | Annotated[list[Text], Field(max_length=_MOST_TEXTS)] | list[int] | list[list[int]]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Field(ge=1, le=65_536)] | None = None
    input_type: str | None = None
    """``query`` or ``search_query`` takes the prompt for questions, as Cohere's and Jina's protocols say it."""

    def texts(self) -> list[str]:
        """Returns the texts; raises BadInput where there are none, or tokens of another model in their place."""
        given = [self.input] if isinstance(self.input, str) else self.input
        texts = [text for text in given if isinstance(text, str)]
        if not texts or len(texts) != len(given):
            raise BadInput(
                "'input' is a text or a list of texts; tokens of another model say nothing to this one.",
                field="input",
            )
        return texts


class _RerankText(Lenient):
    text: Text


class RerankIn(Lenient):
    """A question, and texts of which the best are wanted."""

    model: ModelName | None = None
    query: Annotated[QuestionText, Field(min_length=1)]
    documents: Annotated[list[Text | _RerankText], Field(min_length=1, max_length=_MOST_DOCUMENTS)]
    top_n: Annotated[int, Field(ge=1)] | None = None
    return_documents: bool = False


def embeddings_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()
    slots = FairSlots(INFERENCES)

    @router.post("/v1/embeddings", response_model=EmbeddingsOut)
    async def embed(asked: EmbeddingsIn, caller: ByOpenai) -> dict[str, Any]:
        embed_texts = partial(
            kb.inference.embed,
            asked.texts(),
            caller=caller,
            model=asked.model,
            dimensions=asked.dimensions,
            as_questions=(asked.input_type or "").endswith("query"),
        )
        async with slots.one_for(caller.person_id):
            found = await INFERENCE.run(embed_texts)
        written = _base64 if asked.encoding_format == "base64" else _floats
        return {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": written(vector)}
                for index, vector in enumerate(found.vectors)
            ],
            "model": found.model,
            "usage": {"prompt_tokens": found.tokens, "total_tokens": found.tokens},
        }

    @router.post("/v1/rerank", response_model=RerankOut, response_model_exclude_unset=True)
    async def rerank(asked: RerankIn, caller: ByOpenai) -> dict[str, Any]:
        texts = [each if isinstance(each, str) else each.text for each in asked.documents]
        rerank_texts = partial(kb.inference.rerank, asked.query, texts, caller=caller, model=asked.model)
        async with slots.one_for(caller.person_id):
            found = await INFERENCE.run(rerank_texts)
        best = sorted(range(len(texts)), key=lambda at: -found.scores[at])[: asked.top_n]
        results: list[dict[str, Any]] = [{"index": at, "relevance_score": found.scores[at]} for at in best]
        if asked.return_documents:
            results = [{**each, "document": {"text": texts[each["index"]]}} for each in results]
        return {"model": found.model, "results": results, "usage": {"total_tokens": found.tokens}}

    return router


def _floats(vector: Vector) -> list[float]:
    return [float(value) for value in vector]


def _base64(vector: Vector) -> str:
    """Returns the vector as 32-bit floats, the lowest byte first, as OpenAI's client reads them."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
