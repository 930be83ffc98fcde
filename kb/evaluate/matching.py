"""Whether a search found what it should have found. Pure functions of hits and known answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from kb.evaluate.metrics import Range, Statement, union
from kb.evaluate.questions import Gold, Question, SetKind
from kb.text.citation_marks import marked_numbers, sentences_with_marks, without_marks
from kb.text.sentences import sentences
from kb.types import Chunk, Hit

_INVISIBLE = re.compile("[\\s\u00ad\u200b\ufeff]+")
_HALF = 0.5
"""The share of a quote that a passage must hold to count as that quote."""


def squashed(text: str) -> str:
    """Returns ``text`` without white space, width and case: what two renderings of the same words have in common."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def holds(gold: Gold, chunk: Chunk, document: tuple[str, str]) -> bool:
    """Returns whether a passage is what ``gold`` asks for; ``document`` is its (SHA-256, name).

    The narrowest thing that is known decides: the quote, else the answer's words, else the page,
    else the document. Spans are judged with the text at hand, see ``Places``.
    """
    if gold.document and gold.document not in document:
        return False
    if gold.quote is not None:
        return holds_quote(gold.quote, chunk.text)
    if gold.answers:
        text = squashed(chunk.text)
        return any(squashed(answer) in text for answer in gold.answers)
    return gold.pages is None or on_pages(chunk, gold.pages)


def holds_quote(quote: str, text: str) -> bool:
    """Returns whether ``text`` holds half of the sentences of ``quote``, by length, or half of its own are there.

    A passage may have been chunked anew since it was quoted: neither need hold the other whole.
    """
    return _share_within(quote, text) >= _HALF or _share_within(text, quote) >= _HALF


def _share_within(part: str, whole: str) -> float:
    """Returns the share of ``part``, by length of its sentences, that occurs word for word in ``whole``."""
    inside = squashed(whole)
    pieces = [squashed(part[start:end]) for start, end in sentences(part)]
    total = sum(map(len, pieces))
    return sum(len(piece) for piece in pieces if piece in inside) / total if total else 0.0


def on_pages(chunk: Chunk, pages: tuple[int, int]) -> bool:
    """Returns whether some of the passage is on the 1-based ``pages``, first and last."""
    own = [rect.page for rect in chunk.anchor.rects]
    return bool(own) and min(own) <= pages[1] and max(own) >= pages[0]


def ranking(question: Question, hits: Sequence[Hit], kind: SetKind) -> list[str]:
    """Returns the ids of what was found, best first, for the formulas of ``kb.evaluate.metrics``.

    Each document is listed once, at its best passage. Each passage is an entry: the ids of the
    gold that it is the first to find, or an id of its own.
    """
    listed: dict[str, None] = {}
    for place, hit in enumerate(hits, start=1):
        sha256 = hit.document.sha256
        found = [gold.id for gold in question.gold if holds(gold, hit.chunk, (sha256, hit.document.name))]
        if kind is SetKind.DOCUMENTS:
            listed.update(dict.fromkeys(found or [sha256]))
        else:
            listed.update(dict.fromkeys([each for each in found if each not in listed] or [f"hit {place}"]))
    return list(listed)


class Places:
    """Where passages are in the text that they were taken from, in characters.

    White space is passed over, since a passage may join lines that the text breaks.
    """

    def __init__(self, text: str) -> None:
        kept = [(at, character) for at, character in enumerate(text) if not character.isspace()]
        self._at = [at for at, _ in kept]
        self._text = "".join(character for _, character in kept)

    def of(self, passage: str) -> list[Range]:
        """Returns the ranges that hold ``passage``: one, or one a line where it is not there as a whole."""
        whole = self._find(passage)
        if whole:
            return whole
        return union(place for line in passage.splitlines() for place in self._find(line))

    def _find(self, passage: str) -> list[Range]:
        wanted = "".join(passage.split())
        start = self._text.find(wanted) if wanted else -1
        return [(self._at[start], self._at[start + len(wanted) - 1] + 1)] if start >= 0 else []


def found_spans(question: Question, hits: Iterable[Hit], places: Mapping[str, Places]) -> list[Range]:
    """Returns the characters that ``hits`` hold of the one text that the question is about; overlaps stay.

    ``places`` has the texts by SHA-256. Passages of other texts are passed over, as in the published
    figures. A passage that cannot be found in its own text counts as characters that answer nothing:
    it is placed behind the end of the text.
    """
    about = {gold.document for gold in question.gold}
    spans: list[Range] = []
    for hit in hits:
        if hit.document.sha256 in about and hit.document.sha256 in places:
            place = places[hit.document.sha256].of(hit.chunk.text)
            spans.extend(place or [(_NOWHERE, _NOWHERE + len(hit.chunk.text))])
    return spans


_NOWHERE = 1 << 40
"""Behind the end of every text."""


def statements(answer: str) -> list[Statement]:
    """Returns the sentences of an answer with the numbers of their footnotes; marks behind a full stop belong to it."""
    found: list[Statement] = []
    for start, end in sentences_with_marks(answer):
        text = without_marks(answer[start:end]).strip()
        if any(character.isalnum() for character in text):
            found.append(Statement(text, marked_numbers(answer[start:end])))
    return found
