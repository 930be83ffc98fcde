"""Answers from what the library knows of itself: greetings, which documents there are, how many, what can be asked."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import PurePath

from kb.answer.fence import name_on_one_line
from kb.answer.passage_source import DocumentReader
from kb.text.language import language
from kb.text.word_lists import WordLists, all_word_lists, word_lists
from kb.text.words import fold
from kb.types import LIBRARY, Answer, Document, DocumentState, Question

_KINDS = ("greeting", "thanks", "abilities", "document_list", "document_count")
_LONGEST = 80
"""Characters; what is longer says more than that."""
_LISTED = 40
_EDGES = " \t\n?？!！.。,，~～、:："


def fact_asked(question: str) -> tuple[str, str] | None:
    """Returns (what is asked of the library itself, the code of the language); None for any other question."""
    said = fold(question).strip(_EDGES)
    if not said or len(said) > _LONGEST:
        return None
    for each in all_word_lists():
        for kind in _KINDS:
            if any(re.fullmatch(pattern, said) for pattern in _patterns(each.language, kind)):
                return kind, each.language
    return None


def library_answer(question: Question, reader: DocumentReader | None) -> Answer | None:
    """Returns the answer to what is asked of the library itself; None for a question to its documents.

    ``reader`` is None where documents cannot be listed.
    """
    started = time.perf_counter()
    asked = fact_asked(question.text) if reader is not None and question.searched is None else None
    if asked is None or reader is None:
        return None
    collection = question.collections[0] if len(question.collections) == 1 else None
    text = facts_text(*asked, reader.documents(collection))
    timings = {"total": 1000 * (time.perf_counter() - started)}
    return Answer(text, LIBRARY, question.text.strip(), citations=(), timings_ms=timings)


def empty_library_answer(question: Question, reader: DocumentReader | None, started: float) -> Answer | None:
    """Returns the answer to any question while no document can be searched; None where one can, or ``reader`` is None.

    ``started`` is when the question came, by ``time.perf_counter``.
    """
    if reader is None:
        return None
    documents = reader.documents(None)
    if _ready(documents):
        return None
    text = _nothing_to_search(documents, _says(language(question.text)))
    timings = {"total": 1000 * (time.perf_counter() - started)}
    return Answer(text, LIBRARY, question.text.strip(), citations=(), refused=True, timings_ms=timings)


def facts_text(kind: str, code: str, documents: Sequence[Document]) -> str:
    """Returns what ``fact_asked`` found is asked, in its language, from the documents that are searched."""
    ready = _ready(documents)
    says = _says(code)
    if not ready and kind != "thanks":
        return _nothing_to_search(documents, says)
    text = says[kind].format(count=_count(len(ready), says))
    if kind == "document_list":
        names = sorted((name_on_one_line(document.name) for document in ready), key=str.casefold)
        lines = [f"- {name}" for name in names[:_LISTED]]
        if len(names) > _LISTED:
            lines.append(f"- {says['more'].format(count=len(names) - _LISTED)}")
        text += "\n\n" + "\n".join(lines)
    if kind in ("document_list", "document_count"):
        text += f"\n\n{says['formats'].format(formats=_formats(ready, says))}"
    return text


def _ready(documents: Sequence[Document]) -> list[Document]:
    return [
        document for document in documents if document.state is DocumentState.READY and document.searchable
    ]


def _nothing_to_search(documents: Sequence[Document], says: dict[str, str]) -> str:
    return says["none_ready" if documents else "no_documents"]


def _count(number: int, says: dict[str, str]) -> str:
    return says["document"] if number == 1 else says["documents"].format(count=number)


def _formats(documents: Sequence[Document], says: dict[str, str]) -> str:
    counts = Counter(PurePath(document.name).suffix.lstrip(".").upper() or "-" for document in documents)
    return says["between_formats"].join(
        says["of_format"].format(count=count, format=suffix) for suffix, count in counts.most_common()
    )


def _says(code: str) -> dict[str, str]:
    return dict(word_lists(code).says or word_lists("en").says)


@cache
def _patterns(code: str, kind: str) -> tuple[re.Pattern[str], ...]:
    lists: WordLists = word_lists(code)
    return tuple(re.compile(pattern) for pattern in getattr(lists, kind))
