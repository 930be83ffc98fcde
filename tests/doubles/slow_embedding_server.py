"""A server that takes its time: ``python -m tests.doubles.slow_embedding_server MILLISECONDS`` prints where it is.

By OpenAI's protocol, or Ollama's. It sleeps so long for each passage, in each of 16 requests at a time, so that a
client that leaves it idle is seen.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import zlib

import numpy as np

from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http

_AT_ONCE = 16
_WIDTH = 384
_PAGES = {
    "/v1/models": {"data": [{"id": "slow", "owned_by": "nobody"}]},
    "/api/version": {"version": "0.14.0"},
    "/api/tags": {"models": [{"name": "slow:latest", "digest": "sha256:aa"}]},
    "/api/show": {
        "details": {"quantization_level": "F16"},
        "model_info": {"qwen3.context_length": 4096},
    },
}
"""What it says of itself, by OpenAI's protocol and by Ollama's."""


def main() -> None:
    """Serves until it is ended."""
    seconds = float(sys.argv[1]) / 1000
    turns = threading.Semaphore(_AT_ONCE)

    def respond(request: Request) -> Reply:
        if request.path in _PAGES:
            return json_reply(_PAGES[request.path])
        if request.path not in ("/v1/embeddings", "/api/embed"):
            return json_reply({}, 404)
        texts = request.json()["input"]
        rows = [_vector(text) for text in texts]
        data = [{"index": at, "embedding": row} for at, row in enumerate(rows)]
        is_ollama = request.path == "/api/embed"
        reply = json_reply({"embeddings": rows} if is_ollama else {"data": data, "model": "slow"})
        with turns:
            time.sleep(seconds * len(texts))
        return reply

    with scripted_http(respond) as running:
        sys.stdout.write(json.dumps({"url": f"{running.url}/v1"}) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


def _vector(text: str) -> list[float]:
    """Returns a direction that only this text has."""
    row = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(_WIDTH)
    return [round(float(value), 5) for value in row]


if __name__ == "__main__":
    main()
