"""Doubles of embedding servers, written from their published protocols, over a small real model.

- vLLM: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html (``/v1/embeddings``, ``/v1/models``,
  ``/version``, ``/tokenize``);
- Text Embeddings Inference: https://huggingface.github.io/text-embeddings-inference/ (``/v1/embeddings``, ``/info``; it
  takes at most so many texts at a time);
- Ollama: https://docs.ollama.com/api (``/api/embed``, ``/api/show``, ``/api/tags``, ``/api/version``, ``/api/pull``).

They are none of these servers; only what is published of them is here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kb.models.embed.served.protocol import TextsRefused
from tests.doubles.embedding_model import ServedModel
from tests.doubles.scripted_http import Reply, Request, Scripted, json_reply, scripted_http


@dataclass
class EmbeddingDouble:
    """An embedding server; ``kind`` is vllm, tei or ollama."""

    model: ServedModel
    kind: str = "vllm"
    name: str = "tiny"
    most_texts: int = 1 << 20
    has_tokenize: bool = True
    has_model: bool = True
    """Ollama only: else it has to be pulled."""
    digest: str = "sha256:aa"
    quantisation: str = "F16"
    faults: list[Reply] = field(default_factory=list)
    """Given in place of the next vectors, one each."""
    before: Callable[[Request], Reply | None] = lambda _: None
    """Given in place of anything, where it is not None."""
    bodies: list[Any] = field(default_factory=list)
    """What was sent to be embedded."""

    def respond(self, request: Request) -> Reply:
        if (reply := self.before(request)) is not None:
            return reply
        asked = request.json() if request.body else {}
        if request.path in ("/v1/embeddings", "/api/embed"):
            return self._embedded(asked)
        if request.path == "/tokenize" and self.kind == "vllm" and self.has_tokenize:
            return json_reply({"tokens": list(range(self.model.count_tokens([asked["prompt"]])[0]))})
        pages = {"vllm": self._vllm, "tei": self._tei, "ollama": self._ollama}[self.kind]()
        if request.path == "/api/pull":
            return self._pulled()
        if request.path == "/api/show" and (not self.has_model or asked["model"] != self.name):
            return json_reply({"error": f"model '{asked['model']}' not found"}, 404)
        return json_reply(pages[request.path]) if request.path in pages else json_reply({}, 404)

    def _embedded(self, asked: dict[str, Any]) -> Reply:
        self.bodies.append(asked)
        if self.faults:
            return self.faults.pop(0)
        texts = asked["input"]
        if len(texts) > self.most_texts:
            return json_reply({"error": f"batch size {len(texts)} > {self.most_texts}"}, 413)
        try:
            answered = self.model.embed(texts)
        except TextsRefused as error:
            return json_reply({"error": {"message": str(error)}}, 400)
        rows = answered.vectors.tolist()
        if self.kind == "ollama":
            return json_reply({"embeddings": rows, "prompt_eval_count": answered.tokens})
        data = [{"index": at, "object": "embedding", "embedding": row} for at, row in enumerate(rows)]
        usage = {} if answered.tokens is None else {"usage": {"prompt_tokens": answered.tokens}}
        return json_reply({"object": "list", "data": data[::-1], "model": self.name, **usage})

    def _vllm(self) -> dict[str, Any]:
        entry = {"id": self.name, "owned_by": "vllm", "max_model_len": self.model.longest}
        return {"/v1/models": {"data": [entry]}, "/version": {"version": "0.32.0"}}

    def _tei(self) -> dict[str, Any]:
        return {
            "/info": {
                "model_id": self.name,
                "model_sha": self.digest,
                "max_input_length": self.model.longest,
                "version": "1.9.0",
            }
        }

    def _ollama(self) -> dict[str, Any]:
        return {
            "/api/version": {"version": "0.14.0"},
            "/api/tags": {"models": [{"name": f"{self.name}:latest", "digest": self.digest}]},
            "/api/show": {
                "details": {"quantization_level": self.quantisation},
                "model_info": {"qwen3.context_length": self.model.longest},
            },
        }

    def _pulled(self) -> Reply:
        self.has_model = True
        layer = {"status": "pulling", "digest": "sha256:w", "total": 700_000_000}
        steps: list[dict[str, Any]] = [
            {"status": "pulling manifest"},
            *({**layer, "completed": done} for done in (0, 350_000_000, 700_000_000)),
            {"status": "success"},
        ]
        return Reply([json.dumps(step).encode() + b"\n" for step in steps])


@contextmanager
def embedding_double(double: EmbeddingDouble) -> Iterator[Scripted]:
    """The running server of ``double``."""
    with scripted_http(double.respond) as running:
        yield running
