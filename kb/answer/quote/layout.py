"""What is quoted as it is shown: blocks grouped by document, each with its footnote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.answer.fence import name_on_one_line
from kb.answer.quote.lines import Range
from kb.answer.quote.units import squeezed
from kb.answer.verify.checker import Checked, citation_of
from kb.text.citation_marks import told_from_footnotes
from kb.types import CheckedSentence, Citation, Hit, Support


@dataclass(frozen=True, slots=True)
class Quote:
    """What is quoted of one passage: ranges of its text, ascending and apart."""

    hit: int
    """The place of the passage among the hits."""
    ranges: tuple[Range, ...]


def laid_out(quotes: Sequence[Quote], hits: Sequence[Hit]) -> Checked:
    """Returns the answer that shows ``quotes`` in their order, those of a document together under its name.

    What is quoted of one passage is one block, which ends with its footnote. Quotes are spans of their passages, so
    that each is supported, by itself.
    """
    text = ""
    checks: list[CheckedSentence] = []
    documents = list(dict.fromkeys(hits[quote.hit].document.id for quote in quotes))
    for document in documents:
        own = [quote for quote in quotes if hits[quote.hit].document.id == document]
        if len(documents) > 1:
            text += "\n\n" if text else ""
            text += f"**{name_on_one_line(hits[own[0].hit].display_name)}**"
        for quote in own:
            text += "\n\n" if text else ""
            block = _block(quote, hits[quote.hit].chunk.text)
            start = len(text)
            text += f"{told_from_footnotes(block)} [{quote.hit + 1}]"
            number = quote.hit + 1
            evidence = citation_of(number, hits[quote.hit], quote.ranges)
            checks.append(
                CheckedSentence(block, start, len(text), (number,), Support.SUPPORTED, evidence=(evidence,))
            )
    return Checked(text, tuple(_citations(quotes, hits)), tuple(checks))


def _block(quote: Quote, passage: str) -> str:
    """Returns what is quoted of a passage: sentences that follow each other on one line, all else line by line."""
    block = ""
    end = 0
    for start, stop in quote.ranges:
        if block:
            between = passage[end:start]
            block += "\n" if "\n" in between or between.strip() else " " if between else ""
        block += squeezed(passage[start:stop])
        end = stop
    return block


def _citations(quotes: Sequence[Quote], hits: Sequence[Hit]) -> Iterable[Citation]:
    for number in sorted({quote.hit for quote in quotes}):
        ranges = (one for quote in quotes if quote.hit == number for one in quote.ranges)
        yield citation_of(number + 1, hits[number], ranges)
