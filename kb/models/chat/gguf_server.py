"""The child process that runs a GGUF file with llama.cpp: ``python -m kb.models.chat.gguf_server``.

It reads one line of JSON (file, context, key), loads the model, writes one line of JSON with its
address, and serves on loopback until its standard input ends, which it also does when the parent
was killed.
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


def main() -> None:
    wanted = json.loads(sys.stdin.readline())
    server = xllamacpp.Server(_parameters(wanted["file"], wanted["context"], wanted["key"]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which closes this process
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # an answer that nobody reads any more must not hold up the end


def _parameters(file: str, context: int, key: str) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.n_ctx = context
    params.n_parallel = 1
    params.n_batch = _GPU_BATCH if _has_gpu() else _CPU_BATCH
    # One core stays free: where every core is busy, llama.cpp's threads wait for one another. With 2
    # threads on 2 busy cores 20 tokens took 6.5 s, with one thread 0.3 s.
    params.cpuparams.n_threads = max(1, (psutil.cpu_count(logical=False) or 2) - 1)
    params.cpuparams_batch.n_threads = params.cpuparams.n_threads
    params.warmup = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]  # other programs of this machine reach loopback too
    params.ui = False
    params.verbosity = 1  # errors only: the parent reads why a model cannot be loaded
    return params


def _has_gpu() -> bool:
    return any(device["type"].name.endswith("GPU") for device in xllamacpp.get_device_info())


if __name__ == "__main__":
    main()
