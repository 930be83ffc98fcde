"""What the routes of OpenAI's protocol answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from kb.web.api.schemas import CitationOut


class ModelOut(BaseModel):
    """What can be asked under a name: the library, a collection, the embedder, the reranker."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class FileOut(BaseModel):
    """A document."""

    id: str
    object: Literal["file"]
    bytes: int
    created_at: int
    """Seconds since 1970."""
    filename: str
    purpose: Literal["assistants"]
    status: Literal["uploaded", "processed", "error"]
    status_details: str | None


class DeletedOut(BaseModel):
    """That a document is gone."""

    id: str
    object: Literal["file"]
    deleted: bool


class _CountsOut(BaseModel):
    completed: int
    failed: int
    in_progress: int
    cancelled: int
    total: int


class StoreOut(BaseModel):
    """A collection."""

    id: str
    object: Literal["vector_store"]
    created_at: int
    name: str
    usage_bytes: int
    status: Literal["completed", "in_progress"]
    file_counts: _CountsOut


class _ListOut(BaseModel):
    object: Literal["list"]
    first_id: str | None
    last_id: str | None
    has_more: bool


class ModelsOut(_ListOut):
    """All models."""

    data: list[ModelOut]


class FilesOut(_ListOut):
    """A page of documents, newest first."""

    data: list[FileOut]


class StoresOut(_ListOut):
    """All collections."""

    data: list[StoreOut]


class _PieceOut(BaseModel):
    type: Literal["text"]
    text: str


class _FoundOut(BaseModel):
    file_id: str
    filename: str
    score: float
    attributes: dict[str, int | None]
    content: list[_PieceOut]


class FoundOut(BaseModel):
    """What a collection was searched for, and what was found, best first."""

    object: Literal["vector_store.search_results.page"]
    search_query: list[str]
    data: list[_FoundOut]
    has_more: bool
    next_page: str | None


class _EmbeddingOut(BaseModel):
    object: Literal["embedding"]
    index: int
    embedding: list[float] | str
    """Numbers, or with ``base64`` 32-bit floats, the lowest byte first."""


class _ReadOut(BaseModel):
    prompt_tokens: int
    total_tokens: int


class EmbeddingsOut(BaseModel):
    """A vector for each text, in their order."""

    object: Literal["list"]
    data: list[_EmbeddingOut]
    model: str
    usage: _ReadOut


class _TextOut(BaseModel):
    text: str


class _RankedOut(BaseModel):
    index: int
    relevance_score: float
    document: _TextOut | None = None


class _CountedOut(BaseModel):
    total_tokens: int


class RerankOut(BaseModel):
    """The texts that fit best, by their places among those that were sent, best first."""

    model: str
    results: list[_RankedOut]
    usage: _CountedOut


class NoteOut(CitationOut):
    """What a mark ``[n]`` of an answer stands on."""

    url: str


class _MessageOut(BaseModel):
    role: Literal["assistant"]
    content: str
    refusal: None
    annotations: list[dict[str, Any]]


class _ChoiceOut(BaseModel):
    index: int
    message: _MessageOut
    finish_reason: Literal["stop", "length"]
    logprobs: None


class _UsageOut(_ReadOut):
    completion_tokens: int


class CompletionOut(BaseModel):
    """An answer with its footnotes; with ``stream`` its parts, each an event, and ``[DONE]`` at the end."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[_ChoiceOut]
    usage: _UsageOut
    footnotes: list[NoteOut]
