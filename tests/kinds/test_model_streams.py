"""What servers stream: thoughts in their many tags, content in parts, whole answers where a stream was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kb.models.chat.openai import EndpointModel
from kb.models.chat.thinking import ThinkingSplitter
from kb.types import ChatOptions, Message, TextDelta, TextWithdrawn, ThinkingDelta
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http

_SAID = "保修期为两年 [1]。"
_THOUGHT = "第一段说两年。Maybe three? No."

TAGGED = (
    *(
        f"<{name}>{_THOUGHT}</{name}>\n{_SAID}"
        for name in (
            "think",
            "Think",
            "THINKING",
            "thought",
            "thoughts",
            "reasoning",
            "reason",
            "reflection",
            "scratchpad",
            "analysis",
            "inner_monologue",
            "seed:think",
        )
    ),
    *(f"[{name}]{_THOUGHT}[/{name}]{_SAID}" for name in ("THINK", "think", "thinking", "REASONING")),
    f"◁think▷{_THOUGHT}◁/think▷{_SAID}",
    f"<|START_THINKING|>{_THOUGHT}<|END_THINKING|>{_SAID}",
    f"<|thinking|>{_THOUGHT}<|/thinking|>{_SAID}",
    f"<|begin_of_thought|>{_THOUGHT}<|end_of_thought|>\n\n{_SAID}",
    f"<|channel|>analysis<|message|>{_THOUGHT}<|channel|>final<|message|>{_SAID}",
    f"\n\n <think>\n{_THOUGHT}\n</think>\n\n{_SAID}",
    f"<think>{_THOUGHT}</think><think>{_THOUGHT}</think>{_SAID}",
    *(
        f"{_THOUGHT}\n{end}\n{_SAID}"
        for end in ("</think>", "</THINK>", "</thinking>", "[/THINK]", "[/thinking]")
    ),
    *(
        f"{_THOUGHT}{end}{_SAID}"
        for end in ("</think>", "◁/think▷", "<|END_THINKING|>", "<|end_of_thought|>")
    ),
    f"</think>\n\n{_SAID}",
)
PLAIN = (
    f"The page shows <b>bold</b>. {_SAID}",
    f"A model may write `</think>` here. {_SAID}",
    f"Its <think> tag opens a thought. {_SAID}",
    f"<thinking aloud is allowed. {_SAID}",
    f"[THINKING HATS] are six. {_SAID}",
)


def _split(pieces: list[str]) -> str:
    splitter, answer = ThinkingSplitter(), ""
    for event in [event for piece in pieces for event in splitter.push(piece)] + splitter.finish():
        if isinstance(event, TextWithdrawn):
            answer = ""
        elif isinstance(event, TextDelta):
            answer += event.text
    return answer.strip()


@pytest.mark.parametrize("text", TAGGED)
def test_no_thought_is_shown_as_an_answer(text: str) -> None:
    assert _split([text]) == _split(list(text)) == _SAID


@pytest.mark.parametrize("text", PLAIN)
def test_an_answer_that_speaks_of_tags_is_whole(text: str) -> None:
    assert _split([text]) == _split(list(text)) == text


def _event(content: Any, **delta: Any) -> bytes:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': content, **delta}}]})}\n\n".encode()


def _whole(content: Any, **fields: Any) -> dict[str, Any]:
    return {
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, **fields},
                "finish_reason": "stop",
            }
        ]
    }


_TEXT = {"type": "text", "text": _SAID}
_STREAMED: tuple[Any, ...] = (
    [_TEXT],
    [{"type": "thinking", "thinking": [{"type": "text", "text": _THOUGHT}]}, _TEXT],
    [{"type": "thinking", "thinking": _THOUGHT}, _TEXT],
    [{"type": "reasoning", "reasoning": _THOUGHT}, _TEXT],
    [{"type": "reasoning", "text": _THOUGHT}, {"type": "output_text", "text": _SAID}],
    [{"type": "reasoning", "summary": [{"type": "summary_text", "text": _THOUGHT}]}, _TEXT],
    _TEXT,
    {"type": "text", "text": [_SAID]},
    [_SAID],
    ["保修期为两年 ", {"type": "text", "text": "[1]。"}],
    [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}, _TEXT],
    [None, _TEXT, ""],
    [{"type": "text", "text": None}, _TEXT],
    [{"type": "text", "content": _SAID}],
    [{"type": "reference", "reference_ids": [0, 2]}, _TEXT],
)
REPLIES: tuple[Reply, ...] = (
    *(Reply([_event(content), b"data: [DONE]\n\n"]) for content in _STREAMED),
    *(json_reply(_whole(content)) for content in _STREAMED[:6]),
    json_reply(_whole(_SAID)),
    json_reply(_whole(_SAID, reasoning_content=_THOUGHT)),
    json_reply(_whole(_SAID, tool_calls=None, refusal=None)),
    json_reply([_whole(_SAID)]),
    Reply([json.dumps(_whole(_SAID), indent=2).encode()]),
    Reply([json.dumps(_whole(_SAID), indent="\t").encode() + b"\n\n"]),
    Reply([f"data: {json.dumps(_whole(_SAID))}\n\n".encode(), b"data: [DONE]\n\n"]),
    Reply([_event(None, reasoning=_THOUGHT), _event(_SAID), b"data: [DONE]\n\n"]),
    Reply(
        [
            b": ping\n\n",
            _event("", role="assistant"),
            _event(_SAID, reasoning_content=None),
            b"data: [DONE]\n\n",
        ]
    ),
)


async def test_every_shape_of_content_is_read() -> None:
    def respond(request: Request) -> Reply:
        return REPLIES[int(request.json()["model"])] if request.method == "POST" else Reply([b"{}"], 404)

    with scripted_http(respond) as server:
        for number in range(len(REPLIES)):
            model = EndpointModel(f"{server.url}/v1", str(number))
            events = [event async for event in model.stream([Message("user", "?")], ChatOptions())]
            said = "".join(event.text for event in events if isinstance(event, TextDelta))
            thought = "".join(event.text for event in events if isinstance(event, ThinkingDelta))
            assert (number, said.strip()) == (number, _SAID)
            assert thought in ("", _THOUGHT), number
            await model.close()
