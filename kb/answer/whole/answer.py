"""An answer from whole documents: a model's notes on all their parts, or without a model their best sentences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from kb.answer.draft import Draft
from kb.answer.fence import DrawMark, new_mark
from kb.answer.generation import generate
from kb.answer.passage_source import DocumentReader
from kb.answer.prompt import Prompt
from kb.answer.whole.extractive_summary import differences, summarised
from kb.answer.whole.intent import DocumentTask
from kb.answer.whole.map_reduce import MapNotes, read, to_write
from kb.ports import ChatModel, Similarity
from kb.state.namesakes import told_apart
from kb.types import AnswerEvent, Searched, TextDelta

_FRAME_TOKENS = 400
"""For what is said around the notes on whole documents."""


async def quote_documents(
    task: DocumentTask, document_reader: DocumentReader, draft: Draft, similarity: Similarity
) -> AsyncGenerator[AnswerEvent, None]:
    """Yields ``Searched`` with the passages that are quoted, then their best sentences."""
    if task.kind == "comparison":
        checked, hits = await asyncio.to_thread(differences, draft.searched, task, document_reader)
    else:
        checked, hits = await asyncio.to_thread(summarised, task, document_reader, similarity)
    draft.checked, draft.text = checked, checked.text
    draft.hits = tuple(hits)
    yield Searched(draft.searched, draft.hits, timings_ms=draft.timings)
    yield TextDelta(draft.text)


async def write_from_documents(
    task: DocumentTask,
    document_reader: DocumentReader,
    draft: Draft,
    model: ChatModel,
    *,
    context_tokens: int,
    answer_tokens: int,
    draw: DrawMark = new_mark,
) -> AsyncGenerator[AnswerEvent, None]:
    """Yields ``Progress`` while ``model`` reads, ``Searched`` with what its notes cite, then what it writes.

    Raises:
        BackendDown, NotFound: the model does not answer, or breaks off.
    """
    notes = MapNotes()
    reading = read(
        draft.searched, task, document_reader, model, context_tokens=context_tokens, notes=notes, draw=draw
    )
    async with aclosing(reading) as steps:
        async for progress in steps:
            yield progress
    draft.hits = told_apart(notes.hits)
    yield Searched(draft.searched, draft.hits, notes.skipped, draft.timings)
    answer_tokens = min(answer_tokens, context_tokens // 4)
    budget = context_tokens - answer_tokens - _FRAME_TOKENS
    messages = await to_write(draft.searched, notes, model, budget=budget, draw=draw)
    prompt = Prompt(messages, draft.hits, notes.skipped, 0, answer_tokens)
    async with aclosing(generate(model, prompt, draft, context_tokens=context_tokens)) as events:
        async for event in events:
            yield event
