"""What every chat model keeps, run on each of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any, cast

import pytest
import pytest_asyncio

from kb.models.chat.gguf import GgufModel
from kb.models.chat.ollama import OllamaModel
from kb.models.chat.openai import EndpointModel
from kb.ports import ChatModel
from kb.types import ChatOptions, Message, ModelEvent, ModelFinished, TextDelta
from tests.doubles.ollama_server import DoubleModel, ollama_double
from tests.models import SERVED_NAME, llama_server, smollm2_gguf

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONTEXT = 2048
STORY = [
    Message("system", "You are a storyteller."),
    Message("user", "Write a long story about a lighthouse."),
]


@pytest.fixture(scope="module")
def ollama_url() -> Iterator[str]:
    with ollama_double(reciter=DoubleModel(context_length=CONTEXT, seconds_to_first=0.1)) as (running, _):
        yield running.url


@pytest.fixture(scope="module")
def llama_url() -> Iterator[str]:
    with llama_server(smollm2_gguf(), context_tokens=CONTEXT) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["ollama", "endpoint", "gguf"])
async def model(request: pytest.FixtureRequest) -> AsyncIterator[ChatModel]:
    made: ChatModel
    if request.param == "ollama":
        made = OllamaModel(request.getfixturevalue("ollama_url"), "reciter")
    elif request.param == "endpoint":
        made = EndpointModel(request.getfixturevalue("llama_url"), SERVED_NAME)
    else:
        made = GgufModel(smollm2_gguf(), context_tokens=CONTEXT)
    yield made
    await made.close()


async def answered(
    model: ChatModel, messages: list[Message], options: ChatOptions
) -> tuple[str, ModelFinished]:
    events = [event async for event in model.stream(messages, options)]
    last = events[-1]
    assert isinstance(last, ModelFinished)
    return "".join(event.text for event in events if isinstance(event, TextDelta)), last


def opened(model: ChatModel, messages: list[Message], options: ChatOptions) -> Any:
    """The stream as a context that closes it, as callers hold it."""
    return aclosing(cast("Any", model.stream(messages, options)))


async def test_name_says_the_backend(model: ChatModel) -> None:
    backend, _, name = model.name.partition("/")
    assert backend in ("ollama", "endpoint", "gguf")
    assert name


async def test_several_deltas_then_one_finish(model: ChatModel) -> None:
    events: list[ModelEvent] = [e async for e in model.stream(STORY, ChatOptions(max_tokens=12))]
    assert [type(event) for event in events].count(ModelFinished) == 1
    assert isinstance(events[-1], ModelFinished)
    assert sum(isinstance(event, TextDelta) for event in events) >= 5
    assert all(event.text for event in events if isinstance(event, TextDelta))


async def test_max_tokens_is_kept_and_told(model: ChatModel) -> None:
    _, finished = await answered(model, STORY, ChatOptions(max_tokens=8))
    assert finished.stopped_at_limit
    assert finished.completion_tokens == 8


async def test_temperature_zero_repeats(model: ChatModel) -> None:
    options = ChatOptions(max_tokens=12, temperature=0.0, seed=0)
    first, _ = await answered(model, STORY, options)
    again, _ = await answered(model, STORY, options)
    assert first == again != ""


async def test_counts_are_never_much_too_low(model: ChatModel) -> None:
    text = "The ferry to Aran leaves at 08:15 and 17:40 (not on Sundays); a ticket costs 24.50 euros.\n" * 2
    one = ChatOptions(max_tokens=1)
    _, short = await answered(model, [Message("user", "Hello.")], one)
    _, long = await answered(model, [Message("user", "Hello." + text)], one)
    assert short.prompt_tokens is not None
    assert long.prompt_tokens is not None
    real = long.prompt_tokens - short.prompt_tokens
    assert 0.97 * real <= await model.count_tokens(text) <= 2 * real


async def test_context_is_the_smaller_of_model_and_settings(model: ChatModel) -> None:
    assert await model.context_tokens() == CONTEXT


async def test_closing_stops_it_and_it_answers_again(model: ChatModel) -> None:
    async with opened(model, STORY, ChatOptions(max_tokens=1500)) as events:
        assert isinstance(await anext(events), TextDelta)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    text, _ = await answered(model, STORY, ChatOptions(max_tokens=4))
    assert text


async def test_cancelling_before_the_first_token(model: ChatModel) -> None:
    long = [Message("user", "The cat sat on the mat. " * 200)]
    async with opened(model, long, ChatOptions(max_tokens=20)) as events:
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert time.monotonic() - began < 1
    text, _ = await answered(model, STORY, ChatOptions(max_tokens=4))
    assert text


async def test_two_questions_at_once_are_both_answered(model: ChatModel) -> None:
    options = ChatOptions(max_tokens=6)
    (first, _), (second, _) = await asyncio.gather(
        answered(model, STORY, options), answered(model, STORY, options)
    )
    assert first == second != ""
