"""From a question to a checked answer: a list of steps, reported as they happen."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Protocol

from kb.answer.answerability import is_unanswerable
from kb.answer.context_window import expand_context
from kb.answer.draft import Draft
from kb.answer.fence import DrawMark, new_mark
from kb.answer.generation import generate
from kb.answer.library_facts import empty_library_answer, library_answer
from kb.answer.looking_up import look_up_first, quoted
from kb.answer.passage_source import DocumentReader, seen_by
from kb.answer.places.finding import WordLookup
from kb.answer.prompt import Prompt, pack, question_in_full
from kb.answer.query_rewrite import is_follow_up
from kb.answer.refusal import is_refusal, refusal_text
from kb.answer.room import Room, room_of
from kb.answer.standalone import standalone
from kb.answer.verify.checker import Checked, check, closest
from kb.answer.verify.llm_judge import LlmJudge
from kb.answer.whole.answer import quote_documents, write_from_documents
from kb.answer.whole.intent import DocumentTask, detect_task
from kb.errors import FootnoteError
from kb.ports import ChatModel, ChooseModel, Similarity
from kb.state.namesakes import told_apart
from kb.types import (
    AS_SET,
    EXTRACTIVE,
    Answer,
    AnswerEvent,
    Context,
    Filters,
    Hit,
    Notice,
    Question,
    Refusals,
    Retrieved,
    Searched,
    SearchTuning,
    Support,
    TextDelta,
)

log = logging.getLogger(__name__)

_WIDENED = 3
"""So many of the best passages are read with their neighbours. On a CPU a model reads some fifty tokens a second:
all of them would triple the wait for the first word."""
_WIDE_TOKENS = 600
"""The longest passage with its neighbours, in the embedder's tokens."""


class Retrieves(Protocol):
    """What finds the passages: ``kb.retrieval.retriever.Retriever``."""

    def retrieve(
        self,
        question: str,
        *,
        k: int,
        filters: Filters,
        context: Context | None = None,
        tuning: SearchTuning = AS_SET,
    ) -> Retrieved:
        """Returns the ``k`` best passages; raises BadInput for an empty question."""
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
        refusals: Refusals = "balanced",
        document_reader: DocumentReader | None = None,
        lookup: WordLookup | None = None,
        judge: LlmJudge | None = None,
        draw: DrawMark = new_mark,
    ) -> None:
        """``refusals`` is how readily a question is refused, with a model and without it.

        ``document_reader`` is where whole documents are read from; None answers every question from passages.
        ``lookup`` is where places are found by their number; None searches for them like for other words.

        ``judge`` has the last word on footnotes; None leaves it to words and meaning. ``draw`` draws the marks of
        the prompts' fences.
        """
        self._judge = judge
        self._draw = draw
        self._document_reader = document_reader
        self._lookup = lookup
        self._retriever = retriever
        self._similarity = similarity
        self._choose_model = choose_model
        self._passages = passages
        self._room = Room(context_tokens, answer_tokens)
        self._refusals = refusals

    async def answer(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        """Yields ``Searched``, then text and notices as they come, then one ``Answer``.

        Closing the iterator stops the model. A model that is missing or fails in the middle ends the
        answer as incomplete, with what is there and the reason.

        Raises:
            BadInput: the question is empty.
        """
        started = time.perf_counter()
        reader = seen_by(question.caller, self._document_reader)
        if fact := await asyncio.to_thread(library_answer, question, reader):
            yield TextDelta(fact.text)
            yield fact
            return
        steps = await self._from_documents(question, started) or self._from_passages(question, started)
        async with aclosing(steps) as events:
            async for event in events:
                yield event

    async def search(self, question: Question, *, k: int, tuning: SearchTuning = AS_SET) -> Searched:
        """Returns the query of ``question`` and the ``k`` best passages; raises BadInput for an empty question."""
        started = time.perf_counter()
        asked = await standalone(
            question,
            self._choose_model,
            context_tokens=self._room.context,
            weight=self._similarity.thresholds.search.context_weight,
            draw=self._draw,
        )
        rewriting = 1000 * (time.perf_counter() - started)
        filters = question.effective_filters
        found = await asyncio.to_thread(
            self._retriever.retrieve, asked.text, k=k, filters=filters, context=asked.context, tuning=tuning
        )
        context = asked.context.text if asked.context else ""
        timings = {"rewrite": rewriting, **found.timings_ms}
        hits = told_apart(found.hits)
        return Searched(asked.text, hits, 0, timings, context, found.notice, found.by_words)

    # --- The two ways -------------------------------------------------------------------------

    async def _from_documents(
        self, question: Question, started: float
    ) -> AsyncGenerator[AnswerEvent, None] | None:
        """Yields the events of an answer from whole documents; None for a question that passages answer."""
        reader = seen_by(question.caller, self._document_reader)
        if reader is None or question.searched is not None:
            return None
        if question.filters != Filters() or len(question.collections) > 1:
            return None
        task = await asyncio.to_thread(_detect_task, question, reader)
        if task is None:
            return None
        draft = Draft(question.text.strip(), (), EXTRACTIVE, {})
        return self._finished(self._write_of_whole(question, task, reader, draft), draft, started)

    async def _from_passages(self, question: Question, started: float) -> AsyncGenerator[AnswerEvent, None]:
        """Retrieves, refuses what the passages do not answer, else writes and checks the answer."""
        found = await self.search(question, k=self._passages)
        draft = Draft(found.question, found.hits, EXTRACTIVE, dict(found.timings_ms), found.context)
        await asyncio.to_thread(self._look_up, question, draft)
        yield replace(found, question=draft.searched, hits=draft.hits, timings_ms=draft.timings)
        reader = None if draft.hits else seen_by(question.caller, self._document_reader)
        if fact := await asyncio.to_thread(empty_library_answer, question, reader, started):
            yield TextDelta(fact.text)
            yield fact
            return
        if found.notice:
            yield Notice(found.notice)
        if draft.refusal is not None or await asyncio.to_thread(self._is_unanswerable, draft, found):
            yield await asyncio.to_thread(self._refusal, question.text, draft, started)
            return
        async with aclosing(self._finished(self._write(question, draft), draft, started)) as events:
            async for event in events:
                yield event

    async def _finished(
        self, writing: AsyncGenerator[AnswerEvent, None], draft: Draft, started: float
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Yields the text, as far as it comes, then the checked answer."""
        try:
            async with aclosing(writing) as events:
                async for event in events:
                    yield event
        except FootnoteError as error:
            log.warning("the answer breaks off", extra={"reason": str(error)})
            draft.incomplete = str(error)
        checked = draft.checked
        if checked is None:
            checked = await asyncio.to_thread(check, draft.text, draft.hits, self._similarity)
        if self._judge and checked.checks and draft.model != EXTRACTIVE:  # who quotes needs no judge
            judgement = await self._judge.on(checked, draft.hits)
            checked = judgement.checked
            if judgement.problem:
                yield Notice(_not_judged(judgement.problem))
        yield await asyncio.to_thread(self._finish, draft, checked, started)

    # --- What is searched ---------------------------------------------------------------------

    def _look_up(self, question: Question, draft: Draft) -> None:
        if self._lookup is None:
            return
        filters = question.effective_filters

        def search(text: str) -> Sequence[Hit]:
            return self._retriever.retrieve(text, k=self._passages, filters=filters).hits

        look_up_first(draft, filters, lookup=self._lookup, search=search, similarity=self._similarity)
        draft.hits = told_apart(draft.hits)

    def _is_unanswerable(self, draft: Draft, found: Searched) -> bool:
        # "And now?" alone names nothing, and what was said before may be anything: then the model decides
        is_open = draft.hits and draft.context and is_follow_up(draft.searched)
        if draft.quotes or is_open:
            return False
        if found.by_words:  # what the passages mean is not known: whoever asked sees them, and decides
            return not draft.hits
        return is_unanswerable(
            draft.searched,
            draft.hits,
            self._similarity,
            refusals=self._refusals,
            names_a_row=draft.names_a_row,
        )

    # --- Writing ------------------------------------------------------------------------------

    async def _write(self, question: Question, draft: Draft) -> AsyncGenerator[AnswerEvent, None]:
        """Yields the steps that produce text from passages; what they learn is left in ``draft``."""
        model, status = await self._choose_model(question.model)
        draft.model = status.name
        if model is None:
            draft.checked = await asyncio.to_thread(quoted, draft, self._similarity)
            draft.text = draft.checked.text
            yield TextDelta(draft.text)
            return
        room = await room_of(model, status, self._room)
        prompt = await self._packed(question_in_full(question, draft), draft.hits, model, room)
        if prompt.hits != draft.hits:
            draft.hits = prompt.hits
            yield Searched(draft.searched, prompt.hits, prompt.dropped, draft.timings, draft.context)
        async with aclosing(generate(model, prompt, draft, context_tokens=room.context)) as events:
            async for event in events:
                yield event

    async def _write_of_whole(
        self, question: Question, task: DocumentTask, reader: DocumentReader, draft: Draft
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Yields the same steps from whole documents."""
        model, status = await self._choose_model(question.model)
        draft.model = status.name
        if model is None:
            writing = quote_documents(task, reader, draft, self._similarity)
        else:
            room = await room_of(model, status, self._room)
            writing = write_from_documents(
                task,
                reader,
                draft,
                model,
                context_tokens=room.context,
                answer_tokens=room.answer,
                draw=self._draw,
            )
        async with aclosing(writing) as events:
            async for event in events:
                yield event

    async def _packed(self, question: str, hits: Sequence[Hit], model: ChatModel, room: Room) -> Prompt:
        """Returns the prompt, the best passages with what stands around them where that pushes no other out."""
        packing = partial(
            pack,
            question,
            model=model,
            context_tokens=room.context,
            answer_tokens=room.answer,
            draw=self._draw,
        )
        prompt = await packing(hits=hits)
        if self._document_reader is None or prompt.dropped:
            return prompt
        wide = await asyncio.to_thread(
            expand_context, hits, self._document_reader.passages_from, most_tokens=_WIDE_TOKENS, best=_WIDENED
        )
        wider = await packing(hits=wide)
        return prompt if wider.dropped else wider

    # --- Ending -------------------------------------------------------------------------------

    def _finish(self, draft: Draft, checked: Checked, started: float) -> Answer:
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
            tokens=draft.tokens,
            checks=() if declined else checked.checks,
            refused=declined,
            closest=nearest,
        )

    def _refusal(self, question: str, draft: Draft, started: float) -> Answer:
        """Returns an answer that says there is none, with the passages nearest to the question."""
        nearest = closest(draft.searched, draft.hits, self._similarity)
        draft.timings["total"] = 1000 * (time.perf_counter() - started)
        return Answer(
            text=draft.refusal or refusal_text(question, likely=_languages(draft.hits)),
            model=EXTRACTIVE,
            searched=draft.searched,
            citations=(),
            refused=True,
            timings_ms=draft.timings,
            closest=nearest,
        )


def _languages(hits: Sequence[Hit]) -> frozenset[str]:
    return frozenset(filter(None, (hit.document.language for hit in hits)))


def _detect_task(question: Question, document_reader: DocumentReader) -> DocumentTask | None:
    collection = question.collections[0] if question.collections else None
    return detect_task(question.text, document_reader, collection=collection, history=question.history)


def _not_judged(problem: str) -> str:
    return f"The judge of footnotes did not judge every sentence, words and meaning decided: {problem}"
