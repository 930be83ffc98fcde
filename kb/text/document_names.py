"""What documents are called, and how a question calls them: in other letters than their files do."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kb.text.content_words import stop_words
from kb.text.language import language
from kb.text.search_terms import index_terms, question_terms
from kb.text.word_lists import word_lists
from kb.text.words import fold

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^\W\d_]{2,}|\d{2,}")
"""What letters and digits that stand together are taken apart into: ``FY2018``."""
_MOST_JOINED = 3
"""So many words in a row are written together in names: ``AmericanWaterWorks_2020.pdf``."""
_NAME = re.compile(r"\b[A-Z][\w&'’-]*+(?: (?:(?:of|and|de|van|von) )?[A-Z&][\w&'’-]*+){0,5}")
"""Words with capitals in a row, joined by small words or not."""
_SMALL_WORD = re.compile(r"\b[a-z]++\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_BEGINNING_PASSAGES = 2
_BEGINNING = 2000
"""Characters in which a document says what it is about: its cover, its first paragraph."""
_MOST_LOOKED_FOR = 60
_FEWEST_PASSAGES = 2
_MOST_BORNE = 6
_SHORTEST_NAME = 3
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


def borne_names(passages: Sequence[str]) -> tuple[str, ...]:
    """Returns the names at the beginning of a document that recur in it, and its year: what a report is about where
    its file's name is a number.

    Names are told by their capitals: there are none in a script without them, nor where every noun has one, nor are
    words that the document writes small as well. The year is the one that its beginning says most often.
    """
    beginning = " ".join(passages[:_BEGINNING_PASSAGES])[:_BEGINNING]
    if len(passages) <= _BEGINNING_PASSAGES or word_lists(language(beginning)).capitalises_nouns:
        return ()
    names = dict.fromkeys(match.group().rstrip(".") for match in _NAME.finditer(beginning))
    small = frozenset(word for passage in passages for word in _SMALL_WORD.findall(passage))
    tells = [
        name
        for name in names
        if len(name) >= _SHORTEST_NAME and name.lower() not in small and name.lower() not in stop_words()
    ]
    found = []
    for name in tells[:_MOST_LOOKED_FOR]:
        alone = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        holding = sum(alone.search(passage) is not None for passage in passages)
        if holding >= _FEWEST_PASSAGES:
            found.append((name.count(" ") > 0, holding, name))
    found.sort(reverse=True)
    years = Counter(_YEAR.findall(beginning)).most_common(1)
    return (*(name for *_, name in found[:_MOST_BORNE]), *(year for year, _ in years))


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
