"""How many of a library's own labelled questions find the passage that a person kept with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.errors import NotFound
from kb.state.documents import Documents
from kb.types import Chunk, LabelledQuestion, Question

if TYPE_CHECKING:
    from kb.answer.answerer import Answerer

PASSAGES = 10
"""Of the passages found, how many may have it: recall@10, as everywhere."""


MOST_QUESTIONS = 200
"""Labelled questions that are asked before and after a change; more would keep it waiting."""
_LEAST_SHARED = 0.5
"""Of the shorter of two passages that were cut otherwise: what both have of the text."""


@dataclass(frozen=True, slots=True)
class QuestionsHit:
    """How many questions found their passage."""

    first: int
    """In the first place."""
    found: int
    """Among the first ``PASSAGES``."""


def found_by(
    answerer: Answerer,
    labelled: Sequence[LabelledQuestion],
    documents: Documents,
    stopped: Callable[[], bool],
    *,
    collections: tuple[str, ...] = (),
) -> QuestionsHit:
    """Returns how many of the questions find their passage in its own document; no model answers.

    They are asked of ``collections`` alone; of none: of all.
    """
    return asyncio.run(_found(answerer, labelled, documents, stopped, collections))


def labelled_in(
    labelled: Sequence[LabelledQuestion], collection: str, documents: Documents
) -> list[LabelledQuestion]:
    """Returns those of the questions whose passage is in a document of ``collection``."""
    held = {document.sha256 for document in documents.page(collection=collection)}
    return [kept for kept in labelled if kept.sha256 in held]


async def _found(
    answerer: Answerer,
    labelled: Sequence[LabelledQuestion],
    documents: Documents,
    stopped: Callable[[], bool],
    collections: tuple[str, ...],
) -> QuestionsHit:
    first = found = 0
    for kept in labelled:
        if stopped():
            break
        hits = (await answerer.search(Question(kept.question, collections=collections), k=PASSAGES)).hits
        places = [place for place, hit in enumerate(hits) if holds(hit.chunk, kept, documents)]
        first += places[:1] == [0]
        found += bool(places)
    return QuestionsHit(first, found)


def holds(chunk: Chunk, kept: LabelledQuestion, documents: Documents) -> bool:
    """Returns whether a passage is the one that was kept with a question, in its own document.

    Where the document is cut otherwise by now, one that has half of it, or half of which is in it.
    """
    try:
        document = documents.get(chunk.document_id)
    except NotFound:  # removed meanwhile
        return False
    quote, text = "".join(kept.quote.split()), "".join(chunk.text.split())
    return document.sha256 == kept.sha256 and (quote in text or text in quote or _overlap(quote, text))


def _overlap(one: str, other: str) -> bool:
    """Returns whether the end of one is the beginning of the other, for ``_LEAST_SHARED`` of the shorter."""
    shorter = min(len(one), len(other))
    sizes = range(int(shorter * _LEAST_SHARED) + 1, shorter)
    return any(one[-size:] == other[:size] or other[-size:] == one[:size] for size in sizes)
