"""Footnotes numbered as chat programs count what they list: 1, 2, 3 in the order in which an answer names them.

A model names passages by their places among all that it was given. A program that shows its third source for ``[3]``
would show another one than the answer stands on, or none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.text.citation_marks import FOOTNOTE
from kb.types import Answer, Citation, Hit


class Numbering:
    """The numbers of one answer, given as its text comes."""

    def __init__(self, first: int = 1) -> None:
        """``first`` is the number of the first footnote: behind what the program has numbered itself."""
        self._first = first
        self._numbers: dict[int, int] = {}

    def of_text(self, text: str) -> str:
        """Returns a piece of the answer, which ends in no half of a mark, with its marks numbered anew."""
        return FOOTNOTE.sub(self._mark, text)

    def of_answer(self, answer: Answer) -> Answer:
        """Returns the answer with its marks and footnotes numbered anew; those by their new numbers."""
        text = self.of_text(answer.text)
        cited = (replace(citation, n=self._number(citation.n)) for citation in answer.citations)
        return replace(answer, text=text, citations=tuple(sorted(cited, key=lambda citation: citation.n)))

    def left_out(self, answer: Answer, hits: Sequence[Hit]) -> list[Citation]:
        """Returns what marks stand for that were sent and are not in ``answer``, which is numbered anew, any more.

        ``hits`` are the passages by their former numbers.
        """
        there = {citation.n for citation in answer.citations}
        return [
            Citation(
                n, hit.chunk.id, hit.document.id, hit.document.name, hit.chunk.anchor, "", hit.told_apart
            )
            for former, n in self._numbers.items()
            if n not in there and 0 < former <= len(hits)
            for hit in (hits[former - 1],)
        ]

    def _number(self, former: int) -> int:
        return self._numbers.setdefault(former, self._first + len(self._numbers))

    def _mark(self, mark: re.Match[str]) -> str:
        return f"{mark[0][: mark.start(1) - mark.start()]}{self._number(int(mark[1]))}]"
