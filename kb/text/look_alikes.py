"""Names that a person takes for one another, after Unicode Technical Standard 39: a letter of another alphabet that has
the same shape, full-width forms, what is not seen at all, capitals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "confusables.txt"
_UNSEEN = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3)),
    *((0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Unicode's Default_Ignorable_Code_Point, some of which are letters, and the empty cell of Braille."""


_UNSEEN_MARKS = re.compile("([ij])\u0307|([\u0300-\u036f])(?=\\2)")
"""A dot above a letter that has one, and a mark upon its like."""


def is_unseen(character: str) -> bool:
    """Returns whether a character shows as nothing, whatever its category says."""
    return any(first <= ord(character) <= last for first, last in _UNSEEN)


def look_alike(name: str, names: Iterable[str]) -> str | None:
    """Returns the first of ``names`` that a person could take ``name`` for; None where there is none."""
    looks = looks_of(name)
    return next((each for each in names if not looks.isdisjoint(looks_of(each))), None)


@lru_cache(maxsize=20_000)
def looks_of(name: str) -> frozenset[str]:
    """Returns how a name looks, as it is written and in small letters: two names that share one of these look alike.

    Both, since a capital can look like another letter than its small one: a Cyrillic В like B, and в like no b.
    """
    plain = _plain(name)
    return frozenset(_skeleton(each) for each in (plain, _plain(plain.casefold())))


def _plain(name: str) -> str:
    seen = "".join(each for each in unicodedata.normalize("NFKC", name) if not is_unseen(each))
    return " ".join(seen.split())


def _skeleton(text: str) -> str:
    prototypes = _prototypes()
    made = "".join(prototypes.get(each, each) for each in unicodedata.normalize("NFD", text))
    return _UNSEEN_MARKS.sub(r"\1", unicodedata.normalize("NFD", made).casefold())


@cache
def _prototypes() -> dict[str, str]:
    """Returns character -> what it looks like."""
    found = {}
    for line in _FILE.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            prototype, _, others = line.partition(":")
            made = "".join(chr(int(number, 16)) for number in prototype.split())
            found.update({chr(int(number, 16)): made for number in others.split()})
    return found
