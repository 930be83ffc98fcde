"""The child process that runs a GGUF file with llama.cpp: ``python -m kb.models.gguf_server``.

It reads one line of JSON (file, context, key, and for an embedding model its pooling), loads the model, writes one
line of JSON with its address, and serves on loopback until its standard input ends, which it also does when the
parent was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import psutil
import xllamacpp

_CPU_BATCH = 64
"""Tokens of a prompt that are read between two looks for a cancelled request."""
_GPU_BATCH = 512
_POOLINGS = {"mean": "MEAN", "cls": "CLS", "last": "LAST", "rank": "RANK"}
_EXACT_TOKENS = 2048
"""The longest context whose attention is computed in float32, all pairs of tokens at once: 270 MB with 16 heads. Beyond
it llama.cpp's flash attention saves that room, and rounds to float16: a vector differs by up to 7e-4 a dimension."""


def main() -> None:
    wanted = json.loads(sys.stdin.readline())
    server = xllamacpp.Server(_parameters(wanted))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which closes this process
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # an answer that nobody reads any more must not hold up the end


def _parameters(wanted: dict[str, Any]) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = wanted["file"]
    params.n_ctx = wanted["context"]
    params.n_parallel = 1
    params.n_batch = _GPU_BATCH if _has_gpu() else _CPU_BATCH
    # One core stays free: where every core is busy, llama.cpp's threads wait for one another. With 2
    # threads on 2 busy cores 20 tokens took 6.5 s, with one thread 0.3 s.
    params.cpuparams.n_threads = max(1, (psutil.cpu_count(logical=False) or 2) - 1)
    params.cpuparams_batch.n_threads = params.cpuparams.n_threads
    params.warmup = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [wanted["key"]]  # other programs of this machine reach loopback too
    params.ui = False
    params.verbosity = 1  # errors only: the parent reads why a model cannot be loaded
    if "embedding" in wanted:
        _embed(params, pooling=wanted["embedding"])
    return params


def _embed(params: Any, *, pooling: str) -> None:
    params.embedding = True
    params.pooling_type = getattr(xllamacpp.llama_pooling_type, f"LLAMA_POOLING_TYPE_{_POOLINGS[pooling]}")
    params.embd_normalize = -1 if pooling == "rank" else 2  # a score stays as it is; else Euclidean length 1
    longest = params.n_ctx
    params.n_ctx += 1  # a text that fills the context is refused
    params.n_batch = params.n_ubatch = longest  # an input is pooled within one batch, or refused
    if pooling == "last":  # which needs one token's state: a long text goes in parts, which bounds the memory
        params.n_ubatch = min(longest, _EXACT_TOKENS)
    params.cache_prompt = False
    if longest <= _EXACT_TOKENS:
        params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32


def _has_gpu() -> bool:
    return any(device["type"].name.endswith("GPU") for device in xllamacpp.get_device_info())


if __name__ == "__main__":
    main()
