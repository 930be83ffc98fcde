"""A model server under load: answers with the code word of the question, and fails a share of the calls."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Iterator

from tests.doubles.scripted_http import Reply, Request, json_reply

NAME = "loaded-double"
CODE = re.compile(r"\bcode-[0-9a-f]{12}\b")
_PIECES_S = 0.01


class FailingModel:
    """Speaks the OpenAI protocol; ``share`` of its calls end in an error, a cut, or a server that hangs up.

    Which ones is drawn from ``seed`` in the order of the calls.
    """

    def __init__(self, *, share: float, seed: int) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._share = share
        self.calls = 0
        self.failed = 0

    def __call__(self, request: Request) -> Reply:
        if request.method == "GET":
            found = {"id": NAME, "object": "model", "max_model_len": 8192}
            return json_reply({"object": "list", "data": [found]})
        if not request.path.endswith("/chat/completions"):  # it counts no tokens
            return json_reply({"error": "not here"}, 404)
        fault = self._draw()
        if fault == "status":
            return json_reply({"error": {"message": "The model ran out of memory."}}, 500)
        asked = request.json()
        question = asked["messages"][-1]["content"].split("uestion: ")[
            -1
        ]  # behind it stands what was asked before
        codes = CODE.findall(question)
        words = f"The code word is {codes[0] if codes else 'unknown'} [1].".split(" ")
        if not asked.get("stream"):
            message = {"role": "assistant", "content": " ".join(words)}
            return json_reply({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        if fault == "cut":
            return Reply(_events(words[:3], whole=False), headers=_STREAM, cut=True)
        return Reply(_events(words), headers=_STREAM)

    def _draw(self) -> str | None:
        with self._lock:
            self.calls += 1
            if self._random.random() >= self._share:
                return None
            self.failed += 1
            return self._random.choice(["status", "cut"])


_STREAM = {"content-type": "text/event-stream"}


def _events(words: list[str], *, whole: bool = True) -> Iterator[bytes]:
    for word in words:
        time.sleep(_PIECES_S)
        yield _event({"delta": {"content": f"{word} "}, "index": 0, "finish_reason": None})
    if whole:
        yield _event({"delta": {}, "index": 0, "finish_reason": "stop"})
        yield b"data: [DONE]\n\n"


def _event(choice: dict[str, object]) -> bytes:
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()
