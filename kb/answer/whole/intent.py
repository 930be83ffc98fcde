"""Whether a question wants whole documents read, and which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from kb.answer.comparing import compared
from kb.answer.passage_source import DocumentReader
from kb.text.word_lists import recogniser
from kb.text.words import fold
from kb.types import Document, DocumentState, Turn

_LEAST_NAME = 4
"""Characters of a document's name that must stand in a question for it to be meant."""
_MOST_DOCUMENTS = 2


@dataclass(frozen=True, slots=True)
class DocumentTask:
    """A question about whole documents."""

    kind: Literal["summary", "comparison"]
    documents: tuple[Document, ...]


def detect_task(
    question: str, document_reader: DocumentReader, *, collection: str | None, history: Sequence[Turn]
) -> DocumentTask | None:
    """Returns the documents that ``question`` is about as a whole; None for a question that passages answer.

    They are named in it, or it says "this report" where there is only one, or where the last answer
    rested on one. A comparison needs two.
    """
    summary, comparison = recogniser("summary").search(question), recogniser("comparison").search(question)
    if not summary and not comparison:
        return None
    ready = [
        document
        for document in document_reader.documents(collection)
        if document.state is DocumentState.READY
    ]
    meant = _named(question, ready) or _pointed_at(question, ready, history)
    if comparison and len(meant) == _MOST_DOCUMENTS and _are_the_sides(question, meant):
        return DocumentTask("comparison", meant)
    if summary and 1 <= len(meant) <= _MOST_DOCUMENTS:
        return DocumentTask("summary", meant)
    return None


def _named(question: str, documents: Sequence[Document]) -> tuple[Document, ...]:
    """Returns the documents that are named, by the longest name that stands there: ``en_36_Yuan_dynasty`` names none
    of the title "Yuan dynasty".
    """
    asked = _letters(question)
    named: set[str] = set()
    for name in sorted({name for each in documents for name in _names_of(each)}, key=len, reverse=True):
        if name in asked:
            named.add(name)
            asked = asked.replace(name, " ")
    return tuple(document for document in documents if _names_of(document) & named)


def _names(asked: str, document: Document) -> bool:
    """Returns whether the letters of a question name ``document``."""
    return any(name in asked for name in _names_of(document))


def _names_of(document: Document) -> set[str]:
    names = (_letters(PurePath(document.name).stem), _letters(document.title or ""))
    return {name for name in names if len(name) >= _LEAST_NAME}


def _are_the_sides(question: str, documents: Sequence[Document]) -> bool:
    """Returns whether ``documents`` are what ``question`` compares, and not two of the same name as one of its things.

    A question that names none of them points at them.
    """
    comparison = compared(question)
    if comparison is None or not _named(question, documents):
        return True
    left, right = (_letters(side) for side in comparison.sides)
    one, other = documents
    return (_names(left, one) and _names(right, other)) or (_names(left, other) and _names(right, one))


def _pointed_at(
    question: str, documents: Sequence[Document], history: Sequence[Turn]
) -> tuple[Document, ...]:
    comparison = compared(question)
    sides = comparison.sides if comparison else (question,)
    found = [(side, recogniser("this_document").search(side)) for side in sides]
    if not any(match and (len(sides) == 1 or match.end() == len(side)) for side, match in found):
        return ()  # "the report service" is no report
    cited = {citation.document_id for citation in history[-1].citations} if history else set()
    last = tuple(document for document in documents if document.id in cited)
    return last or (tuple(documents) if len(documents) <= _MOST_DOCUMENTS else ())


def _letters(text: str) -> str:
    """Returns ``text`` without case, spaces and marks: ``Annual-Report_2024`` is named by "annual report 2024"."""
    return re.sub(r"[\W_]+", "", fold(text))
