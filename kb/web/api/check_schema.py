"""A checked sentence of an answer as it goes over the wire."""

from __future__ import annotations

from kb.types import CheckedSentence, Difference, Support
from kb.web.api.schemas import CitationOut, Wire


class CheckOut(Wire):
    """A sentence with citations, and how well their passages support it."""

    sentence: str
    start: int
    end: int
    numbers: list[int]
    support: Support
    reason: str | None
    difference: Difference | None = None
    evidence: list[CitationOut]
    """What each of ``numbers`` has to say on this sentence alone."""

    @classmethod
    def of(cls, check: CheckedSentence) -> CheckOut:
        return cls(
            sentence=check.sentence,
            start=check.start,
            end=check.end,
            numbers=list(check.numbers),
            support=check.support,
            reason=check.reason,
            difference=check.difference,
            evidence=[CitationOut.of(citation) for citation in check.evidence],
        )
