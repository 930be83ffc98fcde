"""Every client of a model server against every way to misbehave: an answer or a sentence, soon, in little memory."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kb.errors import BackendDown, FootnoteError
from kb.models.chat.ollama import OllamaModel
from kb.models.chat.openai import EndpointModel
from kb.models.chat.payloads import Patience
from kb.models.rerank.endpoint import EndpointReranker
from kb.types import ChatOptions, Message, ModelFinished, TextDelta, TextWithdrawn, ThinkingDelta
from tests.doubles.hostile_replies import ANSWERS, PAGES, Completions, Heard, Mode, Ollama, Wire
from tests.doubles.ollama_server import DoubleModel, DoubleOllama
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.harness.memory import PeakOfThis

MOST_MEMORY = 64 << 20
MOST_SECONDS = 20
CHAT = ("/v1/chat/completions", "/api/chat")
ALL = {**PAGES, **ANSWERS}


@contextmanager
def frugal() -> Iterator[None]:
    """What happens within takes little memory and little time."""
    gc.collect()
    peak, began = PeakOfThis(), time.monotonic()
    try:
        yield
    finally:
        grown = peak.end()
    assert grown <= MOST_MEMORY, f"{grown >> 20} MB more"
    assert time.monotonic() - began < MOST_SECONDS


def server(mode: Mode, wire: Wire, *, only_answers: bool) -> Callable[[Request], Reply]:
    """A server that misbehaves when it is asked, or in all it says."""
    double = DoubleOllama({"m": DoubleModel(capabilities=("completion", "thinking"))})

    def respond(request: Request) -> Reply:
        if not only_answers or request.path in CHAT:
            return mode.reply(wire)
        return json_reply({"data": []}) if request.path.startswith("/v1") else double.respond(request)

    return respond


async def ask(model: EndpointModel | OllamaModel) -> Heard:
    heard = Heard()
    try:
        async for event in model.stream([Message("user", "How long?")], ChatOptions(max_tokens=512)):
            if isinstance(event, TextDelta):
                heard.answer += event.text
            elif isinstance(event, ThinkingDelta):
                heard.thought += event.text
            elif isinstance(event, TextWithdrawn):
                heard.thought, heard.answer = heard.thought + heard.answer, ""
            else:
                heard.finished = isinstance(event, ModelFinished)
    except FootnoteError as error:
        heard.error = str(error)
    return heard


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
@pytest.mark.parametrize("name", list(ALL))
async def test_a_question_ends_in_an_answer_or_an_error_that_names_the_server(
    name: str, protocol: str
) -> None:
    mode = ALL[name]
    wire: Wire = Completions() if protocol == "openai" else Ollama()
    with scripted_http(server(mode, wire, only_answers=True)) as running:
        model = (
            EndpointModel(f"{running.url}/v1", "m") if protocol == "openai" else OllamaModel(running.url, "m")
        )
        with frugal():
            async with asyncio.timeout(MOST_SECONDS):
                heard = await ask(model)
        await model.close()
        for text in (heard.answer, heard.thought, heard.error or ""):
            text.encode("utf-8")
        if mode.answer is None:
            assert heard.error is not None
            assert running.url in heard.error
            assert mode.said in heard.error
            assert len(heard.error) < 800
        else:
            assert (heard.answer, heard.thought, heard.error) == (mode.answer, mode.thought, None)
            assert heard.finished


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
@pytest.mark.parametrize("name", list(PAGES))
async def test_what_it_says_of_its_models_is_read_with_the_same_care(name: str, protocol: str) -> None:
    wire: Wire = Completions() if protocol == "openai" else Ollama()
    with scripted_http(server(PAGES[name], wire, only_answers=False)) as running:
        model = (
            EndpointModel(f"{running.url}/v1", "m") if protocol == "openai" else OllamaModel(running.url, "m")
        )
        with frugal():
            async with asyncio.timeout(MOST_SECONDS):
                with pytest.raises(FootnoteError, match=running.url) as listed:
                    await model.models()
                with pytest.raises(FootnoteError, match=running.url):
                    await model.context_tokens()
                assert await model.count_tokens("How long is the warranty?") > 0
        await model.close()
        assert len(str(listed.value).encode("utf-8")) < 800


ODD_SCORES: dict[str, object] = {
    "a list of numbers": [1, 2],
    "a word": "none",
    "null": None,
    "rows of odd types": {"results": [["x"], 3]},
    "a row without its place": {"results": [{"relevance_score": 1.0}, {"relevance_score": 0.5}]},
    "a place beyond measure": {"results": [{"index": 1e400, "relevance_score": 1}, {"index": 1, "score": 1}]},
    "a score that is no number": {"results": [{"index": 0, "score": float("nan")}, {"index": 1, "score": 1}]},
    "a score in words": {"results": [{"index": 0, "score": "high"}, {"index": 1, "score": 1}]},
    "a score without end": {"results": [{"index": 0, "score": float("inf")}, {"index": 1, "score": 1}]},
    "a score of null": {"results": [{"index": 0, "score": None}, {"index": 1, "score": 1}]},
    "too few": {"results": [{"index": 0, "score": 1}]},
}


@pytest.mark.parametrize("name", [*PAGES, *ODD_SCORES])
def test_a_reranker_gives_scores_or_an_error_that_names_it(name: str) -> None:
    reply = PAGES[name].reply(Completions()) if name in PAGES else json_reply(ODD_SCORES[name])
    with scripted_http(lambda _: reply) as running:
        reranker = EndpointReranker(running.url)
        with frugal(), pytest.raises(FootnoteError, match=running.url) as raised:
            reranker.scores("How long?", ["24 months", "a pump"])
        reranker.close()
        assert len(str(raised.value).encode("utf-8")) < 800


def test_bytes_that_drip_are_not_waited_for() -> None:
    now = 0.0
    patience = Patience("The server at http://127.0.0.1:1", clock=lambda: now)
    patience.after(said=True)
    now = 599.0
    patience.after(said=False)
    now = 601.0
    with pytest.raises(BackendDown, match="signs of life"):
        patience.after(said=False)
