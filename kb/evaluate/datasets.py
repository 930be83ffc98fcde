"""Reads sets of questions whose answers are known; the formats are described in docs/evaluation.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kb.errors import BadInput
from kb.evaluate.question_files import file_at, lines, text_file, text_of
from kb.evaluate.questions import Gold, Question, QuestionSet, SetKind
from kb.types import Turn

_QUESTIONS = "questions.jsonl"
_DEEPEST = 2
"""How far below a named folder sets are looked for: ``eval/retrieval/xquad_en`` is found from ``eval``."""


def read_sets(folder: Path, *, suffixes: frozenset[str]) -> list[QuestionSet]:
    """Returns the set in ``folder``, or those in the folders below it, in order of their paths.

    ``suffixes`` are the endings of the files that can be imported, in lower case, with their dots.

    Raises:
        BadInput: there is no set, or it cannot be read; the message names file and line.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder on this machine.", key="no_folder", folder=str(folder))
    found = [read(place, suffixes) for place, read in _sets(folder, _DEEPEST)]
    if not found:
        raise BadInput(
            f"{folder} holds no questions. A set has a file {_QUESTIONS}, or corpus.jsonl with queries.jsonl and "
            "qrels.tsv; docs/evaluation.md shows how to write one.",
            key="folder_without_questions",
            folder=str(folder),
            needed=_QUESTIONS,
        )
    for each in found:
        if not each.questions:
            raise BadInput(f"The set {each.name} in {folder} has no questions.")
    return found


Read = Callable[[Path, frozenset[str]], QuestionSet]


def _sets(folder: Path, depth: int) -> Iterator[tuple[Path, Read]]:
    read = _reader(folder)
    if read is not None:
        yield folder, read
    elif depth > 0:
        for below in sorted(path for path in folder.iterdir() if path.is_dir()):
            yield from _sets(below, depth - 1)


def _reader(folder: Path) -> Read | None:
    def has(*names: str) -> bool:
        return all((folder / name).exists() for name in names)

    if has("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        return _read_retrieval
    if has("manifest.jsonl", "queries.jsonl"):
        return _read_files
    if has(_QUESTIONS, "corpora"):
        return _read_chunking
    if has(_QUESTIONS):
        return _read_own
    return None


def _read_retrieval(folder: Path, _suffixes: frozenset[str]) -> QuestionSet:
    """Reads BEIR's layout: corpus.jsonl, queries.jsonl, qrels.tsv."""
    corpus = list(lines(folder / "corpus.jsonl", "id", "text"))
    titles = Counter(entry.get("title") for entry in corpus)
    files = [text_file(entry["id"], ".txt", _with_title(entry, titles)) for entry in corpus]
    hashes = {file.id: file.sha256 for file in files}
    gains = _gains(folder / "qrels.tsv", hashes)
    questions = [
        Question(
            id=entry["id"],
            text=entry["text"],
            history=_turns(entry.get("history") or ()),
            gold=tuple(
                Gold(document_id, hashes[document_id], gain)
                for document_id, gain in gains.get(entry["id"], {}).items()
            ),
            answers=tuple(entry.get("answers") or ()),
            answerable=_answerable(entry, judged=entry["id"] in gains),
        )
        for entry in lines(folder / "queries.jsonl", "id", "text")
    ]
    return QuestionSet(folder.name, SetKind.DOCUMENTS, tuple(questions), tuple(files))


def _with_title(entry: Mapping[str, Any], titles: Mapping[str | None, int]) -> str:
    """Returns the text, under its title where that names this document alone and is not there already.

    A title that many share is that of the work they were taken from; a file would not carry it.
    """
    title, text = entry.get("title"), str(entry["text"])
    return text if not title or titles[title] > 1 or text.startswith(title) else f"{title}\n\n{text}"


def _gains(path: Path, known: Mapping[str, str]) -> dict[str, dict[str, float]]:
    gains: dict[str, dict[str, float]] = {}
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        cells = line.rstrip("\r").split("\t")
        heading = number == 1 and len(cells) == 3 and not cells[2].isdigit()
        if heading or cells == [""]:
            continue
        try:
            question_id, document_id, gain = cells
            gained = float(gain)
        except ValueError:
            raise BadInput(
                f"{path}, line {number}: expected query, document and gain, with tabs between."
            ) from None
        if document_id not in known:
            raise BadInput(f"{path}, line {number}: corpus.jsonl has no document {document_id!r}.")
        if gained > 0:
            gains.setdefault(question_id, {})[document_id] = gained
    return gains


def _turns(history: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
    asked = [turn["text"] for turn in history if turn["role"] == "user"]
    answered = [turn["text"] for turn in history if turn["role"] != "user"]
    return tuple(Turn(question, answer) for question, answer in zip(asked, answered, strict=False))


def _answerable(entry: Mapping[str, Any], *, judged: bool) -> bool | None:
    """Returns what the set says; None for an underspecified question. Where it is silent, judged means answerable."""
    stated = entry.get("answerability")
    if stated is None:
        return True if judged else None
    return {"ANSWERABLE": True, "PARTIAL": True, "UNANSWERABLE": False}.get(stated)


def _read_chunking(folder: Path, _suffixes: frozenset[str]) -> QuestionSet:
    """Reads Chroma's chunking evaluation: corpora/NAME.md with questions whose answers are character spans.

    The corpora are imported as plain text, as in the published figures: the spans count the characters of the
    file, and a Markdown reader would take ``<unk>`` for a tag.
    """
    questions = list(lines(folder / _QUESTIONS, "id", "corpus", "text", "refs"))
    names = sorted({entry["corpus"] for entry in questions})
    files = {name: text_file(name, ".txt", text_of(folder / "corpora" / f"{name}.md")) for name in names}
    return QuestionSet(
        folder.name,
        SetKind.SPANS,
        tuple(
            Question(
                id=entry["id"],
                text=entry["text"],
                gold=tuple(
                    Gold(
                        f"{entry['corpus']}:{ref['start']}",
                        files[entry["corpus"]].sha256,
                        span=(ref["start"], ref["end"]),
                    )
                    for ref in entry["refs"]
                ),
                answerable=True,
            )
            for entry in questions
        ),
        tuple(files.values()),
    )


def _read_files(folder: Path, _suffixes: frozenset[str]) -> QuestionSet:
    """Reads real files with a manifest; paths in it are relative to the folder above."""
    manifest = {entry["id"]: entry for entry in lines(folder / "manifest.jsonl", "id", "path")}
    files = {key: file_at(key, folder.parent / entry["path"]) for key, entry in manifest.items()}
    questions = []
    for entry in lines(folder / "queries.jsonl", "id", "text"):
        document = entry.get("doc")
        answers = tuple(entry.get("answers") or ())
        gold: tuple[Gold, ...] = ()
        if document is not None:
            pages = manifest[document].get("paragraph_pages", {}).get(entry.get("paragraph"))
            known = (pages[0], pages[1]) if pages and None not in pages else None
            gold = (Gold(entry["id"], files[document].sha256, pages=known, answers=answers),)
        questions.append(
            Question(entry["id"], entry["text"], gold=gold, answers=answers, answerable=bool(gold))
        )
    return QuestionSet(folder.name, SetKind.PASSAGES, tuple(questions), tuple(files.values()))


def _read_own(folder: Path, suffixes: frozenset[str]) -> QuestionSet:
    """Reads what a person writes: questions.jsonl, with the documents beside it or in the person's own library."""
    files = [
        file_at(str(path.relative_to(folder)), path)
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in suffixes
        and path.is_file()
        and not path.name.startswith(".")
        and path != folder / _QUESTIONS
    ]
    by_name = {file.id: file.sha256 for file in files} | {file.name: file.sha256 for file in files}
    questions = []
    for number, entry in enumerate(lines(folder / _QUESTIONS, "question"), start=1):
        document = entry.get("document")
        if document and files and document not in by_name:
            raise BadInput(
                f"{folder / _QUESTIONS}, question {number}: there is no file {document!r} beside it."
            )
        answers = _listed(entry.get("answer"))
        page = entry.get("page")
        gold = Gold(
            id=str(number),
            document=by_name.get(document, document) if document else "",
            pages=(page, page) if page is not None else None,
            answers=answers,
            quote=entry.get("quote"),
        )
        judged = bool(document or answers or gold.quote)
        questions.append(
            Question(
                id=str(entry.get("id", number)),
                text=entry["question"],
                gold=(gold,) if judged else (),
                answers=answers,
                answerable=entry.get("answerable", True if judged else None),
            )
        )
    return QuestionSet(folder.name, SetKind.PASSAGES, tuple(questions), tuple(files))


def _listed(answer: object) -> tuple[str, ...]:
    if answer is None:
        return ()
    return tuple(map(str, answer)) if isinstance(answer, list) else (str(answer),)
