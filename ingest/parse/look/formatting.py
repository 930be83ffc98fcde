"""What formatting says in words of every format alike: raised figures, ticks, and what is not to be read.

Struck-out text is left out, as tracked deletions are: it says what does not hold any more, and a quote or an
embedding would take it for what holds. Hidden text is left out for the same reason. A warning counts both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TICKED, EMPTY = "☒", "☐"
"""The state of a check box or an option, before its label."""

_EXPONENT = re.compile(r"[-+−]?\d+(?:[.,–-]\d+)*")
_EXPRESSION = re.compile(r"[-+−]?(?:\d+|[A-Za-z])(?:[-+−*/](?:\d+|[A-Za-z]))*")
_SIGN = re.compile(r"[-+−*/]")
_AFTER_A_SENTENCE = re.compile(r"[.!?;:,。！？；：，、…][”’»\"')）」』]*$")
_LENGTH = re.compile(r"(?:^|[\s\d/(·*])(?:[kcdmμµn]?m|ft|in|yd|mi)$")
_POWERS = {"2": "²", "3": "³"}
_LONGEST_BASE = 24
_WORTH_SAYING = 300
"""Bytes of what was left out around a text: two or three sentences."""


def raised(before: str, text: str) -> str:
    """Returns superscript ``text`` as it is typed on one line after ``before``: ``10^2``, ``m²``, ``1st``.

    The mark of a note behind the end of a sentence or a clause is left out: the sentence would not end.
    """
    figure = text.strip()
    if not figure or not before or before[-1].isspace():
        return text
    before = before[-_LONGEST_BASE:]
    if _EXPONENT.fullmatch(figure):
        if _AFTER_A_SENTENCE.search(before):
            return ""
        if figure in _POWERS and _LENGTH.search(before):
            return _POWERS[figure]
        return f"^{figure}"
    return f"^({figure})" if _SIGN.search(figure) and _EXPRESSION.fullmatch(figure) else text


def lowered(before: str, text: str) -> str:
    """Returns subscript ``text`` after ``before``: ``H2O``, but ``101_2``."""
    figure = text.strip()
    return f"_{figure}" if figure[:1].isdigit() and before[-1:].isdigit() else text


@dataclass(slots=True)
class LeftOut:
    """How many passages of a document were left out for what their formatting says."""

    struck: int = 0
    hidden: int = 0
    around: int = 0
    """Bytes of prose around the text of a web page: teasers, readers' comments."""

    def warnings(self) -> Iterator[str]:
        """Yields a sentence for each reason that occurred."""
        if self.struck:
            yield f"Struck-out text was left out ({_places(self.struck)})."
        if self.hidden:
            yield f"Hidden text was left out ({_places(self.hidden)})."
        if self.around >= _WORTH_SAYING:
            yield "What stands around the text was left out: teasers, comments of readers, menus."


def _places(count: int) -> str:
    return "1 passage" if count == 1 else f"{count} passages"
