"""From a question to a checked answer: a list of steps, reported as they happen."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from kb.answer.answerability import is_unanswerable
from kb.answer.citation_marks import FootnoteStream
from kb.answer.context_window import expand_context
from kb.answer.extractive import extract
from kb.answer.passage_source import DocumentReader
from kb.answer.prompt import Prompt, pack
from kb.answer.query_rewrite import condense, condense_without_model, is_follow_up
from kb.answer.refusal import is_refusal
from kb.answer.verify.checker import Checked, check, closest
from kb.answer.verify.llm_judge import LlmJudge
from kb.answer.whole.extractive_summary import digest
from kb.answer.whole.intent import DocumentTask, detect_task
from kb.answer.whole.map_reduce import MapNotes, read, to_write
from kb.errors import FootnoteError
from kb.ports import ChatModel, ChooseModel, Similarity
from kb.text.language import language
from kb.text.query_syntax import parse_query
from kb.types import (
    EXTRACTIVE,
    Answer,
    AnswerEvent,
    ChatOptions,
    Context,
    Filters,
    Hit,
    ModelFinished,
    Notice,
    Question,
    Retrieved,
    Searched,
    StandaloneQuestion,
    Support,
    TextDelta,
    ThinkingDelta,
)

log = logging.getLogger(__name__)

_NOTHING = {
    "zh": "在文档中没有找到与这个问题相关的内容。",
    "en": "Nothing in the documents answers this question.",
}
_WIDENED = 3
"""So many of the best passages are read with their neighbours. On a CPU a model reads some fifty tokens a second:
all of them would triple the wait for the first word."""
_WIDE_TOKENS = 600
"""The longest passage with its neighbours, in the embedder's tokens."""
_FRAME_TOKENS = 400
"""For what is said around the notes on whole documents."""
_READ_SHARE = 0.8
"""A server that says it read less of the prompt than this cut it: Ollama does so without a word."""


@dataclass(slots=True)
class _Draft:
    """What an answer is made of while it is being made."""

    searched: str
    hits: tuple[Hit, ...]
    model: str
    timings: dict[str, float]
    context: str = ""
    """What was said before and was searched with it; empty where ``searched`` says everything."""
    text: str = ""
    incomplete: str | None = None


class Retrieves(Protocol):
    """What finds the passages: ``kb.retrieval.retriever.Retriever``."""

    def retrieve(
        self,
        question: str,
        *,
        k: int,
        collection: str | None = None,
        filters: Filters | None = None,
        context: Context | None = None,
    ) -> Retrieved:
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
        document_reader: DocumentReader | None = None,
        judge: LlmJudge | None = None,
    ) -> None:
        """``document_reader`` is where whole documents are read from; None answers every question from passages.

        ``judge`` has the last word on footnotes; None leaves it to words and meaning.
        """
        self._judge = judge
        self._document_reader = document_reader
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
        text, filters = parse_query(question.text)
        question = replace(question, text=text)
        document_reader = (
            self._document_reader if question.searched is None and filters == Filters() else None
        )
        if document_reader and (whole := await asyncio.to_thread(_detect_task, question, document_reader)):
            async with aclosing(self._of_whole(question, whole, document_reader, started)) as events:
                async for event in events:
                    yield event
            return
        asked, found = await self._find(question, filters, k=self._passages)
        draft = _Draft(asked.text, found.hits, EXTRACTIVE, dict(found.timings_ms))
        draft.context = asked.context.text if asked.context else ""
        yield Searched(asked.text, found.hits, timings_ms=draft.timings, context=draft.context)
        # "And now?" alone names nothing, and what was said before may be anything: then the model decides
        judged = not (found.hits and draft.context and is_follow_up(draft.searched))
        if judged and await asyncio.to_thread(is_unanswerable, asked.text, found.hits, self._similarity):
            yield await asyncio.to_thread(self._refusal, question.text, draft, started)
            return
        async with aclosing(self._finished(self._write(question, draft), draft, started)) as events:
            async for event in events:
                yield event

    async def _finished(
        self, writing: AsyncGenerator[AnswerEvent, None], draft: _Draft, started: float
    ) -> AsyncGenerator[AnswerEvent, None]:
        """What is written, as far as it comes, then the checked answer."""
        try:
            async with aclosing(writing) as events:
                async for event in events:
                    yield event
        except FootnoteError as error:
            log.warning("the answer breaks off: %s", error)
            draft.incomplete = str(error)
        checked = await asyncio.to_thread(check, draft.text, draft.hits, self._similarity)
        if self._judge and checked.checks and draft.model != EXTRACTIVE:  # who quotes needs no judge
            judgement = await self._judge.on(checked, draft.hits)
            checked = judgement.checked
            if judgement.problem:
                yield Notice(_not_judged(judgement.problem))
        yield await asyncio.to_thread(self._finish, draft, checked, started)

    # --- From whole documents -----------------------------------------------------------------

    async def _of_whole(
        self, question: Question, whole: DocumentTask, document_reader: DocumentReader, started: float
    ) -> AsyncGenerator[AnswerEvent, None]:
        """``Progress`` while the documents are read, ``Searched`` with what the notes name, then the answer."""
        draft = _Draft(question.text.strip(), (), EXTRACTIVE, {})
        writing = self._write_of_whole(question, whole, document_reader, draft)
        async with aclosing(self._finished(writing, draft, started)) as events:
            async for event in events:
                yield event

    async def _write_of_whole(
        self, question: Question, whole: DocumentTask, document_reader: DocumentReader, draft: _Draft
    ) -> AsyncGenerator[AnswerEvent, None]:
        model, status = await self._choose_model(question.model)
        draft.model = status.name
        if model is None:
            draft.text, hits = await asyncio.to_thread(
                digest, draft.searched, whole, document_reader, self._similarity
            )
            draft.hits = tuple(hits)
            yield Searched(draft.searched, draft.hits, timings_ms=draft.timings)
            yield TextDelta(draft.text)
            return
        context = min(await model.context_tokens(), self._context_tokens)
        notes = MapNotes()
        reading = read(draft.searched, whole, document_reader, model, context_tokens=context, notes=notes)
        async with aclosing(reading) as steps:
            async for progress in steps:
                yield progress
        draft.hits = tuple(notes.hits)
        yield Searched(draft.searched, draft.hits, notes.skipped, draft.timings)
        answer_tokens = min(self._answer_tokens, context // 4)
        messages = await to_write(
            draft.searched, notes, model, budget=context - answer_tokens - _FRAME_TOKENS
        )
        prompt = Prompt(messages, draft.hits, notes.skipped, 0, answer_tokens)
        async with aclosing(self._generate(model, prompt, context, draft)) as events:
            async for event in events:
                yield event

    # --- From passages ------------------------------------------------------------------------

    async def search(self, question: Question, *, k: int) -> tuple[StandaloneQuestion, Retrieved]:
        """What ``question`` is searched as, and the ``k`` best passages: what its answer begins with.

        Raises:
            BadInput: the question is empty.
        """
        text, filters = parse_query(question.text)
        return await self._find(replace(question, text=text), filters, k=k)

    async def _find(
        self, question: Question, filters: Filters, *, k: int
    ) -> tuple[StandaloneQuestion, Retrieved]:
        started = time.perf_counter()
        asked = await self._condensed(question)
        rewriting = 1000 * (time.perf_counter() - started)
        found = await asyncio.to_thread(
            self._retriever.retrieve,
            asked.text,
            k=k,
            collection=None if filters.collections else question.collection,
            filters=filters,
            context=asked.context,
        )
        return asked, replace(found, timings_ms={"rewrite": rewriting, **found.timings_ms})

    async def _condensed(self, question: Question) -> StandaloneQuestion:
        """What to search for: what somebody put into words, else the model, else the history as it is."""
        if question.searched is not None:
            return StandaloneQuestion(question.searched.strip())
        if not question.history:
            return StandaloneQuestion(question.text.strip())
        try:
            model, _ = await self._choose_model(question.model)
        except FootnoteError:  # the answer will say so; the passages can be found all the same
            model = None
        written = None
        if model is not None:
            written = await condense(
                question.text, question.history, model, context_tokens=self._context_tokens
            )
        return (
            StandaloneQuestion(written)
            if written
            else condense_without_model(question.text, question.history)
        )

    async def _write(self, question: Question, draft: _Draft) -> AsyncGenerator[AnswerEvent, None]:
        """The steps that produce text; what they learn is left in ``draft``."""
        model, status = await self._choose_model(question.model)
        draft.model = status.name
        if model is None:
            draft.text = await asyncio.to_thread(extract, draft.searched, draft.hits, self._similarity)
            yield TextDelta(draft.text)
            return
        context = min(await model.context_tokens(), self._context_tokens)
        prompt = await self._packed(_to_answer(question, draft), draft.hits, model, context)
        if prompt.hits != draft.hits:
            draft.hits = prompt.hits
            yield Searched(draft.searched, prompt.hits, prompt.dropped, draft.timings, draft.context)
        async with aclosing(self._generate(model, prompt, context, draft)) as events:
            async for event in events:
                yield event

    async def _packed(self, question: str, hits: Sequence[Hit], model: ChatModel, context: int) -> Prompt:
        """The prompt, the best passages with what stands around them where that pushes no other out."""
        packing = {"context_tokens": context, "answer_tokens": self._answer_tokens}
        prompt = await pack(question, hits, model, **packing)
        if self._document_reader is None or prompt.dropped:
            return prompt
        wide = await asyncio.to_thread(
            expand_context, hits, self._document_reader.passages_from, most_tokens=_WIDE_TOKENS, best=_WIDENED
        )
        wider = await pack(question, wide, model, **packing)
        return prompt if wider.dropped else wider

    async def _generate(
        self, model: ChatModel, prompt: Prompt, context: int, draft: _Draft
    ) -> AsyncGenerator[AnswerEvent, None]:
        asked = time.perf_counter()
        footnotes = FootnoteStream(prompt.hits)
        options = ChatOptions(max_tokens=prompt.answer_tokens, context_tokens=context)
        try:
            async with aclosing(model.stream(prompt.messages, options)) as events:
                async for event in events:
                    draft.timings.setdefault("first_token", 1000 * (time.perf_counter() - asked))
                    if isinstance(event, ModelFinished):
                        if notice := _cut(prompt, event):
                            yield Notice(notice)
                        if event.stopped_at_limit:
                            draft.incomplete = _limit_reached(prompt)
                        continue
                    if isinstance(event, ThinkingDelta):
                        yield event
                    elif piece := footnotes.push(event.text):
                        draft.text += piece
                        yield TextDelta(piece)
        finally:
            draft.text += (rest := footnotes.finish())
            draft.timings["generate"] = 1000 * (time.perf_counter() - asked)
        if rest:
            yield TextDelta(rest)

    def _finish(self, draft: _Draft, checked: Checked, started: float) -> Answer:
        supported = any(found.support is Support.SUPPORTED for found in checked.checks)
        declined = draft.model != EXTRACTIVE and not supported and is_refusal(checked.text)
        nearest = closest(draft.searched, draft.hits, self._similarity) if declined else ()
        draft.timings["total"] = 1000 * (time.perf_counter() - started)
        return Answer(
            text=checked.text,
            model=draft.model,
            searched=draft.searched,
            citations=() if declined else checked.citations,
            unsupported=() if declined else checked.unsupported,
            incomplete=draft.incomplete,
            timings_ms=draft.timings,
            checks=() if declined else checked.checks,
            refused=declined,
            closest=nearest,
        )

    def _refusal(self, question: str, draft: _Draft, started: float) -> Answer:
        """Says that there is no answer, and offers what comes nearest to one."""
        text = _NOTHING.get(language(question), _NOTHING["en"])
        nearest = closest(draft.searched, draft.hits, self._similarity)
        draft.timings["total"] = 1000 * (time.perf_counter() - started)
        return Answer(
            text=text,
            model=EXTRACTIVE,
            searched=draft.searched,
            citations=(),
            refused=True,
            timings_ms=draft.timings,
            closest=nearest,
        )


def _detect_task(question: Question, document_reader: DocumentReader) -> DocumentTask | None:
    return detect_task(
        question.text, document_reader, collection=question.collection, history=question.history
    )


def _to_answer(question: Question, draft: _Draft) -> str:
    """The question as the model sees it: a follow-up keeps what it follows up."""
    text = question.text.strip()
    if draft.context:  # it could not be rewritten
        before = question.history[-1]
        return f"{text} (asked after: {before.searched or before.question})"
    return text if draft.searched == text else f"{text} (in full: {draft.searched})"


def _limit_reached(prompt: Prompt) -> str:
    return (
        f"The answer reached its limit of {prompt.answer_tokens} tokens. Raise answer_tokens for longer ones."
    )


def _not_judged(problem: str) -> str:
    return f"The judge of footnotes did not judge every sentence, words and meaning decided: {problem}"


def _cut(prompt: Prompt, finished: ModelFinished) -> str | None:
    read = finished.prompt_tokens
    if read is None or read >= _READ_SHARE * prompt.tokens:
        return None
    return (
        f"The model's server read only {read} of about {prompt.tokens} tokens of the passages. "
        "Set context_tokens to what the server really runs with."
    )
