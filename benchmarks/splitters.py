"""Three plain ways to split a text at 800 characters, to compare ours with. Each returns (start, end) pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kb.text.sentences import sentences

Piece = tuple[int, int]
CHARACTERS = 800
_SEPARATORS = ("\n\n", "\n", " ", "")


def windows(text: str) -> list[Piece]:
    """Returns fixed windows, wherever they begin and end."""
    return [(start, min(start + CHARACTERS, len(text))) for start in range(0, len(text), CHARACTERS)]


def recursive(text: str) -> list[Piece]:
    """Returns pieces split at the coarsest separator; those that are still too long are split at the next finer."""
    return [piece for piece in _recursive(text, (0, len(text)), _SEPARATORS) if text[slice(*piece)].strip()]


def packed(text: str) -> list[Piece]:
    """Returns pieces filled sentence by sentence until the next does not fit."""
    return _packed(sentences(text))


def _recursive(text: str, piece: Piece, separators: tuple[str, ...]) -> list[Piece]:
    start, end = piece
    if end - start <= CHARACTERS:
        return [piece]
    separator, *finer = separators
    if not separator:
        return [(at, min(at + CHARACTERS, end)) for at in range(start, end, CHARACTERS)]
    parts, at = [], start
    while at < end:
        cut = text.find(separator, at, end)
        cut = end if cut < 0 else cut + len(separator)
        parts += _recursive(text, (at, cut), tuple(finer))
        at = cut
    return _packed(parts)


def _packed(parts: list[Piece]) -> list[Piece]:
    pieces: list[Piece] = []
    for start, end in parts:
        if pieces and end - pieces[-1][0] <= CHARACTERS:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return pieces


SPLITTERS: Mapping[str, Callable[[str], list[Piece]]] = MappingProxyType(
    {"windows of 800 characters": windows, "recursive, 800": recursive, "sentences packed to 800": packed}
)
