"""From a question to a checked answer: a list of steps, reported as they happen."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from kb.ask.cite import check
from kb.ask.prompt import Prompt, pack
from kb.ask.relevance import nothing_relevant
from kb.ask.retrieve import Retrieved
from kb.ask.rewrite import standalone
from kb.errors import FootnoteError
from kb.llm import extractive
from kb.ports import ChatModel, Similarity
from kb.text import language
from kb.types import (
    Answer,
    AnswerEvent,
    ChatOptions,
    Hit,
    ModelFinished,
    ModelStatus,
    Notice,
    Searched,
    TextDelta,
    Turn,
)

log = logging.getLogger(__name__)

ChooseModel = Callable[[str | None], Awaitable[tuple[ChatModel | None, ModelStatus]]]
"""The model to answer with, for the name that was asked for; None is the extractive one."""

_NOTHING = {
    "zh": "在文档中没有找到与这个问题相关的内容。",
    "en": "Nothing in the documents answers this question.",
}
_READ_SHARE = 0.8
"""A server that says it read less of the prompt than this cut it: Ollama does so without a word."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, of what, and of whom."""

    text: str
    collection: str | None = None
    """None asks all collections."""
    model: str | None = None
    """None takes the model from the settings."""
    history: tuple[Turn, ...] = ()


@dataclass(slots=True)
class _Progress:
    """What an answer is made of while it is being made."""

    searched: str
    hits: tuple[Hit, ...]
    model: str
    timings: dict[str, float]
    text: str = ""
    incomplete: str | None = None


class Retrieves(Protocol):
    """What finds the passages: ``kb.ask.retrieve.Retriever``."""

    def retrieve(self, question: str, *, k: int, collection: str | None = None) -> Retrieved:
        """The ``k`` best passages; raises BadInput for an empty question."""
        ...


class Answerer:
    """Answers questions; any number at a time."""

    def __init__(
        self,
        *,
        retriever: Retrieves,
        similarity: Similarity,
        choose_model: ChooseModel,
        passages: int,
        context_tokens: int,
        answer_tokens: int,
    ) -> None:
        self._retriever = retriever
        self._similarity = similarity
        self._choose_model = choose_model
        self._passages = passages
        self._context_tokens = context_tokens
        self._answer_tokens = answer_tokens

    async def answer(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        """``Searched``, then text and notices as they come, then one ``Answer``.

        Closing the iterator stops the model. A model that is missing or fails in the middle ends the
        answer as incomplete, with what is there and the reason.

        Raises:
            BadInput: the question is empty.
        """
        started = time.perf_counter()
        searched = standalone(question.text, question.history)
        found = await asyncio.to_thread(
            self._retriever.retrieve, searched, k=self._passages, collection=question.collection
        )
        yield Searched(searched, found.hits, timings_ms=found.timings_ms)
        progress = _Progress(searched, found.hits, extractive.NAME, dict(found.timings_ms))
        if nothing_relevant(searched, found.hits, found.cosines):
            yield _refusal(question.text, progress)
            return
        try:
            async with aclosing(self._write(question, progress)) as events:
                async for event in events:
                    yield event
        except FootnoteError as error:
            log.warning("the answer breaks off: %s", error)
            progress.incomplete = str(error)
        yield await asyncio.to_thread(self._finish, progress, started)

    async def _write(self, question: Question, progress: _Progress) -> AsyncGenerator[AnswerEvent, None]:
        """The steps that produce text; what they learn is left in ``progress``."""
        model, status = await self._choose_model(question.model)
        progress.model = status.name
        if model is None:
            progress.text = await asyncio.to_thread(
                extractive.extract, progress.searched, progress.hits, self._similarity
            )
            yield TextDelta(progress.text)
            return
        context = min(await model.context_tokens(), self._context_tokens)
        prompt = await pack(
            _to_answer(question, progress),
            progress.hits,
            model,
            context_tokens=context,
            answer_tokens=self._answer_tokens,
        )
        progress.hits = prompt.hits
        if prompt.dropped:
            yield Searched(progress.searched, prompt.hits, prompt.dropped, progress.timings)
        async with aclosing(self._generate(model, prompt, context, progress)) as events:
            async for event in events:
                yield event

    async def _generate(
        self, model: ChatModel, prompt: Prompt, context: int, progress: _Progress
    ) -> AsyncGenerator[AnswerEvent, None]:
        asked = time.perf_counter()
        options = ChatOptions(max_tokens=prompt.answer_tokens, context_tokens=context)
        try:
            async with aclosing(model.stream(prompt.messages, options)) as events:
                async for event in events:
                    progress.timings.setdefault("first_token", 1000 * (time.perf_counter() - asked))
                    if isinstance(event, ModelFinished):
                        if notice := _cut(prompt, event):
                            yield Notice(notice)
                        if event.stopped_at_limit:
                            progress.incomplete = _limit_reached(prompt)
                        continue
                    if isinstance(event, TextDelta):
                        progress.text += event.text
                    yield event
        finally:
            progress.timings["generate"] = 1000 * (time.perf_counter() - asked)

    def _finish(self, progress: _Progress, started: float) -> Answer:
        checked = check(progress.text, progress.hits, self._similarity)
        progress.timings["total"] = 1000 * (time.perf_counter() - started)
        return Answer(
            text=checked.text,
            model=progress.model,
            searched=progress.searched,
            citations=checked.citations,
            unsupported=checked.unsupported,
            incomplete=progress.incomplete,
            timings_ms=progress.timings,
        )


def _to_answer(question: Question, progress: _Progress) -> str:
    """The question as the model sees it: a follow-up keeps what it follows up."""
    text = question.text.strip()
    return text if progress.searched == text else f"{text} (in full: {progress.searched})"


def _limit_reached(prompt: Prompt) -> str:
    return (
        f"The answer reached its limit of {prompt.answer_tokens} tokens. Raise answer_tokens for longer ones."
    )


def _cut(prompt: Prompt, finished: ModelFinished) -> str | None:
    read = finished.prompt_tokens
    if read is None or read >= _READ_SHARE * prompt.tokens:
        return None
    return (
        f"The model's server read only {read} of about {prompt.tokens} tokens of the passages. "
        "Set context_tokens to what the server really runs with."
    )


def _refusal(question: str, progress: _Progress) -> Answer:
    text = _NOTHING.get(language(question), _NOTHING["en"])
    return Answer(text, extractive.NAME, progress.searched, (), refused=True, timings_ms=progress.timings)
