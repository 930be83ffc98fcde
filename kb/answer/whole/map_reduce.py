"""Whole documents by map and reduce: a model takes notes of them part by part, then answers from the notes."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from kb.answer.citation_marks import annotated
from kb.answer.completion import text_from
from kb.answer.fence import DrawMark, Fence, new_mark, without_template_tokens
from kb.answer.passage_source import DocumentReader
from kb.answer.prompt import FENCED, answer_language, passage_text
from kb.answer.whole.intent import DocumentTask
from kb.ports import ChatModel
from kb.state.namesakes import display_names
from kb.text.citation_marks import FOOTNOTE
from kb.types import (
    ChatOptions,
    Chunk,
    Document,
    Hit,
    Message,
    Progress,
)

_MOST_PARTS = 24
"""A model reads at most so many parts; of a longer document it reads passages at even distances."""
_NOTE_TOKENS = 320
_SAFETY_TOKENS = 96

_READ = (
    "You read one part of a document. Write its main points in at most five short sentences, in {language}. "
    "After each sentence write the number of the passage it rests on in square brackets, like this: "
    f"Sales rose by 4% [2]. {FENCED}"
)
_WRITE = (
    "You answer a question about whole documents from notes on all their parts. Use only the notes. Keep the numbers "
    "in square brackets behind what they stand behind, like this: Sales rose by 4% [2]. Begin with the most "
    f"important. {FENCED} Be brief. Answer in {{language}}."
)


@dataclass(slots=True)
class MapNotes:
    """The notes taken of whole documents, by document, and the passages that they cite."""

    hits: list[Hit] = field(default_factory=list)
    texts: list[tuple[Document, str]] = field(default_factory=list)
    skipped: int = 0
    """Passages of a very long document that were not read."""


async def read(
    question: str,
    whole: DocumentTask,
    document_reader: DocumentReader,
    model: ChatModel,
    *,
    context_tokens: int,
    notes: MapNotes,
    draw: DrawMark = new_mark,
) -> AsyncGenerator[Progress, None]:
    """Has ``model`` take notes of every part, and leaves them in ``notes``; progress after each.

    A footnote of the notes is the number of a passage in ``notes.hits``: only those that are named
    are kept, so that a book does not bring a thousand sources.

    Raises:
        BackendDown, NotFound: the model does not answer.
    """
    system = Message("system", _READ.format(language=answer_language(question)))
    asked = without_template_tokens(question)
    frame = await model.count_tokens(system.content + question)
    note_tokens = min(_NOTE_TOKENS, context_tokens // 4)
    budget = max(128, context_tokens - note_tokens - frame - _SAFETY_TOKENS)
    parts: list[tuple[Document, list[Hit]]] = []
    for document in whole.documents:
        found = await _parts(document, document_reader.passages(document.id), model, budget, draw)
        parts.extend((document, part) for part in found)
    kept = _evenly(parts, _MOST_PARTS)
    names = display_names(whole.documents)
    notes.skipped = sum(len(part) for _, part in parts) - sum(len(part) for _, part in kept)
    for done, (document, part) in enumerate(kept):
        yield Progress(done, len(kept), names.get(document.id, document.name))
        fence = Fence(draw())
        texts = [passage_text(number, hit, fence) for number, hit in enumerate(part, start=1)]
        passages = "\n\n".join((*texts, fence.end))
        messages = (system, Message("user", f"{passages}\n\nThe question to be answered later: {asked}"))
        options = ChatOptions(max_tokens=note_tokens, context_tokens=context_tokens)
        written = annotated(await text_from(model, messages, options), part)
        notes.texts.append((document, _renumbered(written, part, notes.hits)))
    yield Progress(len(kept), len(kept), whole.documents[-1].name)


async def to_write(
    question: str, notes: MapNotes, model: ChatModel, *, budget: int, draw: DrawMark = new_mark
) -> tuple[Message, ...]:
    """Returns the messages that make an answer of the notes; each part keeps as much of its notes as fits."""
    system = Message("system", _WRITE.format(language=answer_language(question)))
    texts = [text for _, text in notes.texts]
    total = await model.count_tokens("\n".join(texts))
    if total > budget:
        texts = [text[: max(40, len(text) * budget // total)] for text in texts]
    fence = Fence(draw())
    blocks: list[str] = []
    names = display_names(document for document, _ in notes.texts)
    before: Document | None = None
    for (document, _), text in zip(notes.texts, texts, strict=True):
        if document is not before:
            blocks.append(fence.piece(f"Notes on {fence.label(names.get(document.id, document.name))}:"))
        blocks[-1] += f"\n{fence.disarmed(text)}"
        before = document
    asked = without_template_tokens(question)
    return (system, Message("user", "\n\n".join((*blocks, fence.end)) + f"\n\nQuestion: {asked}"))


async def _parts(
    document: Document, chunks: Sequence[Chunk], model: ChatModel, budget: int, draw: DrawMark
) -> list[list[Hit]]:
    """Returns the passages of a document in order, as many together as a model can read at once."""
    parts: list[list[Hit]] = []
    fence = Fence(draw())  # to measure with: each part is read behind one of its own, which is as long
    used = budget + 1
    for chunk in chunks:
        hit = Hit(chunk, document, score=1.0)
        tokens = await model.count_tokens(passage_text(len(parts[-1]) + 1 if parts else 1, hit, fence))
        if used + tokens > budget:
            parts.append([])
            used = 0
        parts[-1].append(hit)
        used += tokens
    return parts


def _evenly(parts: Sequence[tuple[Document, list[Hit]]], most: int) -> list[tuple[Document, list[Hit]]]:
    if len(parts) <= most:
        return list(parts)
    return [parts[round(index * (len(parts) - 1) / (most - 1))] for index in range(most)]


def _renumbered(text: str, part: Sequence[Hit], hits: list[Hit]) -> str:
    """Returns ``text`` with the numbers that its passages have among all ``hits``; new ones are added there."""
    known = {hit.chunk.id: number for number, hit in enumerate(hits, start=1)}

    def number_of(local: int) -> int:
        hit = part[local - 1]
        if hit.chunk.id not in known:
            hits.append(Hit(hit.chunk, hit.document, hit.score, rank=len(hits) + 1))
            known[hit.chunk.id] = len(hits)
        return known[hit.chunk.id]

    def renumbered(mark: re.Match[str]) -> str:
        local = int(mark[1])
        return f" [{number_of(local)}]" if 1 <= local <= len(part) else mark[0]

    return FOOTNOTE.sub(renumbered, text)
