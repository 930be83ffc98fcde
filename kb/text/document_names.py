"""What documents are called, and how a question calls them: in other letters than their files do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from kb.text.search_terms import index_terms, question_terms
from kb.text.words import fold

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^\W\d_]{2,}|\d{2,}")
"""What letters and digits that stand together are taken apart into: ``FY2018``."""
_MOST_JOINED = 3
"""So many words in a row are written together in names: ``AmericanWaterWorks_2020.pdf``."""
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
"""Unicode categories that a name must not smuggle in: controls, direction overrides, line breaks."""
_JOINERS = "\u200c\u200d"
"""Format characters that ordinary names need: Persian words, composed emoji."""


def shown_name(name: str) -> str:
    """Returns a name without what could disguise it: `invoice<RTL override>fdp.exe` shows its real order."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in _HIDDEN and character not in _JOINERS
        else character
        for character in name
    )


def terms_of_name(document_name: str) -> list[str]:
    """Returns the terms that a document called ``document_name`` is found by, each once."""
    return list(dict.fromkeys((*index_terms(document_name), *variants(document_name))))


def variants(text: str) -> list[str]:
    """Returns the words of ``text`` as a name may write them, each once: in parts (``FY2018``), or up to three joined.

    The words themselves are not among them.
    """
    words = _words(text)
    joined = ("".join(words[start:end]) for start, end in _runs(len(words)) if end - start > 1)
    return list(dict.fromkeys((*(part for word in words for part in _parts(word)), *joined)))


def without_names(question: str, document_name: Iterable[str]) -> str | None:
    """Returns ``question`` without the words that name the documents; None where it has none of them, or no others.

    What is left is what is asked of these documents: most of their passages do not name them.
    """
    names = frozenset(term for name in document_name for term in (*_words(name), *variants(name)))
    telling = {fold(term) for term in question_terms(question)}
    words = list(_WORD.finditer(question))
    folded = [fold(word.group()) for word in words]
    taken: set[int] = set()
    for start, end in _runs(len(words)):
        joined = "".join(folded[start:end])
        is_whole = joined in names and (end - start > 1 or joined in telling)
        if is_whole or (end - start == 1 and not names.isdisjoint(_parts(joined))):
            taken.update(range(start, end))
    if not taken or len(taken) == len(words):
        return None
    for at in sorted(taken, reverse=True):
        question = question[: words[at].start()] + question[words[at].end() :]
    return " ".join(question.split())


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Yields (start, end) of each run of one, two or three out of ``count`` words."""
    for length in range(1, _MOST_JOINED + 1):
        for start in range(count - length + 1):
            yield start, start + length


def _parts(word: str) -> list[str]:
    parts = _PART.findall(word)
    return [] if parts == [word] else parts
