"""Name -> class or factory, for every port that has more than one implementation, imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kb.errors import Misconfigured

VECTOR_STORES = {
    "chroma": "kb.index.lifecycles:chroma",
    "chroma-server": "kb.index.lifecycles:chroma_server",
    "exact": "kb.index.lifecycles:exact",
    "weaviate": "kb.index.lifecycles:weaviate",
}
"""A store is named together with the lifecycle of its indexes: each entry makes an ``IndexLifecycle``."""
VECTOR_SERVERS = ("chroma-server", "weaviate")
"""Those of the stores that are reached by an address."""
LEXICAL_INDEXES = {"tantivy": "kb.index.lifecycles:tantivy"}
"""The same for words."""
EMBEDDERS = {
    "local": "kb.models.embed.local:LocalEmbedder",
    "endpoint": "kb.models.embed.served.backends:EndpointEmbedder",
    "ollama": "kb.models.embed.served.backends:OllamaEmbedder",
    "gguf": "kb.models.embed.served.gguf_model:GgufEmbedder",
}
SERVERS = ("endpoint", "ollama")
"""Those of the embedders that compute elsewhere, several requests at a time."""
RERANKERS = {
    "cross_encoder": "kb.models.rerank.cross_encoder:CrossEncoderReranker",
    "endpoint": "kb.models.rerank.endpoint:EndpointReranker",
    "gguf": "kb.models.rerank.gguf:GgufReranker",
}
CHAT_MODELS = {
    "ollama": "kb.models.chat.ollama:OllamaModel",
    "endpoint": "kb.models.chat.openai:EndpointModel",
    "gguf": "kb.models.chat.gguf:GgufModel",
}


def load(table: dict[str, str], name: str, *, setting: str | None = None) -> Any:
    """Returns the entry of ``table`` for ``name``; ``setting`` is where a person wrote the name, for the message.

    Raises:
        Misconfigured: the name is not in the table, or its package is not installed.
    """
    try:
        module, _, attribute = table[name].partition(":")
    except KeyError:
        said = f"The setting {setting!r} names {name!r}, which" if setting else repr(name)
        raise Misconfigured(f"{said} is not known here. Known: {', '.join(sorted(table))}.") from None
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise Misconfigured(
            f"{name!r} needs the package {error.name!r}, which is not installed. "
            "Run `python3 start.py` once more, or: pip install -r requirements.txt -c constraints.txt"
        ) from error
