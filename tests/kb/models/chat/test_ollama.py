"""Ollama's client against the double of its server: what the contract cannot see."""

from __future__ import annotations

import socket
import time

import pytest

from kb.errors import BackendDown, NotFound
from kb.models.chat.ollama import OllamaModel
from kb.types import ChatOptions, Message, ModelFinished, TextDelta, ThinkingDelta
from tests.doubles.ollama_server import DoubleModel, DoubleOllama, ollama_double
from tests.doubles.scripted_http import Reply, scripted_http

QUESTION = [Message("user", "What is life?")]


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_lists_chat_models_loaded_ones_first_then_the_latest() -> None:
    with ollama_double(
        old=DoubleModel(pulled="2025-01-01T00:00:00Z"),
        new=DoubleModel(pulled="2026-06-01T00:00:00Z"),
        running=DoubleModel(pulled="2024-01-01T00:00:00Z", loaded=True),
        embedder=DoubleModel(capabilities=("embedding",), family="bert"),
        ancient=DoubleModel(capabilities=None, family="bert"),
    ) as (server, _):
        model = OllamaModel(server.url, "")
        assert list(await model.models()) == ["running", "new", "old"]
        assert (await model.models())["new"] == "8.2B, Q4_K_M, 5.2 GB"
        await model.close()


async def test_context_is_asked_and_sent() -> None:
    with ollama_double(qwen3__8b=DoubleModel(context_length=40960)) as (server, _):
        model = OllamaModel(server.url, "qwen3:8b", context_tokens=8192)
        assert await model.context_tokens() == 8192
        async for _event in model.stream(QUESTION, ChatOptions(max_tokens=3, seed=7, temperature=0.5)):
            pass
        sent = next(request.json() for request in server.requests if request.path == "/api/chat")
        assert sent["options"] == {"num_ctx": 8192, "num_predict": 3, "temperature": 0.5, "seed": 7}
        assert sent["keep_alive"]
        await model.close()


async def test_a_cut_prompt_is_visible() -> None:
    with ollama_double(small=DoubleModel(context_length=512)) as (server, _):
        model = OllamaModel(server.url, "small")
        long = [Message("user", "word " * 2000)]
        events = [event async for event in model.stream(long, ChatOptions(max_tokens=1))]
        finished = events[-1]
        assert isinstance(finished, ModelFinished)
        assert finished.prompt_tokens == 512
        assert await model.count_tokens(long[0].content) >= 2000
        await model.close()


async def test_thinking_is_told_apart_in_both_ways() -> None:
    with ollama_double(
        field=DoubleModel(thinking="Hm, life.", answer="A dream.", capabilities=("completion", "thinking")),
        inline=DoubleModel(answer="<think>Hm, life.</think>\nA dream."),
    ) as (server, _):
        for name in ("field", "inline"):
            model = OllamaModel(server.url, name)
            events = [event async for event in model.stream(QUESTION, ChatOptions(think=True))]
            assert "".join(e.text for e in events if isinstance(e, ThinkingDelta)) == "Hm, life."
            assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "A dream."
            await model.close()


async def test_only_a_model_that_can_think_is_told_not_to() -> None:
    with ollama_double(
        thinker=DoubleModel(thinking="Hm.", answer="A dream.", capabilities=("completion", "thinking")),
        plain=DoubleModel(answer="A dream."),
    ) as (server, _):
        for name, sent in (("thinker", False), ("plain", None)):
            model = OllamaModel(server.url, name)
            events = [event async for event in model.stream(QUESTION, ChatOptions())]
            assert not any(isinstance(event, ThinkingDelta) for event in events)
            assert server.requests[-1].json().get("think") is sent
            await model.close()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("error", "model runner has unexpectedly stopped"),
        ("cut", "broke off"),
        ("silent", "broke off"),
        ("garbage", "not JSON"),
    ],
)
async def test_a_fault_in_mid_stream_is_an_error_after_the_text_so_far(fault: str, said: str) -> None:
    with ollama_double(ill=DoubleModel(fault=fault)) as (server, _):
        model = OllamaModel(server.url, "ill")
        stream = model.stream(QUESTION, ChatOptions())
        assert all([isinstance(await anext(stream), TextDelta) for _ in range(5)])
        with pytest.raises(BackendDown, match=said):
            await anext(stream)
        await model.close()


async def test_a_missing_model_names_the_command() -> None:
    with ollama_double() as (server, _):
        model = OllamaModel(server.url, "qwen3:8b")
        with pytest.raises(NotFound, match="ollama pull qwen3:8b"):
            await model.context_tokens()
        with pytest.raises(NotFound, match="ollama pull qwen3:8b"):
            await anext(model.stream(QUESTION, ChatOptions()))
        await model.close()


async def test_a_server_that_is_down_is_named_quickly() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    model = OllamaModel(url, "qwen3:8b")
    began = time.monotonic()
    with pytest.raises(BackendDown, match=f"{url} does not answer. Start Ollama"):
        await anext(model.stream(QUESTION, ChatOptions(context_tokens=4096)))
    with pytest.raises(BackendDown, match="Start Ollama"):
        await model.models()
    assert time.monotonic() - began < 3
    await model.close()


async def test_something_else_on_the_port_is_no_ollama() -> None:
    with scripted_http(lambda _: Reply([b"<html>a printer</html>"])) as server:
        model = OllamaModel(server.url, "qwen3:8b")
        with pytest.raises(BackendDown, match="does not send"):
            await model.models()
        await model.close()


async def test_closing_hangs_up_on_the_server() -> None:
    with ollama_double(slow=DoubleModel(seconds_a_token=0.02)) as (server, _):
        model = OllamaModel(server.url, "slow")
        stream = model.stream(QUESTION, ChatOptions())
        assert isinstance(await anext(stream), TextDelta)
        await stream.aclose()
        assert server.abandoned.wait(2)
        await model.close()


async def test_prompts_do_not_follow_redirects() -> None:
    elsewhere = DoubleOllama({"m": DoubleModel()})
    with scripted_http(elsewhere.respond) as other:
        reply = Reply(status=307, headers={"Location": f"{other.url}/api/chat"})
        with scripted_http(lambda _: reply) as server:
            model = OllamaModel(server.url, "m")
            with pytest.raises(BackendDown):
                await anext(model.stream(QUESTION, ChatOptions(context_tokens=4096)))
            assert other.requests == []
            await model.close()
