"""A conversation as a file: Markdown to read, JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import Response

from kb.system.redact import redacted
from kb.text.citation_marks import OF_TEXT, numbered_by_appearance
from kb.text.document_names import shown_name
from kb.types import AnswerRun, Citation
from kb.types.places import describe, place_words
from kb.web.api.answer_schemas import ConversationRequestsOut, RequestOut

_NAME_CHARACTERS = 60


def as_json(runs: Sequence[AnswerRun]) -> Response:
    """Returns the conversation as ``GET /api/conversations/{id}`` has it, to be saved."""
    body = ConversationRequestsOut(requests=[RequestOut.of(run) for run in runs]).model_dump_json(indent=2)
    return _file(body, "application/json", runs, "json")


def as_markdown(runs: Sequence[AnswerRun]) -> Response:
    """Returns each question as a heading, its answer, and its footnotes with the quoted words."""
    return _file("\n\n".join(map(_turn, runs)) + "\n", "text/markdown; charset=utf-8", runs, "md")


def _file(body: str, media_type: str, runs: Sequence[AnswerRun], ending: str) -> Response:
    asked = redacted(runs[0].question.as_typed) if runs else "conversation"
    first = " ".join(asked.split())[:_NAME_CHARACTERS]
    name = quote(f"{first}.{ending}", safe="")
    return Response(
        body, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


def _turn(run: AnswerRun) -> str:
    parts = [f"## {' '.join(run.question.as_typed.split())}"]
    text, numbers = numbered_by_appearance(run.text)
    if text.strip():
        parts.append(text.strip().replace(OF_TEXT, "\\["))
    if run.error:
        parts.append(f"> {run.error}")
    if run.answer and run.answer.citations:
        cited = {numbers[citation.n]: citation for citation in run.answer.citations if citation.n in numbers}
        parts.append("\n".join(_footnote(number, cited[number]) for number in sorted(cited)))
    return "\n\n".join(parts)


def _footnote(number: int, citation: Citation) -> str:
    place = citation.anchor.place
    where = f", {describe(place, place_words('en'))}" if place else ""
    return f"[{number}]: {shown_name(citation.display_name)}{where}: “{' '.join(citation.quote.split())}”"
