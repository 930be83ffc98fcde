"""One library for a kind of question: its files parsed, cut, embedded and indexed as an import does, then asked without a model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.library import Library, files
from benchmarks.quoted import quoting
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.text.citation_marks import without_marks
from kb.text.query_syntax import parse_question
from kb.types import Answer, Question


@dataclass(frozen=True, slots=True)
class Case:
    """A question, with what a right answer has."""

    question: str
    holds: tuple[str, ...] = ()
    """All of them stand in it."""
    lacks: tuple[str, ...] = ()
    """None of them does."""
    document: str = ""
    """The only document that is quoted; empty where more may be."""
    refused: bool = False


def case(question: str, *holds: str, lacks: Sequence[str] = (), document: str = "") -> Case:
    """Returns a case that is answered."""
    return Case(question, holds, tuple(lacks), document)


def refused(question: str, *holds: str) -> Case:
    """Returns a case that is refused, with ``holds`` in what is said."""
    return Case(question, holds, refused=True)


def written(folder: Path, texts: Mapping[str, str | bytes]) -> Path:
    """Writes ``texts`` into ``folder`` by their names and returns it."""
    for name, text in texts.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def misses(folder: Path, cases: Iterable[Case], embedder: RememberingEmbedder) -> list[str]:
    """Returns what is wrong with the answers to ``cases`` from the files of ``folder``, a line for each wrong one."""
    library = Library(files(folder, embedder), embedder, names=True)  # its folder goes with it
    answerer = quoting(library, embedder)

    async def ask_all() -> list[str]:
        found = []
        for one in cases:
            question = parse_question(Question(one.question), library.known_value)
            (answer,) = [event async for event in answerer.answer(question) if isinstance(event, Answer)]
            if wrong := fault(one, answer):
                found.append(f"{one.question} -> {wrong}: {answer.text!r}")
        return found

    found = asyncio.run(ask_all())
    library.close()
    return found


def fault(asked: Case, answer: Answer) -> str:
    """Returns what is wrong with ``answer``; empty where nothing is."""
    said = _squeezed(without_marks(answer.text))
    if asked.refused != answer.refused:
        return "refused" if answer.refused else "not refused"
    if missing := [one for one in asked.holds if _squeezed(one) not in said]:
        return f"without {missing}"
    if extra := [one for one in asked.lacks if _squeezed(one) in said]:
        return f"with {extra}"
    documents = {citation.document for citation in answer.citations}
    if asked.document and documents != {asked.document}:
        return f"quotes {sorted(documents)}"
    return ""


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
