"""What the page knows of the library before the first question of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.text.document_names import shown_name
from kb.types import Caller, DocumentState

if TYPE_CHECKING:
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
    """Returns headings of the newest documents that can be searched, of as many documents as there are.

    One that is a single passage has none; its name stands for it.
    """
    of_each = []
    for document in kb.library.documents(caller=caller, limit=_LOOKED_AT):
        if document.state is not DocumentState.READY or not document.searchable:
            continue
        passages = kb.library.passages(document.id, caller=caller, count=_PASSAGES)
        last = (passage.heading_path[-1].strip() for passage in passages if passage.heading_path)
        headings = list(dict.fromkeys(each for each in last if _SHORTEST <= len(each) <= _LONGEST))
        of_each.append(headings or [shown_name(document.name).rpartition(".")[0] or document.name])
    chosen: dict[str, None] = {}
    for rank in range(_STARTERS):
        chosen |= dict.fromkeys(headings[rank] for headings in of_each if rank < len(headings))
    return tuple(chosen)[:_STARTERS]
