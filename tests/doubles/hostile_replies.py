"""What servers send that are broken, hostile or no model servers at all: for every protocol of ours the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any, Protocol

from tests.doubles.scripted_http import Reply, json_reply

ANSWER = "The warranty period is 24 months [1]."
THOUGHT = "Passage 1 says 24 months, maybe 36? No."
_BLOCK = b"x" * 65_536
_BOMB = gzip.compress(bytes(1 << 26))
"""64 MB, packed."""
_MANY = 400 << 20


class Wire(Protocol):
    """How a protocol writes the parts of an answer."""

    def part(self, content: Any, **fields: Any) -> bytes:
        """A piece of an answer."""
        ...

    def raw(self, payload: Any) -> bytes:
        """Any payload in the protocol's frame."""
        ...

    def end(self, **fields: Any) -> bytes:
        """The last part."""
        ...

    def whole(self, content: Any, indent: int | None = None) -> bytes:
        """A whole answer as one object, not streamed."""
        ...

    thoughts: str
    """The field for thoughts."""


class Completions:
    """The chat completions protocol."""

    thoughts = "reasoning_content"

    def part(self, content: Any, **fields: Any) -> bytes:
        return self.raw({"choices": [{"index": 0, "delta": {"content": content, **fields}}]})

    def raw(self, payload: Any) -> bytes:
        return f"data: {json.dumps(payload)}\n\n".encode()

    def end(self, **fields: Any) -> bytes:
        return self.raw({"choices": [{"delta": {}, "finish_reason": "stop"}], **fields}) + b"data: [DONE]\n\n"

    def whole(self, content: Any, indent: int | None = None) -> bytes:
        message = {"role": "assistant", "content": content}
        return json.dumps(
            {"choices": [{"message": message, "finish_reason": "stop"}]}, indent=indent
        ).encode()


class Ollama:
    """Ollama's protocol."""

    thoughts = "thinking"

    def part(self, content: Any, **fields: Any) -> bytes:
        return self.raw({"message": {"role": "assistant", "content": content, **fields}, "done": False})

    def raw(self, payload: Any) -> bytes:
        return json.dumps(payload).encode() + b"\n"

    def end(self, **fields: Any) -> bytes:
        counts = fields.get("usage", {})
        return self.raw({"message": {"content": ""}, "done": True, "done_reason": "stop", **_counts(counts)})

    def whole(self, content: Any, indent: int | None = None) -> bytes:
        return json.dumps({"message": {"content": content}, "done": True}, indent=indent).encode()


def _counts(usage: Any) -> dict[str, Any]:
    found = usage if isinstance(usage, Mapping) else {"prompt_tokens": usage, "completion_tokens": usage}
    return {"prompt_eval_count": found.get("prompt_tokens"), "eval_count": found.get("completion_tokens")}


@dataclass(frozen=True)
class Mode:
    """A way to misbehave, and what is to come of it."""

    reply: Callable[[Wire], Reply]
    answer: str | None = None
    """All of the answer; None where it ends in an error, which may come after a part of one."""
    said: str = ""
    """What the error says besides the name of the server."""
    thought: str = ""


def _streamed(*parts: Callable[[Wire], bytes], ended: bool = True) -> Callable[[Wire], Reply]:
    def reply(wire: Wire) -> Reply:
        return Reply([part(wire) for part in parts] + ([wire.end()] if ended else []))

    return reply


def _endless(part: Callable[[Wire], bytes]) -> Callable[[Wire], Reply]:
    return lambda wire: Reply(repeat(part(wire) * 50))


def _content(content: Any, **fields: Any) -> Callable[[Wire], bytes]:
    return lambda wire: wire.part(content, **fields)


def _bytes(*pieces: bytes, **reply: Any) -> Callable[[Wire], Reply]:
    return lambda _: Reply(pieces, **reply)


def _many(first: bytes, piece: bytes = _BLOCK, **reply: Any) -> Callable[[Wire], Reply]:
    return lambda _: Reply(chain([first], repeat(piece, _MANY // len(piece))), **reply)


_GOOD = _content(ANSWER)
_PACKED = {"Content-Encoding": "gzip"}

PAGES: dict[str, Mode] = {
    "a gzip bomb": Mode(_bytes(*[_BOMB] * 16, headers=_PACKED), said="packs its answers"),
    "packed otherwise": Mode(_bytes(b"x", headers={"Content-Encoding": "BR"}), said="packs its answers"),
    "an error page that is a bomb": Mode(_bytes(*[_BOMB] * 16, status=500, headers=_PACKED), said="packs"),
    "an error page of 400 MB": Mode(_many(b"busy ", status=500), said="busy"),
    "a line of 400 MB": Mode(_many(b'data: {"a":"'), said="more than"),
    "a page for people": Mode(_bytes(b"<html>A printer</html>\n"), said="A printer"),
    "nothing at all": Mode(_bytes(), said=""),
    "bytes that are no text": Mode(_bytes(b"\xff\xfe\x00\xd8" * 40), said=""),
    "brackets within brackets": Mode(_bytes(b"[" * 200_000), said=""),
    "objects within objects": Mode(_bytes(b'{"a":' * 100_000), said=""),
    "half of an object": Mode(_bytes(b'{"message": {"content": "The war'), said=""),
    "a number of 100,000 digits": Mode(_bytes(b"9" * 100_000), said=""),
    "a connection that is cut": Mode(_bytes(b"{", cut=True), said="broke off"),
    "no connection to the end of the headers": Mode(_bytes(headers={"X": "y" * 200_000}), said=""),
    "a redirect": Mode(_bytes(status=307, headers={"Location": "http://127.0.0.1:9/"}), said=""),
    "a key refused": Mode(lambda _: json_reply({"error": {"message": "Bad key"}}, 401), said="Bad key"),
    "too many requests": Mode(lambda _: json_reply({"error": "Slow down"}, 429), said="Slow down"),
    "no such page": Mode(_bytes(b"404 page not found", status=404), said=""),
    "an error of odd types": Mode(lambda _: json_reply({"error": [{"message": 5}]}, 500), said="500"),
    "half a character in an error": Mode(_bytes(b'{"error": "bad \\ud800"}', status=400), said="bad"),
}
"""For whatever is asked."""

ANSWERS: dict[str, Mode] = {
    "a line in crumbs": Mode(_many(b'data: {"a":"', b"x" * 40), said="more than 1024 KB"),
    "an endless answer": Mode(_endless(_GOOD), said="went on past"),
    "an endless word": Mode(_endless(_content("x" * 500)), said="went on past"),
    "endless thoughts": Mode(
        lambda wire: Reply(repeat(wire.part("", **{wire.thoughts: "Hm, well. "}) * 50)),
        said="thought for more",
    ),
    "endless thoughts in a tag": Mode(
        lambda wire: Reply(chain([wire.part("<think>")], repeat(wire.part("Hm, well. ") * 50))),
        said="thought for more",
    ),
    "endless pings": Mode(_many(b": ping\n\n", b": ping\n\n" * 100), said=""),
    "endless blank lines": Mode(_many(b"\n", b"\n" * 1000), said="signs of life"),
    "endless parts without a word": Mode(_endless(_content("")), said="signs of life"),
    "half a character": Mode(
        _streamed(
            _content("24 \ud800 months."),
        ),
        "24 \ufffd months.",
    ),
    "a character in two halves": Mode(
        _streamed(_content("24 \ud83d"), _content("\ude00.")), "24 \U0001f600."
    ),
    "half a character at the end": Mode(_streamed(_content("24 \ud83d")), "24 \ufffd"),
    "line ends that are none": Mode(_streamed(_content("a\x85b\u2028c")), "a\x85b\u2028c"),
    "a number for an answer": Mode(_streamed(_content(24)), said="content"),
    "true for an answer": Mode(_streamed(_content(True)), said="content"),
    "an object for an answer": Mode(_streamed(_content({"text": {"text": [7]}})), said="content"),
    "lists without end": Mode(_streamed(_content([[[[[["x"]]]]]])), said="content"),
    "a list for a part": Mode(_streamed(lambda wire: wire.raw([1])), said="not a chat completion"),
    "a word for a part": Mode(_streamed(lambda wire: wire.raw("hello")), said=""),
    "words for objects": Mode(
        _streamed(lambda wire: wire.raw({"choices": "none", "message": "none"})), said="not a"
    ),
    "lists for objects": Mode(
        _streamed(lambda wire: wire.raw({"choices": [["x"]], "message": ["x"]})), said="not an object"
    ),
    "counts of odd types": Mode(
        lambda wire: Reply(
            [wire.part(ANSWER), wire.end(usage={"prompt_tokens": "many", "completion_tokens": -1})]
        ),
        ANSWER,
    ),
    "counts beyond measure": Mode(
        lambda wire: Reply(
            [wire.part(ANSWER), wire.end(usage={"prompt_tokens": 10**400, "completion_tokens": 1e308})]
        ),
        ANSWER,
    ),
    "nothing but null": Mode(
        _streamed(lambda wire: wire.raw({"choices": None, "message": None, "usage": None}), _GOOD), ANSWER
    ),
    "an error in the middle": Mode(
        _streamed(_GOOD, lambda wire: wire.raw({"error": {"message": "CUDA out of memory"}})), said="CUDA"
    ),
    "an end too early": Mode(_streamed(_GOOD, ended=False), said="broke off"),
    "content in parts": Mode(_streamed(_content([{"type": "text", "text": ANSWER}])), ANSWER),
    "one part alone": Mode(_streamed(_content({"type": "text", "text": ANSWER})), ANSWER),
    "thoughts in parts": Mode(
        _streamed(
            _content([{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}]),
            _content([{"type": "image_url", "image_url": "x"}, {"type": "text", "text": ANSWER}]),
        ),
        ANSWER,
        thought=THOUGHT,
    ),
    "a whole object": Mode(lambda wire: Reply([wire.whole(ANSWER)]), ANSWER),
    "a whole object over many lines": Mode(lambda wire: Reply([wire.whole(ANSWER, indent=2)]), ANSWER),
    "a whole object in parts": Mode(
        lambda wire: Reply([wire.whole([{"type": "text", "text": ANSWER}], indent=2)]), ANSWER
    ),
    "a whole object of 3 MB": Mode(lambda wire: Reply([wire.whole("x" * (3 << 20))]), said="more than"),
    "an end of thoughts alone": Mode(
        _streamed(_content(f"{THOUGHT}\n"), _content("</thi"), _content(f"nk>\n\n{ANSWER}")),
        ANSWER,
        thought=f"{THOUGHT}\n",
    ),
    "thoughts in brackets": Mode(
        _streamed(_content(f"[THINK]{THOUGHT}[/THINK]{ANSWER}")), ANSWER, thought=THOUGHT
    ),
    "thoughts in another tag": Mode(
        _streamed(_content(f"<thinking>{THOUGHT}</thinking>\n{ANSWER}")), ANSWER, thought=THOUGHT
    ),
    "thoughts and nothing else": Mode(_streamed(_content(f"<think>{THOUGHT}")), "", thought=THOUGHT),
    "an end and nothing else": Mode(_streamed(), ""),
}
"""For a question."""


@dataclass
class Heard:
    """What came of it."""

    answer: str = ""
    thought: str = ""
    error: str | None = None
    finished: bool = False
    texts: list[str] = field(default_factory=list)
