"""Citation marks ``[n]`` of an answer: brought to one form, and added where a source is obvious, while it streams."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.text.citation_marks import (
    BLANKS,
    FOOTNOTE,
    MARK,
    OF_TEXT,
    footnotes,
    sentences_with_marks,
    without_footnotes,
)
from kb.text.sentences import is_question
from kb.text.words import words
from kb.types import Hit

_UNFINISHED = re.compile(BLANKS + r"(?:[\[［【][\d\s,，、;]{0,200}+)?\Z")
"""White space and the beginning of a mark at the end of what has come: the next piece decides about them."""

ATTRIBUTED_WORDS = 0.6
"""From which share of its words on a sentence without a footnote is given one."""
_LEAST_WORDS = 3
_MOST_BLANKS = 64
"""Of a run of white space that a model writes; what it writes beyond is left out."""
_LONGEST_SENTENCE = 2000
"""Characters; a longer one gets no footnote of ours, and is not looked at again for each piece that comes."""
_LOOK_BACK = 64
"""Characters of such a sentence from which its end is told."""
_BLANKS = re.compile(r"\s+")
_QUOTED_LETTERS = 8
"""Letters before a mark that must be those before the same mark in a passage: then it was copied."""
_QUOTED_BEFORE = 24
"""Characters in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer: its words without marks, and the passages it cites."""

    text: str
    numbers: tuple[int, ...]
    start: int
    """Where it stands in the answer, its marks included ..."""
    end: int
    """... and where it ends."""


class QuotedMarks:
    """The marks that stand in passages themselves, such as ``[8, 34]`` in a paper: in a quotation they are text."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._known = {
            (_numbers(mark), _before(text, mark.start())) for text in passages for mark in MARK.finditer(text)
        }

    def __bool__(self) -> bool:
        return bool(self._known)

    def holds(self, mark: re.Match[str]) -> bool:
        """Returns whether a mark of an answer stands behind the same words as in a passage."""
        before = _before(mark.string, mark.start())
        return bool(before) and (_numbers(mark), before) in self._known


def _numbers(mark: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", mark[1]))


def _before(text: str, end: int) -> str:
    """Returns the last letters before a mark, without white space; empty where there are too few to tell by."""
    letters = "".join(text[max(0, end - _QUOTED_BEFORE) : end].split()).casefold()
    return letters[-_QUOTED_LETTERS:] if len(letters) >= _QUOTED_LETTERS else ""


def tidy_marks(text: str, passages: int, *, quoted: QuotedMarks | None = None, start: int = 0) -> str:
    """Returns ``text[start:]`` with every footnote in the one form ``[n]``; numbers that name no passage go.

    Models write ``【2】``, ``[1, 3]`` and numbers of passages that they were never given. Marks that a passage has
    behind the same words are left as they are, and told from footnotes (``OF_TEXT``) where they would read like one.
    """

    def tidy(match: re.Match[str]) -> str:
        if quoted and quoted.holds(match):
            alike = FOOTNOTE.fullmatch(match[0]) and int(match[1]) <= passages
            return match[0].replace("[", OF_TEXT) if alike else match[0]
        numbers = dict.fromkeys(int(number) for number in re.findall(r"\d+", match.group(1)))
        kept = "".join(f"[{number}]" for number in numbers if 1 <= number <= passages)
        return f" {kept}" if kept and match.group()[0].isspace() else kept

    pieces, done = [], start
    for match in MARK.finditer(text):
        if match.start() >= start:
            pieces += [text[done : match.start()], tidy(match)]
            done = match.end()
    return "".join([*pieces, text[done:]])


def claims(answer: str, passages: int) -> list[Claim]:
    """Returns the sentences of an answer from so many passages, with and without footnotes, in order."""
    found = []
    for start, end in sentences_with_marks(answer):
        sentence = answer[start:end]
        numbers = tuple(number for number in footnotes(sentence) if 1 <= number <= passages)
        found.append(Claim(without_footnotes(sentence).strip(), numbers, start, end))
    return found


class FootnoteStream:
    """Tidies an answer while it comes, so that what was shown never changes afterwards.

    However the text is cut into pieces, the result reads the same. A sentence without a footnote gets
    one as soon as it ends, where a passage holds most of its words: small models often name no source.
    """

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._passages = len(hits)
        self._quoted = QuotedMarks([hit.chunk.text for hit in hits])
        self._before = ""
        """The end of what was let out, as it came: what stands before the next mark."""
        self._vocabularies = [frozenset(words(hit.chunk.text)) for hit in hits]
        self._held = ""
        """What cannot be judged before more has come, such as ``[1``."""
        self._open = ""
        """What was let out of the sentence that has not ended yet; of a long one its end."""
        self._is_long = False
        self._blanks = 0
        """White space at the end of what has come."""

    def push(self, piece: str) -> str:
        """Returns the text that is certain after ``piece``; may be empty."""
        text = self._held + self._squeezed(piece)
        match = _UNFINISHED.search(text)
        cut = match.start() if match else len(text)
        self._held = text[cut:]
        return self._let_out(self._tidied(text[:cut]))

    def _tidied(self, text: str) -> str:
        joined = self._before + text
        tidy = tidy_marks(joined, self._passages, quoted=self._quoted, start=len(self._before))
        self._before = joined[-_QUOTED_BEFORE:] if self._quoted else ""
        return tidy

    def finish(self) -> str:
        rest, self._held = self._tidied(self._held).rstrip(), ""
        out = self._let_out(rest)
        source = None if self._is_long else self._source(self._open)
        self._open, self._is_long = "", False
        return f"{out} [{source}]" if source else out

    def _let_out(self, text: str) -> str:
        shown = len(self._open)
        joined = self._open + text
        ended = sentences_with_marks(joined)[:-1]
        pieces: list[str] = []
        done = 0
        for index, (start, end) in enumerate(ended):
            is_long = end - start > _LONGEST_SENTENCE or (index == 0 and self._is_long)
            if not is_long and (source := self._source(joined[start:end])):
                # a sentence ends where the next one begins, and that has just come
                place = max(end, shown)
                pieces += [joined[done:place], f" [{source}]"]
                done = place
        out = "".join(pieces) + joined[done:]
        rest = joined[ended[-1][1] :] if ended else joined
        self._is_long = (self._is_long and not ended) or len(rest.lstrip()) > _LONGEST_SENTENCE
        self._open = rest[-_LOOK_BACK:] if self._is_long else rest
        return out[shown:]

    def _squeezed(self, piece: str) -> str:
        """Returns ``piece`` with no more white space than is let out in a row, that of the piece before included."""
        before = self._blanks
        blank = len(piece) - len(piece.rstrip())
        self._blanks = blank + (before if blank == len(piece) else 0)

        def fitting(run: re.Match[str]) -> str:
            return run[0][: max(0, _MOST_BLANKS - (before if run.start() == 0 else 0))]

        return _BLANKS.sub(fitting, piece)

    def _source(self, sentence: str) -> int | None:
        """Returns the passage that ``sentence`` is taken from; None where it has a footnote, or none is obvious."""
        if FOOTNOTE.search(sentence) or is_question(sentence):
            return None
        terms = frozenset(words(sentence))
        if len(terms) < _LEAST_WORDS or not self._vocabularies:
            return None
        shares = [len(terms & vocabulary) / len(terms) for vocabulary in self._vocabularies]
        best = max(range(len(shares)), key=lambda index: shares[index])
        return best + 1 if shares[best] >= ATTRIBUTED_WORDS else None


def annotated(answer: str, hits: Sequence[Hit]) -> str:
    """Returns a whole answer as ``FootnoteStream`` would have let it out."""
    stream = FootnoteStream(hits)
    return stream.push(answer.strip()) + stream.finish()
