"""A test double of Ollama's HTTP API, written from its published documentation.

https://github.com/ollama/ollama/blob/main/docs/api.md: ``/api/tags``, ``/api/ps``, ``/api/show`` and the
streamed ``/api/chat``. It is no Ollama: its models recite, and a token is a word or a mark.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.scripted_http import Reply, Request, Scripted, json_reply, scripted_http

_WHEN = "2026-11-01T12:00:00Z"
_POEM = "Tell me not, in mournful numbers, life is but an empty dream! For the soul is dead that slumbers, "


@dataclass
class DoubleModel:
    """A model that the double pretends to have."""

    answer: str = _POEM * 8
    thinking: str = ""
    """Sent in the ``thinking`` field, as Ollama does for models that think."""
    capabilities: Sequence[str] | None = ("completion",)
    """None leaves the field out, as old versions did."""
    family: str = "llama"
    context_length: int = 4096
    pulled: str = _WHEN
    size: int = 5_200_000_000
    loaded: bool = False
    seconds_to_first: float = 0.0
    seconds_a_token: float = 0.001
    fault: str | None = None
    """In mid-stream: ``error`` line, ``cut`` connection, ``silent`` end, or ``garbage`` for JSON."""


@dataclass
class DoubleOllama:
    """The double's state."""

    models: dict[str, DoubleModel] = field(default_factory=dict)

    def respond(self, request: Request) -> Reply:
        if request.path == "/api/tags":
            return json_reply({"models": [_tag(name, model) for name, model in self.models.items()]})
        if request.path == "/api/ps":
            loaded = {name: model for name, model in self.models.items() if model.loaded}
            return json_reply({"models": [_tag(name, model) for name, model in loaded.items()]})
        asked = request.json() if request.body else {}
        model = self.models.get(asked.get("model", ""))
        if model is None:
            return json_reply({"error": f"model '{asked.get('model')}' not found"}, 404)
        if request.path == "/api/show":
            return json_reply(_shown(model))
        assert request.path == "/api/chat"
        return Reply(
            _chat(asked, model), headers={"Content-Type": "application/x-ndjson"}, cut=model.fault == "cut"
        )


@contextmanager
def ollama_double(**models: DoubleModel) -> Iterator[tuple[Scripted, DoubleOllama]]:
    """The running double and its state; a model's ``__`` stands for the colon of its name."""
    double = DoubleOllama({name.replace("__", ":"): model for name, model in models.items()})
    with scripted_http(double.respond) as running:
        yield running, double


def _tag(name: str, model: DoubleModel) -> dict[str, Any]:
    details = {"family": model.family, "parameter_size": "8.2B", "quantization_level": "Q4_K_M"}
    return {
        "name": name,
        "model": name,
        "modified_at": model.pulled,
        "size": model.size,
        "digest": "0" * 64,
        "details": details,
    }


def _shown(model: DoubleModel) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "modelfile": "",
        "template": "",
        "details": {"family": model.family},
        "model_info": {
            "general.architecture": model.family,
            f"{model.family}.context_length": model.context_length,
        },
    }
    return shown if model.capabilities is None else shown | {"capabilities": list(model.capabilities)}


def _chat(asked: dict[str, Any], model: DoubleModel) -> Iterator[bytes]:
    options = asked.get("options", {})
    prompt = sum(len(_tokens(message["content"])) + 4 for message in asked["messages"])
    evaluated = min(prompt, int(options.get("num_ctx", 4096)))  # Ollama cuts the front and says nothing
    model.loaded = True
    time.sleep(model.seconds_to_first)
    thinks = asked.get("think") is not False
    pieces = [("thinking", piece) for piece in _tokens(model.thinking) if thinks]
    pieces += [("content", piece) for piece in _tokens(model.answer)]
    said = pieces[: options.get("num_predict", 128)]
    for index, (kind, piece) in enumerate(said):
        if index == 5 and model.fault:
            if model.fault in ("error", "garbage"):
                yield (
                    b'{"error":"model runner has unexpectedly stopped"}\n'
                    if model.fault == "error"
                    else b"<html>\n"
                )
            return
        time.sleep(model.seconds_a_token)
        yield _line(asked, {"role": "assistant", "content": "", kind: piece}, done=False)
    end = {
        "done_reason": "length" if len(said) < len(pieces) else "stop",
        "prompt_eval_count": evaluated,
        "eval_count": len(said),
        "total_duration": 1,
    }
    yield _line(asked, {"role": "assistant", "content": ""}, done=True, **end)


def _line(asked: dict[str, Any], message: dict[str, str], **rest: Any) -> bytes:
    line = {"model": asked["model"], "created_at": _WHEN, "message": message, **rest}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _tokens(text: str) -> list[str]:
    return re.findall(r"\s*(?:\w+|[^\w\s])", text)
