"""What the page knows of the library before the first question of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.types import Caller, Chunk, Document, DocumentState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.knowledge_base import KnowledgeBase

_STARTERS = 3
_LOOKED_AT = 5
"""Documents, the newest, whose headings become questions."""
_PASSAGES = 40
"""Of each: the beginning of a document names its parts."""
_SHORTEST, _LONGEST = 4, 60
"""Characters of a heading that makes a question: below it is a number, above it is a sentence."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The library as somebody finds it who has not asked yet."""

    documents: int = 0
    ready: int = 0
    imports: int = 0
    """That are not finished."""
    headings: tuple[str, ...] = ()
    """Of parts of its documents, to ask about."""


def look(kb: KnowledgeBase, caller: Caller) -> Welcome:
    """Returns what there is now; cheap enough for every page that opens."""
    return Welcome(
        documents=kb.library.count(caller=caller),
        ready=len(kb.library.facets(caller=caller).documents),
        imports=kb.jobs.queue(caller=caller).unfinished,
        headings=_headings(kb, caller),
    )


def _headings(kb: KnowledgeBase, caller: Caller) -> tuple[str, ...]:
    """Returns headings of the newest documents that can be searched, of as many documents as have any."""
    of_each = []
    for document in kb.library.documents(caller=caller, limit=_LOOKED_AT):
        if document.state is not DocumentState.READY or not document.searchable:
            continue
        passages = kb.library.passages(document.id, caller=caller, count=_PASSAGES)
        of_each.append(_of_document(document, passages))
    chosen: dict[str, None] = {}
    for rank in range(_STARTERS):
        chosen |= dict.fromkeys(headings[rank] for headings in of_each if rank < len(headings))
    return tuple(chosen)[:_STARTERS]


def _of_document(document: Document, passages: Sequence[Chunk]) -> list[str]:
    """Returns the headings in ``passages``, each once; of one that is a single passage its title, where it is written
    above the text: what only the file's properties say may be the name of a template.
    """
    headings = [passage.heading_path[-1].strip() for passage in passages if passage.heading_path]
    if not headings and document.title and passages and document.title in passages[0].text.split("\n"):
        headings = [document.title]
    return list(dict.fromkeys(each for each in headings if _SHORTEST <= len(each) <= _LONGEST))
