"""The endpoint's client against replies that servers are known to give."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kb.config import load_settings
from kb.errors import BackendDown, FootnoteError, Misconfigured, NotFound
from kb.models.chat.openai import EndpointModel
from kb.text.token_estimate import estimated_tokens
from kb.types import ChatOptions, Message, ModelEvent, ModelFinished, TextDelta, ThinkingDelta
from tests.doubles.scripted_http import Reply, Request, Scripted, json_reply, scripted_http

QUESTION = [Message("user", "What is life?")]
KEY = "canary-4711-key"
MISSING = Reply([b"not found"], 404)


def chunk(content: str | None = None, *, finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]}, ensure_ascii=False)}\n\n".encode()


USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3}}\n\n'
DONE = b"data: [DONE]\n\n"


@asynccontextmanager
async def endpoint(
    chat: Reply = MISSING, **pages: Reply | Callable[[Request], Reply]
) -> AsyncIterator[tuple[EndpointModel, Scripted]]:
    """A model on a server with these pages; ``__`` in a name stands for a slash."""
    table = {"/" + name.replace("__", "/"): page for name, page in pages.items()}
    table["/v1/chat/completions"] = chat

    def respond(request: Request) -> Reply:
        page = table.get(request.path, MISSING)
        return page(request) if callable(page) else page

    with scripted_http(respond) as server:
        model = EndpointModel(f"{server.url}/v1", "m", key=KEY)
        yield model, server
        await model.close()


async def events_of(model: EndpointModel) -> list[ModelEvent]:
    return [event async for event in model.stream(QUESTION, ChatOptions())]


def text_of(events: list[ModelEvent], kind: type[TextDelta] | type[ThinkingDelta] = TextDelta) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


async def test_reads_pings_comments_and_cut_up_bytes() -> None:
    whole = b": ping\n\nevent: x\n" + chunk("Ä", role="assistant") + chunk("人生\x85\u2028.") + b"data:"
    whole += chunk(finish="stop")[5:].replace(b"\n\n", b"\r\n\r\n") + USAGE + DONE
    async with endpoint(Reply([whole[i : i + 3] for i in range(0, len(whole), 3)])) as (model, server):
        events = await events_of(model)
        assert text_of(events) == "Ä人生\x85\u2028."
        assert events[-1] == ModelFinished(prompt_tokens=12, completion_tokens=3, stopped_at_limit=False)
        sent = server.requests[-1]
        assert sent.headers["Authorization"] == f"Bearer {KEY}"
        assert sent.json()["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thinking_in_its_own_field(field: str) -> None:
    pieces = [chunk(**{field: "Hm"}), chunk(**{field: "."}), chunk("A dream."), chunk(finish="stop"), DONE]
    async with endpoint(Reply(pieces)) as (model, _):
        events = await events_of(model)
        assert text_of(events, ThinkingDelta) == "Hm."
        assert text_of(events) == "A dream."


async def test_thinking_inline() -> None:
    pieces = [chunk("<thi"), chunk("nk>Hm.</thi"), chunk("nk>\n\nA "), chunk("dream.", finish="stop"), DONE]
    async with endpoint(Reply(pieces)) as (model, _):
        events = await events_of(model)
        assert text_of(events, ThinkingDelta) == "Hm."
        assert text_of(events) == "A dream."


async def test_the_limit_is_told() -> None:
    async with endpoint(Reply([chunk("A"), chunk(finish="length"), DONE])) as (model, _):
        assert (await events_of(model))[-1] == ModelFinished(None, None, stopped_at_limit=True)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply([chunk("A ")]), "broke off in the middle"),
        (Reply([chunk("A ")], cut=True), "broke off in the middle"),
        (Reply([chunk("A "), b'data: {"error":{"message":"CUDA out of memory"}}\n\n']), "CUDA out of memory"),
        (Reply([chunk("A "), b'error: {"error":"slot gone"}\n\n']), "slot gone"),
        (Reply([chunk("A "), b"data: {oops\n\n"]), "not JSON"),
        (Reply([chunk("A "), b"data: [1]\n\n"]), "not a chat completion"),
    ],
)
async def test_a_fault_in_mid_stream_is_an_error_after_the_text_so_far(reply: Reply, said: str) -> None:
    async with endpoint(reply) as (model, _):
        stream = model.stream(QUESTION, ChatOptions())
        assert await anext(stream) == TextDelta("A ")
        with pytest.raises(BackendDown, match=said):
            await anext(stream)


@pytest.mark.parametrize(
    ("reply", "leaf", "said"),
    [
        (json_reply({"error": {"message": f"Incorrect API key: {KEY}"}}, 401), Misconfigured, "endpoint_key"),
        (json_reply({"detail": f"no {KEY}"}, 403), Misconfigured, "endpoint_key"),
        (json_reply({"object": "error", "message": f"no model {KEY}"}, 404), NotFound, "no model"),
        (json_reply({"error": f"{KEY} is over its quota"}, 429), BackendDown, "over its quota"),
        (Reply([f"<html>{KEY}\n bad gateway".encode()], 502), BackendDown, "502.*bad gateway"),
        (json_reply({"error": {"message": f"too long {KEY}"}}, 400), BackendDown, "too long"),
        (Reply(status=302, headers={"Location": f"http://x/?k={KEY}"}), Misconfigured, "redirects"),
        (Reply([f"data: {{{KEY}\n\n".encode()]), BackendDown, "not JSON"),
        (json_reply(f"echo {KEY}"), BackendDown, "broke off"),
    ],
)
async def test_errors_have_the_servers_words_and_never_the_key(
    reply: Reply, leaf: type[FootnoteError], said: str
) -> None:
    async with endpoint(reply, v1__models=reply) as (model, _):
        with pytest.raises(leaf, match=said) as caught:
            await events_of(model)
        shown = [str(caught.value)]
        with pytest.raises(FootnoteError) as listed:
            await model.models()
        shown.append(str(listed.value))
        assert not any(KEY in text for text in shown)


@pytest.mark.parametrize(
    ("entry", "pages", "context"),
    [
        ({"max_model_len": 4096}, {}, 4096),  # vLLM
        ({"max_model_len": 131072}, {}, 8192),  # more than the settings allow
        ({"meta": {"n_ctx": 2048, "n_ctx_train": 32768}}, {}, 2048),  # llama.cpp
        (
            {},
            {"props": json_reply({"default_generation_settings": {"n_ctx": 1024}})},
            1024,
        ),  # older llama.cpp
        ({}, {"api__v0__models__m": json_reply({"loaded_context_length": 6000})}, 6000),  # LM Studio
        ({}, {"props": Reply([b"<html>"])}, 8192),  # says nothing
    ],
)
async def test_context_as_servers_tell_it(
    entry: dict[str, Any], pages: dict[str, Reply], context: int
) -> None:
    listing = json_reply({"data": [{"id": "m", **entry}]})
    async with endpoint(v1__models=listing, **pages) as (model, _):
        assert await model.context_tokens() == context


async def test_a_model_that_is_not_listed() -> None:
    async with endpoint(v1__models=json_reply({"data": [{"id": "other"}]})) as (model, _):
        with pytest.raises(NotFound, match=r"no model 'm'\. It has: other"):
            await model.context_tokens()


async def test_embedding_models_are_not_offered() -> None:
    listing = json_reply({"data": [{"id": "qwen3-8b", "max_model_len": 4096}, {"id": "text-embedding-3"}]})
    async with endpoint(v1__models=listing) as (model, _):
        assert await model.models() == {"qwen3-8b": "context 4,096"}


async def test_a_page_that_is_no_list_of_models() -> None:
    async with endpoint(v1__models=json_reply({"hello": 1})) as (model, _):
        with pytest.raises(Misconfigured, match="/v1"):
            await model.models()


async def test_tokens_are_counted_by_vllm() -> None:
    def tokenize(request: Request) -> Reply:
        asked = request.json()
        assert asked["model"] == "m"
        return json_reply({"count": 3, "max_model_len": 4096, "tokens": [len(asked["prompt"]), 2, 3]})

    async with endpoint(tokenize=tokenize) as (model, _):
        assert await model.count_tokens("some text") == 3


async def test_tokens_are_estimated_where_nobody_counts_and_that_is_asked_once() -> None:
    async with endpoint() as (model, server):
        assert await model.count_tokens("some text") == estimated_tokens("some text")
        assert await model.count_tokens("more text") == estimated_tokens("more text")
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/v1", "127.0.0.1:8000/v1", "http://169.254.169.254/v1", "http://[fe80::1]/v1"]
)
def test_addresses_that_no_model_server_has(url: str) -> None:
    with pytest.raises(Misconfigured, match="endpoint_url"):
        EndpointModel(url, "m")


def test_without_a_server_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="endpoint_url"):
        EndpointModel.from_settings(load_settings(home=tmp_path), "m")
