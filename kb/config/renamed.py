"""What settings were called before they stood in sections, and which of them are keys."""

from __future__ import annotations

from kb.config.connections import PREFIX
from kb.config.sections import SECTIONS

RENAMED = {
    "host": "server.host",
    "port": "server.port",
    "embedder": "embedding.model",
    "embedder_width": "embedding.width",
    "device": "embedding.device",
    "dense_weight": "retrieval.dense_weight",
    "passages": "retrieval.passages",
    "reranker": "reranker.model",
    "rerank_seconds": "reranker.seconds",
    "model": "answering.model",
    "ollama_url": "answering.ollama_url",
    "endpoint_url": "answering.endpoint_url",
    "endpoint_key": "answering.endpoint_key",
    "gguf": "answering.gguf",
    "context_tokens": "answering.context_tokens",
    "answer_tokens": "answering.answer_tokens",
    "judge": "judge.model",
    "chunk_tokens": "parsing.chunk_tokens",
    "max_file_megabytes": "parsing.max_file_megabytes",
    "parse_seconds": "parsing.seconds",
    "parse_megabytes": "parsing.megabytes",
    "reserve_megabytes": "storage.reserve_megabytes",
    "backups_kept": "backup.kept",
}
"""Old name -> new name. The old ones are still read wherever settings come from, with a note of the new one."""


def current_name(name: str) -> str:
    """Returns ``section.name`` of a setting that is given by its old name; any other name comes back as it is."""
    return RENAMED.get(name, name)


def secret_settings() -> frozenset[str]:
    """Returns the names of the settings that are keys, old names included: never logged, shown or backed up."""
    secret = {
        f"{section}.{name}"
        for section, held in SECTIONS.items()
        for name, field in held.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    return frozenset(secret | {old for old, new in RENAMED.items() if new in secret})


def is_secret(name: str) -> bool:
    """Whether the setting of that name, or of that old name, is a key."""
    return name in secret_settings() or (name.startswith(PREFIX) and name.endswith(".key"))
