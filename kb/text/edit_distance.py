"""How many slips of the fingers lie between two words."""

from __future__ import annotations


def slips(word: str, other: str) -> int:
    """Returns the letters that were left out, put in, or taken for others, and the neighbours that changed places.

    Optimal string alignment: Damerau, "A technique for computer detection and correction of spelling errors" (1964).
    """
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(word, start=1):
        line = [row]
        for column, another in enumerate(other, start=1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != another))
            swapped = row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == another
            line.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, above = above, line
    return above[-1]
