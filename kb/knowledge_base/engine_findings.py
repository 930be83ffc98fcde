"""What can compute here: each engine, store and connection with its state, and the next step to one that is missing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from kb.backends import EMBEDDERS, VECTOR_SERVERS, VECTOR_STORES
from kb.config import Settings
from kb.models.chat.choose import BackendState, backend_states
from kb.models.gguf_files import embedding_files, gguf_files, reranking_files
from kb.types import Finding

_IN_PROCESS = {"torch": "torch", "openvino": "openvino", "onnx": "onnxruntime", "gguf": "xllamacpp"}
"""Engine -> the module it needs."""
_STORES = {"chroma": "chromadb", "chroma-server": "chromadb", "weaviate": "weaviate", "exact": "numpy"}
_INSTALL = f"Run: {sys.executable} start.py --reinstall"


async def engine_findings(settings: Settings) -> list[Finding]:
    """Returns the findings; servers that are set are asked, for three seconds at most.

    What is neither set nor needed is no fault: its remedy says how to get it.
    """
    states = await backend_states(settings)
    here = await asyncio.to_thread(lambda: [*_in_process(settings), *_stores(settings)])
    return [*here, *_servers(settings, states)]


def _in_process(settings: Settings) -> Iterator[Finding]:
    asked = settings.embedding.engine
    for engine, module in _IN_PROCESS.items():
        is_set = asked == engine
        if find_spec(module) is None:
            missing = f"not installed ({module})" + (", and embedding.engine names it" if is_set else "")
            yield Finding(f"engine {engine}", ok=not is_set, text=missing, remedy=_INSTALL)
            continue
        said = "installed"
        if is_set:
            said += ", set as embedding.engine"
        elif asked == "auto" and engine != "gguf":
            said += "; embedding.engine is auto, which chooses by one measurement"
        yield Finding(
            f"engine {engine}", ok=True, text=f"{said}{_files(settings) if engine == 'gguf' else ''}"
        )


def _files(settings: Settings) -> str:
    """Returns how many GGUF files there are, in words."""
    embedding, ranking = len(embedding_files(settings)), len(reranking_files(settings))
    answering = len(gguf_files(settings)) - embedding - ranking
    return f"; files here: {max(0, answering)} that answer, {embedding} that embed, {ranking} that rerank"


def _stores(settings: Settings) -> Iterator[Finding]:
    for store in VECTOR_STORES:
        is_set, module = settings.storage.vectors == store, _STORES[store]
        if find_spec(module) is None:
            yield Finding(f"store {store}", ok=not is_set, text=f"not installed ({module})", remedy=_INSTALL)
        elif is_set:
            yield Finding(f"store {store}", ok=True, text="in use; the line vectors says how it is")
        elif store in VECTOR_SERVERS:
            how = f"To use one: app.py vectors move --to {store} --url ADDRESS"
            yield Finding(
                f"store {store}", ok=True, text="its client is installed, no server is set", remedy=how
            )
        else:
            yield Finding(
                f"store {store}",
                ok=True,
                text="installed, not used",
                remedy=f"To use it: app.py vectors move --to {store}",
            )


def _servers(settings: Settings, states: list[BackendState]) -> Iterator[Finding]:
    """Yields what each server of models, and each named connection, said."""
    for state in states:
        name = f"connection {state.name}" if state.name in settings.connections else f"engine {state.name}"
        if state.failed is None:
            some = ", ".join(state.models[:3]) or "no chat model"
            more = f" and {len(state.models) - 3} more" if len(state.models) > 3 else ""
            yield Finding(name, ok=True, text=f"answers at {state.place}: {some}{more}")
        else:
            yield Finding(
                name, ok=not state.is_needed, text=f"not to be had: {state.place}", remedy=state.failed
            )
    if settings.answering.endpoint_url is None and settings.embedding.engine not in EMBEDDERS:
        yield Finding(
            "engine endpoint",
            ok=True,
            text="not set",
            remedy="For a model on vLLM, llama.cpp or LM Studio: set answering.endpoint_url, or add a connection.",
        )
