"""Where a text holds words of a question: to be marked, for people to see why it was found."""

from __future__ import annotations

from kb.text.content_words import stem, stems, stop_words
from kb.text.words import RUN, fold, words


def matched_words(question: str, text: str) -> list[tuple[int, int]]:
    """Returns (start, end) of each word of ``text`` that ``question`` has too, endings aside; ascending, apart.

    Words that say nothing by themselves are passed over. In scripts without spaces what is marked are the words of
    the question wherever their characters stand.
    """
    wanted, silent = stems(question), stop_words()
    unspaced = sorted(
        {word for word in words(question) if word not in silent and not word.isascii()}, key=len, reverse=True
    )
    found: list[tuple[int, int]] = []
    for run in RUN.finditer(text):
        said = fold(run.group())
        if run.lastgroup == "word":
            if said not in silent and stem(said) in wanted:
                found.append(run.span())
        elif len(said) == len(run.group()):  # else no place in it is one in the text
            found += _within(said, unspaced, run.start())
    return found


def _within(run: str, wanted: list[str], offset: int) -> list[tuple[int, int]]:
    """Returns where ``wanted``, the longest first, stand in ``run``, each character once."""
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(run):
        word = next((word for word in wanted if run.startswith(word, place)), None)
        if word is not None:
            found.append((offset + place, offset + place + len(word)))
        place += len(word) if word else 1
    return found
