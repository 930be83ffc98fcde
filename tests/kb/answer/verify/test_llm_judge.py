"""A model that judges footnotes: what it says, and what becomes of one that does not say it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kb.answer.answerer import Answerer
from kb.answer.verify.checker import check
from kb.answer.verify.llm_judge import OFF, Judgement, LlmJudge, llm_judge, verdict_in
from kb.errors import BackendDown
from kb.models.chat.gguf import GgufModel
from kb.models.chat.openai import EndpointModel
from kb.ports import ChatModel
from kb.types import (
    Answer,
    ChatOptions,
    Message,
    ModelEvent,
    ModelFinished,
    ModelStatus,
    Notice,
    Question,
    Support,
    TextDelta,
)
from tests.doubles.scripted_http import Reply, Request, Scripted, json_reply, scripted_http
from tests.doubles.scripted_model import ScriptedModel
from tests.kb.answer.samples import FixedSimilarity, hit
from tests.kb.answer.test_answerer import FixedRetriever
from tests.models import smollm2_gguf

BRIDGE = hit("The bridge opened in 1932.\nIt is 1149 metres long.", number=1)
ANSWER = "The bridge opened in 1932 [1]. It was opened by a king [1]."
CHECKED = check(ANSWER, [BRIDGE], FixedSimilarity(0.5))
BY_WORDS = [found.support for found in CHECKED.checks]
DONE = b"data: [DONE]\n\n"


class SlowsDown(ScriptedModel):
    """Answers at once the first time, and then not for a long time."""

    def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncGenerator[ModelEvent, None]:
        self._delay = 60.0 if self.asked else 0.0
        return super().stream(messages, options)


def says(model: ChatModel | Exception | None, *, seconds: float = 5.0) -> LlmJudge:
    async def choose(_wanted: str | None) -> tuple[ChatModel | None, ModelStatus]:
        if isinstance(model, Exception):
            raise model
        return model, ModelStatus("m", "because")

    return LlmJudge("endpoint/m", choose, context_tokens=2048, seconds=seconds)


@asynccontextmanager
async def server(answers: Callable[[str], Sequence[str]]) -> AsyncIterator[tuple[EndpointModel, Scripted]]:
    """A model on an OpenAI-compatible server that says the pieces ``answers`` gives for a prompt."""

    def respond(request: Request) -> Reply:
        if request.path.endswith("/systemone"):  # as servers of models that write
            return json_reply({}, 404)
        pieces = answers(request.json()["messages"][-1]["content"])
        deltas = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
        return Reply([*(f"data: {json.dumps(delta)}\n\n".encode() for delta in deltas), DONE])

    with scripted_http(respond) as running:
        model = EndpointModel(f"{running.url}/v1", "m")
        yield model, running
        await model.close()


def supports(judgement: Judgement) -> list[Support]:
    return [found.support for found in judgement.checked.checks]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("yes", Support.SUPPORTED),
        ("Yes.", Support.SUPPORTED),
        ("**No**, it says 1932.", Support.UNSUPPORTED),
        ("Not at all", Support.UNSUPPORTED),
        ("Partly - the year is missing", Support.WEAK),
        ("\n\nAnswer: partially", Support.WEAK),
        ("The answer is: yes", Support.SUPPORTED),
        ("是的。", Support.SUPPORTED),
        ("不是", Support.UNSUPPORTED),
        ("答案：部分", Support.WEAK),
        ("", None),
        ("Nothing of the kind", None),
        ("Yesterday", None),
        ("The passages say a lot. Yes", None),
        ("是否", None),
        ("No doubt", None),
        ("1932", None),
    ],
)
def test_the_first_word_decides_and_nothing_else(text: str, verdict: Support | None) -> None:
    assert verdict_in(text) is verdict


async def test_each_sentence_is_asked_with_its_passages_and_the_model_has_the_last_word() -> None:
    def answers(prompt: str) -> list[str]:
        return ["N", "o."] if "king" in prompt else ["Partly"]

    async with server(answers) as (model, running):
        judgement = await says(model).on(CHECKED, [BRIDGE])
    assert supports(judgement) == [Support.WEAK, Support.UNSUPPORTED]
    assert judgement.problem is None
    prompts = [
        request.json()["messages"][-1]["content"]
        for request in running.requests
        if request.path.endswith("/completions")
    ]
    assert len(prompts) == 2
    assert all(BRIDGE.chunk.text in prompt for prompt in prompts)


@pytest.mark.parametrize(
    "pieces",
    [
        ["<think>The sentence says that, no,", " yes</think>", "\n\nYes"],
        ["<think></think>yes"],
        ["Yes\nand then on and on " * 40],
    ],
    ids=["thinks first", "was told not to think", "does not stop"],
)
async def test_thoughts_and_rambling_are_passed_over(pieces: list[str]) -> None:
    async with server(lambda _prompt: pieces) as (model, _):
        assert supports(await says(model).on(CHECKED, [BRIDGE])) == [Support.SUPPORTED] * 2


@pytest.mark.parametrize(
    "pieces",
    [["I think that the bridge is long."], ["<think>Let me see, yes"], [], ["🌉" * 500], ["[1][1]"]],
    ids=["prose", "thinks until the end", "nothing", "noise", "marks"],
)
async def test_what_is_no_verdict_leaves_the_check_as_it_was(pieces: list[str]) -> None:
    async with server(lambda _prompt: pieces) as (model, _):
        judgement = await says(model).on(CHECKED, [BRIDGE])
    assert supports(judgement) == BY_WORDS
    assert judgement.problem is None


async def test_what_was_judged_in_time_stays_and_the_rest_is_said() -> None:
    slow = SlowsDown(TextDelta("no"), ModelFinished())
    judgement = await says(slow, seconds=1.0).on(CHECKED, [BRIDGE])
    assert supports(judgement) == [Support.UNSUPPORTED, BY_WORDS[1]]
    assert judgement.problem == "it was not done within 1 s"
    assert slow.stopped


@pytest.mark.parametrize(
    "model", [BackendDown("It is not there."), ScriptedModel(BackendDown("It is not there."))]
)
async def test_a_model_that_cannot_be_had_leaves_the_check_as_it_was(model: ChatModel | Exception) -> None:
    judgement = await says(model).on(CHECKED, [BRIDGE])
    assert supports(judgement) == BY_WORDS
    assert judgement.problem == "It is not there."


async def test_it_is_off_unless_a_model_is_named() -> None:
    async def choose(_wanted: str | None) -> tuple[ChatModel | None, ModelStatus]:
        return None, ModelStatus("extractive", "nothing else is here")

    assert llm_judge(OFF, choose, context_tokens=512) is None
    named = llm_judge("auto", choose, context_tokens=512)
    assert named is not None
    assert supports(await named.on(CHECKED, [BRIDGE])) == BY_WORDS


@pytest.mark.parametrize(
    ("judge", "unsupported", "notices"),
    [
        (ScriptedModel(TextDelta("No"), ModelFinished()), ("It is 1149 metres long.",), 0),
        (BackendDown("It is not there."), (), 1),
    ],
)
async def test_an_answer_is_marked_by_the_judge(
    judge: ChatModel | Exception, unsupported: tuple[str, ...], notices: int
) -> None:
    async def choose(_wanted: str | None) -> tuple[ChatModel | None, ModelStatus]:
        return ScriptedModel(TextDelta("It is 1149 metres long [1]."), ModelFinished()), ModelStatus("m", "")

    answerer = Answerer(
        retriever=FixedRetriever((BRIDGE,)),
        similarity=FixedSimilarity(0.5),
        choose_model=choose,
        passages=8,
        context_tokens=4096,
        answer_tokens=200,
        judge=says(judge),
    )
    events = [event async for event in answerer.answer(Question("How long is the bridge?"))]
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.unsupported == unsupported
    said = [event.text for event in events if isinstance(event, Notice)]
    assert len(said) == notices
    assert all("It is not there." in text for text in said)


async def test_a_decision_model_is_asked_for_its_choice() -> None:
    """A double of what the documentation of xllamacpp says of ``/v1/systemone``; no model of that kind was at hand."""
    asked: list[dict[str, Any]] = []
    choices = iter(["yes", "no"])

    def respond(request: Request) -> Reply:
        if request.path != "/v1/systemone":
            return json_reply({}, 404)
        asked.append(request.json())
        return json_reply({"answers": {"verdict": {"choice": next(choices)}}})

    with scripted_http(respond) as running:
        model = EndpointModel(f"{running.url}/v1", "laya")
        judgement = await says(model).on(CHECKED, [BRIDGE])
        await model.close()
    assert supports(judgement) == [Support.SUPPORTED, Support.UNSUPPORTED]
    assert judgement.problem is None
    first = asked[0]["questions"]["verdict"]
    assert asked[0]["state"] == BRIDGE.chunk.embedded_text
    assert (first["type"], first["criteria"]) == ("choice", {"yes": None, "partly": None, "no": None})
    assert CHECKED.checks[0].sentence in first["instructions"]


async def test_a_real_model_of_135m_breaks_nothing() -> None:
    model = GgufModel(smollm2_gguf(), context_tokens=2048)
    try:
        # a real llama.cpp says that it is no decision model, so that it is asked in words
        assert await model.decide("The bridge opened in 1932.", "Is it said?", ("yes", "no")) is None
        async with asyncio.timeout(60):
            judgement = await says(model, seconds=30).on(CHECKED, [BRIDGE])
    finally:
        await model.close()
    assert [found.sentence for found in judgement.checked.checks] == [
        found.sentence for found in CHECKED.checks
    ]
    assert set(supports(judgement)) <= set(Support)
