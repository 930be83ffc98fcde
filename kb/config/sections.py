"""Everything that can be set, in sections; each has its default and its meaning."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, Field, PrivateAttr

from kb.config.connections import ConnectionSettings
from kb.config.limits import LimitSettings
from kb.config.oidc import OidcSettings
from kb.config.section import Key, Section, TypedPath, expanded
from kb.config.server import ServerSettings
from kb.types import Refusals, SettingSource

DEFAULT_COLLECTION = "default"
"""Where documents go when no collection is named."""


def default_home() -> Path:
    """Returns ``FOOTNOTE_HOME``, else the platform's folder for a user's data."""
    named = os.environ.get("FOOTNOTE_HOME", "").strip()
    return expanded(Path(named)) if named else user_data_path("footnote", appauthor=False)


class EmbeddingSettings(Section):
    """The embedding model."""

    model: str = Field(
        default="auto",
        description="The embedding model: auto, bundled, Qwen/Qwen3-Embedding-0.6B (4B, 8B), "
        "any sentence-transformers folder or hub id; with engine endpoint or ollama, the name "
        "that the server has for it.",
    )
    width: int | None = Field(
        default=None,
        ge=32,
        le=65_536,
        description="Cut vectors to this many dimensions; none keeps the model's own width.",
    )
    device: str = Field(
        default="auto",
        description="Where the embedding model runs: auto, cpu, cuda, mps; cuda:1 is the second GPU.",
    )
    idle_minutes: int = Field(
        default=15,
        ge=0,
        le=10_000,
        description="An embedding model on a GPU, or in a GGUF file, gives its memory back after so many minutes "
        "without a text, never during an import; the next text loads it again. 0 is never.",
    )
    engine: Literal["auto", "torch", "openvino", "onnx", "endpoint", "ollama", "gguf"] = Field(
        default="auto",
        description="What computes its vectors: torch, openvino or onnx (on a CPU, the same vectors), auto (the "
        "quickest one, measured once on each machine), endpoint (an OpenAI-compatible server), ollama, or gguf "
        "(a GGUF file, by llama.cpp).",
    )
    url: str | None = Field(
        default=None,
        description="The server of engine endpoint (vLLM, TEI, llama.cpp, LM Studio), up to and with /v1; of engine "
        "ollama where it is another than answering.ollama_url.",
    )
    key: Key = Field(
        default=None,
        description="The key for that server, if it wants one; it is sent to no other.",
        json_schema_extra={"address": "url"},
    )
    instruction: str | None = Field(
        default=None,
        max_length=2000,
        description="What a question is for, in a sentence, for a model that takes instructions, as in: Given a "
        "web search query, retrieve relevant passages that answer the query. None is the model's own.",
    )


class RetrievalSettings(Section):
    """How passages are found."""

    dense_weight: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Weight of meaning against words when the two rankings are fused.",
    )
    passages: int = Field(default=8, ge=1, le=50, description="How many passages an answer may draw on.")


class RerankerSettings(Section):
    """The model that reranks the passages."""

    model: str = Field(
        default="off",
        description="A model that orders what was found once more: off, auto (a cross-encoder that is in the hub's "
        "cache on this machine already, else off; downloads nothing), a cross-encoder (a folder, or a hub id such as "
        "BAAI/bge-reranker-v2-m3 or Qwen/Qwen3-Reranker-0.6B, or one that was added), a GGUF file, the name of a "
        "model of the server at url, or the address of a server's /rerank.",
    )
    url: str | None = Field(
        default=None,
        description="A server that reranks (llama.cpp, vLLM, Text Embeddings Inference, or with Cohere's or Jina's "
        "protocol), with or without /v1; it is used unless model says off.",
    )
    key: Key = Field(
        default=None,
        description="The key for that server, if it wants one; it is sent to no other.",
        json_schema_extra={"address": "url"},
    )
    seconds: float = Field(
        default=2.0,
        gt=0,
        le=86_400,
        description="How long it may take; after that the order stays as it was.",
    )


class AnsweringSettings(Section):
    """The model that writes answers, and where it runs."""

    model: str = Field(
        default="auto",
        description="The model that answers: auto, extractive, ollama/NAME, endpoint/NAME, gguf/FILE, or a connection.",
    )
    ollama_url: str = Field(default="http://127.0.0.1:11434", description="Where Ollama listens.")
    endpoint_url: str | None = Field(
        default=None,
        description="An OpenAI-compatible server (vLLM, llama.cpp, LM Studio), up to and with /v1.",
    )
    endpoint_key: Key = Field(
        default=None,
        description="The key for that server, if it wants one; it is sent to no other.",
        json_schema_extra={"address": "endpoint_url"},
    )
    gguf: TypedPath | None = Field(default=None, description="A GGUF file to run in this process.")
    context_tokens: int = Field(
        default=8192,
        ge=512,
        le=100_000_000,
        description="The context a model is run with, at most what the model can take.",
    )
    answer_tokens: int = Field(
        default=1024, ge=16, le=100_000_000, description="The longest answer, in the model's tokens."
    )
    refusals: Refusals = Field(
        default="balanced",
        description="How readily a question is refused that no sentence of the passages seems to answer: careful "
        "(rather once too often), balanced, or generous (only where the passages are about something else).",
    )


class JudgeSettings(Section):
    """The model that checks answers."""

    model: str = Field(
        default="off",
        description="The model that judges whether the passages say what each sentence of an answer says: off, or as "
        "for the model that answers. What it leaves open is judged by words and meaning.",
    )


class ParsingSettings(Section):
    """How files are parsed and chunked."""

    chunk_tokens: int = Field(
        default=208,
        ge=32,
        le=8192,
        description="The longest chunk, in the embedder's own tokens. For documents from then on; `app.py chunker "
        "switch` cuts those that are there anew.",
    )
    max_file_megabytes: int = Field(default=500, ge=1, le=1_000_000, description="Larger files are refused.")
    seconds: int = Field(default=120, ge=1, le=86_400, description="A parser that takes longer is ended.")
    megabytes: int = Field(
        default=1024, ge=64, le=1_000_000, description="A parser that needs more memory is ended."
    )


class StorageSettings(Section):
    """What the data folder keeps, and the indexes over it."""

    vectors: Literal["chroma", "chroma-server", "weaviate", "exact"] = Field(
        default="chroma",
        description="What searches by meaning: chroma (in this process), chroma-server, weaviate, or exact (compares "
        "with every passage, in memory; for some ten thousand of them). `app.py vectors move` changes it.",
    )
    vectors_url: str | None = Field(
        default=None,
        description="The address of that server, as in http://127.0.0.1:8000 (Chroma), http://127.0.0.1:8080 "
        "(Weaviate); for chroma-server and weaviate.",
    )
    vectors_key: Key = Field(
        default=None,
        description="The key for that server, if it wants one; it is sent to no other.",
        json_schema_extra={"address": "vectors_url"},
    )
    vectors_grpc_port: int = Field(
        default=50051,
        ge=1,
        le=65535,
        description="The port on which that server listens for gRPC; for weaviate.",
    )
    reserve_megabytes: int = Field(
        default=32,
        ge=0,
        le=1_000_000,
        description="Room kept free for a full disk, so that documents can still be removed; 0 keeps none.",
    )


class BackupSettings(Section):
    """Backups that are made without being asked for."""

    kept: int = Field(
        default=7,
        ge=0,
        le=10_000,
        description="How many daily backups are kept in the data folder; 0 makes none.",
    )


class LogSettings(Section):
    """The log of requests to models and indexes."""

    texts: Literal["full", "hash"] = Field(
        default="full",
        description="What of a question the log keeps: full (its words, cut at 4,000 characters), or hash (its "
        "SHA-256). Of passages it always keeps the hash alone.",
    )
    days: int = Field(
        default=30, ge=0, le=10_000, description="How many days a request stays in the log; 0 keeps no log."
    )
    megabytes: int = Field(
        default=64,
        ge=1,
        le=1_000_000,
        description="The most that the log may take; the oldest requests go first.",
    )


class Settings(Section):
    """Everything that can be set. Unknown names are refused, so that a typing error is seen."""

    home: TypedPath = Field(default_factory=default_home, description="The data folder.")
    server: ServerSettings = ServerSettings()
    oidc: OidcSettings = OidcSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    reranker: RerankerSettings = RerankerSettings()
    answering: AnsweringSettings = AnsweringSettings()
    connections: dict[str, ConnectionSettings] = Field(
        default={}, description="Models that answer, each under a name of its own."
    )
    judge: JudgeSettings = JudgeSettings()
    parsing: ParsingSettings = ParsingSettings()
    storage: StorageSettings = StorageSettings()
    backup: BackupSettings = BackupSettings()
    log: LogSettings = LogSettings()
    limits: LimitSettings = LimitSettings()

    _notes: tuple[str, ...] = PrivateAttr(default=())
    _layers: tuple[Any, ...] = PrivateAttr(default=())
    _sources: Mapping[str, SettingSource] = PrivateAttr(default={})

    @property
    def notes(self) -> tuple[str, ...]:
        """What the owner should change in the way these were given; a sentence each."""
        return self._notes

    @property
    def layers(self) -> tuple[Any, ...]:
        """The ``kb.config.layers.Layer`` of each place that gave values, the weakest first; empty if made in code."""
        return self._layers

    def with_origin(
        self, notes: Iterable[str], layers: Iterable[Any], sources: Mapping[str, SettingSource]
    ) -> Settings:
        """Returns the same settings, which know where they come from."""
        copy = self.model_copy()
        copy._notes, copy._layers, copy._sources = tuple(notes), tuple(layers), dict(sources)
        return copy

    def with_notes(self, notes: Iterable[str]) -> Settings:
        """Returns the same settings with other ``notes``."""
        return self.with_origin(notes, self._layers, self._sources)

    def source_of(self, name: str) -> SettingSource:
        """Returns where the value of ``section.name`` stands."""
        return self._sources.get(name, SettingSource("default"))

    def value_of(self, name: str) -> Any:
        """Returns the value of ``section.name``, keys wrapped; None for that of a connection that is not there."""
        held: Any = self
        for part in name.split("."):
            held = held.get(part) if isinstance(held, dict) else getattr(held, part, None)
        return held

    def by_name(self) -> dict[str, Any]:
        """Returns every value as JSON has it, by ``section.name``; keys are masked."""
        found: dict[str, Any] = {}
        for section, held in self.model_dump(mode="json").items():
            if section == "connections":
                found |= {
                    f"{section}.{name}.{field}": v for name, of in held.items() for field, v in of.items()
                }
            elif isinstance(held, dict):
                found |= {f"{section}.{field}": value for field, value in held.items()}
            else:
                found[section] = held
        return found


SECTIONS: dict[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}
"""The sections in the order in which documentation lists them."""


def setting_names() -> tuple[str, ...]:
    """Returns every setting as ``section.name``, and ``home``, which stands alone."""
    return (
        "home",
        *(f"{section}.{name}" for section, held in SECTIONS.items() for name in held.model_fields),
    )
