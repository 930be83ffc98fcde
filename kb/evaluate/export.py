"""Results as files: what was found for each question, for other programs to score."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kb.evaluate.questions import QuestionSet, SetKind
from kb.evaluate.scoring import CHUNKS
from kb.evaluate.summary import Outcome, Result
from kb.types import Hit


def write_run(result: Result, folder: Path) -> Path:
    """Writes what was found, and returns the file: a TREC-like table for sets of documents, else JSON lines.

    The formats are those that ``score.py`` of the shared evaluation data reads.
    """
    folder.mkdir(parents=True, exist_ok=True)
    question_set = result.question_set
    documents = question_set.kind is SetKind.DOCUMENTS
    path = folder / f"{question_set.name}.{'tsv' if documents else 'jsonl'}"
    lines = _table(result) if documents else _objects(result)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _table(result: Result) -> Iterator[str]:
    ids = _ids(result.question_set)
    for outcome in result.outcomes:
        found = dict.fromkeys(key for hit in outcome.hits for key in ids.get(hit.document.sha256, ()))
        for rank, document_id in enumerate(found, start=1):
            yield f"{outcome.question.id}\t{rank}\t{document_id}"


def _objects(result: Result) -> Iterator[str]:
    ids = _ids(result.question_set)
    for outcome in result.outcomes:
        row: dict[str, Any] = {"id": outcome.question.id}
        if result.question_set.kind is SetKind.SPANS:
            row["chunks"] = [{"text": hit.chunk.text} for hit in outcome.hits[:CHUNKS]]
        else:
            row["hits"] = [_hit(hit, ids) for hit in outcome.hits[:10]]
            row |= _answer(outcome, ids)
        yield json.dumps(row, ensure_ascii=False)


def _answer(outcome: Outcome, ids: dict[str, list[str]]) -> dict[str, Any]:
    answer = outcome.answer
    if answer is None:
        return {}
    documents = {hit.document.id: hit.document for hit in outcome.hits}
    cited = [
        {"doc": _id(documents[citation.document_id].sha256, ids), "page": citation.anchor.page}
        for citation in answer.citations
        if citation.document_id in documents
    ]
    return {"answer": answer.text, "citations": cited, "refused": answer.refused}


def _hit(hit: Hit, ids: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "doc": _id(hit.document.sha256, ids),
        "page": hit.chunk.anchor.page,
        "text": hit.chunk.text,
        "score": hit.score,
    }


def _id(sha256: str, ids: dict[str, list[str]]) -> str:
    known: Sequence[str] = ids.get(sha256, ())
    return known[0] if known else sha256


def _ids(question_set: QuestionSet) -> dict[str, list[str]]:
    """Returns the ids that the set gives its documents, by the SHA-256 of their bytes; identical files share theirs."""
    ids: dict[str, list[str]] = {}
    for file in question_set.documents:
        ids.setdefault(file.sha256, []).append(file.id)
    return ids
