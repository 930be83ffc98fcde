"""The footnotes of an answer as OpenAI's clients read them, and with all that is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from kb.text.citation_marks import FOOTNOTE
from kb.types import Answer, Citation
from kb.web.api.schemas import CitationOut


def footnotes_of(answer: Answer, address: str) -> list[dict[str, Any]]:
    """Returns every footnote: its number, document, place, words, and where it opens."""
    return [
        {**CitationOut.of(citation).model_dump(mode="json"), "url": _link(citation, address)}
        for citation in answer.citations
    ]


def annotations_of(text: str, citations: Sequence[Citation], address: str) -> list[dict[str, Any]]:
    """Returns a citation for each mark ``[n]`` of ``text``, with the place of the mark in it.

    No two footnotes have the same address: programs show what has the same one as one source, and count on from there.
    """
    by_number = {citation.n: citation for citation in citations}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": mark.start(1) - 1,
                "end_index": mark.end(),
                "title": cited.display_name,
                "url": _link(cited, address),
            },
        }
        for mark in FOOTNOTE.finditer(text)
        if (cited := by_number.get(int(mark[1]))) is not None
    ]


def _link(citation: Citation, address: str) -> str:
    page = f"?page={citation.anchor.page}" if citation.anchor.page else ""
    return f"{address}/d/{quote(citation.document_id, safe='')}{page}#passage-{citation.chunk_id}"
