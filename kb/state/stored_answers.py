"""Searches and answers as they are stored with their questions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from kb.state.stored_places import stored_anchor
from kb.types import Answer, CheckedSentence, Citation, Difference, Searched, Support
from kb.types.spans import encode_anchor


def searched_to_json(searched: Searched) -> str:
    """Returns a search with the numbers of its passages; their words stay with their documents."""
    sources = [
        {
            "chunk": hit.chunk.id,
            "document": hit.document.id,
            "name": hit.document.name,
            "score": float(hit.score),
            "scores": {name: float(score) for name, score in hit.scores.items()},
        }
        for hit in searched.hits
    ]
    stored = {
        "question": searched.question,
        "sources": sources,
        "dropped": searched.dropped,
        "timings_ms": dict(searched.timings_ms),
        "context": searched.context,
    }
    return json.dumps(stored, ensure_ascii=False)


def answer_to_json(answer: Answer) -> str:
    """Returns every field but the text, which has a column of its own."""
    stored: dict[str, Any] = {**asdict(answer), "text": None}
    for name in ("citations", "closest"):
        stored[name] = _citations_to_json(getattr(answer, name))
    stored["checks"] = [
        {**asdict(check), "evidence": _citations_to_json(check.evidence)} for check in answer.checks
    ]
    return json.dumps(stored, ensure_ascii=False)


def _citations_to_json(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    return [{**asdict(found), "anchor": encode_anchor(found.anchor)} for found in citations]


def answer_from_json(stored: str, text: str) -> Answer:
    """Returns the answer with this ``text``, whichever version stored it."""
    values: dict[str, Any] = {**json.loads(stored), "text": text}
    for name in ("citations", "closest"):
        values[name] = tuple(_citation(found) for found in values.get(name, ()))
    values["checks"] = tuple(_check(found) for found in values.get("checks", ()))
    known = {field.name for field in fields(Answer)}
    return Answer(**{name: as_tuple(value) for name, value in values.items() if name in known})


def as_tuple(value: Any) -> Any:
    """Returns a list of JSON as the tuple that it was."""
    return tuple(value) if isinstance(value, list) else value


def _check(stored: dict[str, Any]) -> CheckedSentence:
    difference = stored.get("difference")
    return CheckedSentence(
        **{
            **stored,
            "numbers": tuple(stored["numbers"]),
            "support": Support(stored["support"]),
            "difference": Difference(difference) if difference else None,
            "evidence": tuple(_citation(found) for found in stored.get("evidence", ())),
        }
    )


def _citation(stored: dict[str, Any]) -> Citation:
    return Citation(**{**stored, "anchor": stored_anchor(stored["anchor"])})
