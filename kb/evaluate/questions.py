"""Questions whose answers are known, and the documents that they are asked of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from kb.evaluate.metrics import Range
from kb.types import LabelledQuestion, Turn

KEPT = "kept"
"""The name of the set of questions that a person labelled."""


class SetKind(StrEnum):
    """What counts as found, see ``kb.evaluate.matching``."""

    DOCUMENTS = "documents"
    """Short documents, each relevant or not as a whole."""
    SPANS = "spans"
    """Long texts, with the characters that answer."""
    PASSAGES = "passages"
    """Real files, with the page or the words that answer."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A document of a set: a file on this machine, or a text that becomes one."""

    id: str
    name: str
    """Unlike every other name of the set."""
    sha256: str
    path: Path | None = None
    text: str | None = None

    def content(self) -> bytes:
        return self.path.read_bytes() if self.path else (self.text or "").encode()


@dataclass(frozen=True, slots=True)
class Gold:
    """One thing that a good search finds."""

    id: str
    document: str
    """The SHA-256 of the document's bytes or, where only that is known, its name."""
    gain: float = 1
    """How good it is to find it; 1 for right."""
    pages: tuple[int, int] | None = None
    """First and last page that answer, 1-based."""
    answers: tuple[str, ...] = ()
    """Words of which at least one stands in a passage that answers."""
    quote: str | None = None
    """The passage that answers, or the part of it that does."""
    span: Range | None = None
    """The characters of the document that answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what is known of the answer."""

    id: str
    text: str
    history: tuple[Turn, ...] = ()
    gold: tuple[Gold, ...] = ()
    """Empty where nobody judged what answers it, and where nothing does."""
    answers: tuple[str, ...] = ()
    """What a right answer contains, any of them; empty where that is not known."""
    answerable: bool | None = None
    """None where it is not known whether the documents answer it."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions, and the documents that they are asked of."""

    name: str
    kind: SetKind
    questions: tuple[Question, ...]
    documents: tuple[SourceFile, ...] = ()
    """Empty where the questions are about the person's own library."""
    growing: bool = False
    """Whether questions come and go while its results still belong together, with their intervals."""
    notes: tuple[str, ...] = ()
    """What could not be used, a sentence each."""
    _keys: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def corpus_key(self) -> str:
        """A hash of the documents: their names and bytes."""
        return self._key("corpus", ((file.name, file.sha256) for file in self.documents))

    @property
    def key(self) -> str:
        """A hash of documents and questions, or the name of a growing set: what has the same key belongs together."""
        if self.growing:
            return self.name
        return self._key("set", ((self.corpus_key,), *((asked.id, repr(asked)) for asked in self.questions)))

    def _key(self, name: str, parts: Iterable[Sequence[str]]) -> str:
        if name not in self._keys:
            self._keys[name] = hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:16]
        return self._keys[name]


def labelled_set(kept: Iterable[LabelledQuestion]) -> QuestionSet:
    """Returns the questions that a person labelled, each text once, with every passage that was marked for it."""
    gold: dict[str, list[Gold]] = {}
    for each in kept:
        pages = (each.page, each.page) if each.page is not None else None
        gold.setdefault(each.question, []).append(
            Gold(f"kept {each.id}", each.sha256, pages=pages, quote=each.quote)
        )
    questions = [
        Question(text, text, gold=tuple(found), answerable=True) for text, found in sorted(gold.items())
    ]
    return QuestionSet(KEPT, SetKind.PASSAGES, tuple(questions), growing=True)


def answerable_from(question_set: QuestionSet, present: Collection[str]) -> QuestionSet:
    """Returns the set without questions about documents that are not ``present`` (SHA-256 and names), noting those."""
    lacking = {
        question.id: question.gold[0].document
        for question in question_set.questions
        if question.gold and not any(not gold.document or gold.document in present for gold in question.gold)
    }
    notes = [
        f"{document}: not in the library; the questions about it are left out."
        for document in sorted(set(lacking.values()))
    ]
    kept = tuple(question for question in question_set.questions if question.id not in lacking)
    return replace(question_set, questions=kept, notes=(*question_set.notes, *notes), _keys={})
