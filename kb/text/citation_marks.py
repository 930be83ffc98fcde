"""The marks ``[n]`` with which an answer names its passages, in every form that models write."""

from __future__ import annotations

import re

from kb.text.sentences import sentences

BLANKS = r"(?<!\s)\s*+"
"""White space from where it begins: a pattern that tries each of its characters takes the square of their number."""
_NUMBERS = r"[\[［【](\d{1,3}(?:\s{0,2}[,，、;]\s{0,2}\d{1,3}){0,20})[\]］】]"
MARK = re.compile(BLANKS + _NUMBERS)
FOOTNOTE = re.compile(BLANKS + r"\[(\d{1,3})\]")
"""The one form of a mark in an answer that is done. Any other bracket with numbers is text, such as the ``[8, 34]`` of
a paper that is quoted."""
OF_TEXT = "[\u2060"
"""How a bracket begins that reads like a footnote and is text: with a word joiner, which is not seen."""
_LIKE_FOOTNOTE = re.compile(r"\[(?=\d{1,3}\])")
_MARKS_AT_START = re.compile(rf"(?:\s*+{_NUMBERS})+")


def footnotes(text: str) -> tuple[int, ...]:
    """Returns the numbers of the footnotes in a text that is done, each once, in their order."""
    return tuple(dict.fromkeys(int(mark[1]) for mark in FOOTNOTE.finditer(text)))


def without_footnotes(text: str) -> str:
    """Returns a text that is done without its footnotes and the white space before them; other brackets stay."""
    return FOOTNOTE.sub("", text).replace(OF_TEXT, "[")


def numbered_by_appearance(text: str) -> tuple[str, dict[int, int]]:
    """Returns a text that is done with its footnotes numbered 1, 2, 3 in their order, and these by the old ones."""
    numbers = {number: place for place, number in enumerate(footnotes(text), start=1)}
    return FOOTNOTE.sub(lambda mark: mark[0].replace(mark[1], str(numbers[int(mark[1])])), text), numbers


def told_from_footnotes(quoted: str) -> str:
    """Returns words of a document whose own ``[8]`` cannot be taken for a footnote of ours."""
    return _LIKE_FOOTNOTE.sub(OF_TEXT, quoted)


def marked_numbers(text: str) -> tuple[int, ...]:
    """Returns the numbers that the marks in ``text`` name, each once, in their order."""
    named = (number for mark in MARK.finditer(text) for number in re.findall(r"\d+", mark[1]))
    return tuple(dict.fromkeys(map(int, named)))


def without_marks(text: str) -> str:
    """Returns ``text`` without its marks and the white space before them."""
    return MARK.sub("", text)


def sentences_with_marks(answer: str) -> list[tuple[int, int]]:
    """Returns the sentences of an answer; marks that stand behind the full stop belong to the sentence before."""
    found: list[tuple[int, int]] = []
    for start, end in sentences(answer):
        marks = _MARKS_AT_START.match(answer, start)
        if marks and found:
            found[-1] = (found[-1][0], min(marks.end(), end))
            start = marks.end()
            while start < end and answer[start].isspace():
                start += 1
        if start < end:
            found.append((start, end))
    return found
