"""How many of a library's own labelled questions find the passage that a person kept with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kb.errors import NotFound
from kb.state.documents import Documents
from kb.types import Chunk, LabelledQuestion, Question

if TYPE_CHECKING:
    from kb.answer.answerer import Answerer

PASSAGES = 10
"""Of the passages found, how many may have it: recall@10, as everywhere."""


def found_by(
    answerer: Answerer,
    labelled: Sequence[LabelledQuestion],
    documents: Documents,
    stopped: Callable[[], bool],
) -> int:
    """Returns how many of the questions find their passage in its own document; no model answers."""
    return asyncio.run(_found(answerer, labelled, documents, stopped))


async def _found(
    answerer: Answerer,
    labelled: Sequence[LabelledQuestion],
    documents: Documents,
    stopped: Callable[[], bool],
) -> int:
    found = 0
    for kept in labelled:
        if stopped():
            break
        hits = (await answerer.search(Question(kept.question), k=PASSAGES)).hits
        found += any(holds(hit.chunk, kept, documents) for hit in hits)
    return found


def holds(chunk: Chunk, kept: LabelledQuestion, documents: Documents) -> bool:
    """Returns whether a passage is the one that was kept with a question, in its own document."""
    try:
        document = documents.get(chunk.document_id)
    except NotFound:  # removed meanwhile
        return False
    quote, text = "".join(kept.quote.split()), "".join(chunk.text.split())
    return document.sha256 == kept.sha256 and (quote in text or text in quote)
