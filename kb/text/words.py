"""Tokens: one set of rules for the lexical index, the questions and the answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kb.text.scripts import HAN, HANGUL, KANA

if TYPE_CHECKING:
    from rjieba import Jieba

_THAI_LAO_KHMER_BURMESE = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u17dc\u17dd"
)
_SIGNS = (
    "\u0300-\u036f\u0900-\u0963\u0971-\u09e3\u09f0-\u0a65\u0a70-\u0ae5\u0af0-\u0b65\u0b70-\u0be5\u0c00-\u0c65"
    "\u0c70-\u0ce5\u0d00-\u0d65\u0d70-\u0de5\u0df2\u0df3\u0f18-\u0fbc"
)
"""Accents that no letter holds, and the blocks of Indian scripts and Tibetan without digits and full stops: Python
takes their vowel signs for neither letters nor digits, and they belong to the word."""

RUN = re.compile(
    rf"(?P<han>[{HAN}]+)"
    rf"|(?P<bigrams>[{KANA}]+|[{HANGUL}]+|[{_THAI_LAO_KHMER_BURMESE}]+)"
    rf"|(?P<word>(?:[^\W_{HAN}{KANA}{HANGUL}{_THAI_LAO_KHMER_BURMESE}]|[{_SIGNS}])+)"
)
_IDENTIFIER = re.compile(r"(?<![^\W_])[^\W_]++(?:(?:[-./:_#+&]|::|->)[^\W_]++)+", re.ASCII)
"""Part numbers, versions, section numbers, file and symbol names: found whole as well as in parts.

It is tried at the beginning of a run of letters alone and never backtracks into one: without that, a line of
60,000 letters (base64, say) takes a minute and a half."""
_QUOTED = re.compile(
    r'"([^"]+)"|“([^“”]+)”|„([^“”„]+)[“”]|«([^«»]+)»|»([^«»]+)«|「([^「」]+)」|『([^『』]+)』'
)

_COMMON_OR_RARE = re.compile("[\u4e00-\u9fd5]+|.")
"""The characters that jieba's dictionary is of; each of the others (rare ones, the sign 々) is a word by itself: the
model that finds words outside the dictionary has seen none of them and would join them at random."""
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_SYLLABLE = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?."
    "[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebd\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d"
    "\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d3\u17dd]*"
)
"""A letter of Thai, Lao, Burmese or Khmer with the vowels and tone marks that are written around it."""
_ACCENT = re.compile("[\u0300-\u036f]")
_UNSAID = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]"
)
"""The points and vowel signs of Hebrew and Arabic, which most texts leave out, and characters that are not seen."""
_SAME_CHARACTER = str.maketrans("ىیےکةہھ", "يييكههه")
"""Arabic letters that others stand for: in another country, or at the end of a word."""
_ZEROS = "٠۰०০੦૦୦௦౦೦൦෦๐໐༠၀០"
_SAME_CHARACTER |= {ord(zero) + value: ord("0") + value for zero in _ZEROS for value in range(10)}
_PLAIN_LETTER = str.maketrans("ıłøđħŧ", "ilodht")
"""Letters that carry something like an accent and cannot be taken apart."""


def fold(text: str) -> str:
    """Returns ``text`` without the differences a search ignores: width, case, accents, optional vowel signs."""
    bare = _ACCENT.sub("", unicodedata.normalize("NFD", written(text)))
    return unicodedata.normalize("NFC", bare).translate(_PLAIN_LETTER)


def written(text: str) -> str:
    """Returns ``text`` as ``fold`` leaves it, but with its accents."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = _UNSAID.sub("", unicodedata.normalize("NFD", folded))
    return unicodedata.normalize("NFC", bare).translate(_SAME_CHARACTER)


def words(text: str) -> list[str]:
    """Returns the tokens of ``text`` in order; the same rules for passages and questions.

    Han text is written in simplified characters and cut by jieba (search mode: long words and the
    words inside them); kana, Hangul and scripts written without spaces become character bigrams;
    everything else is split at anything that is neither letter nor digit. Identifiers such as
    ``AB-1234.5`` and ``max_tokens`` are added whole.
    """
    folded = simplified(fold(text))
    found: list[str] = []
    for run in RUN.finditer(folded):
        if run.lastgroup == "han":
            found.extend(han_words(run.group()))
        elif run.lastgroup == "bigrams":
            found.extend(syllable_pairs(run.group()))
        else:
            found.append(run.group())
    found.extend(joined_names(folded))
    return found


def in_order(text: str) -> list[str]:
    """Returns ``text`` for matching phrases: each character of scripts without spaces and each word, in their order."""
    found: list[str] = []
    for run in RUN.finditer(simplified(fold(text))):
        if run.lastgroup == "word":
            found.append(run.group())
        else:
            found.extend(run.group())
    return found


def quoted(question: str) -> list[str]:
    """Returns the phrases that stand in quotes in ``question``; an apostrophe is no quote."""
    phrases = (next(filter(None, match.groups())) for match in _QUOTED.finditer(question))
    return [phrase for phrase in phrases if in_order(phrase)]


def joined_names(folded: str) -> list[str]:
    """Returns the identifiers of a folded text that are joined by signs."""
    return [match.group() for match in _IDENTIFIER.finditer(folded) if _is_name(match.group())]


def _is_name(text: str) -> bool:
    return has_digit(text) or any(sign in text for sign in ("_", "&", "::", "->"))


def has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def han_words(run: str) -> list[str]:
    """Returns the words of a run of simplified Han characters, and the words inside them."""
    cut = _jieba().cut_for_search
    return [
        word for part in _COMMON_OR_RARE.findall(run) for word in (cut(part) if len(part) > 1 else (part,))
    ]


def simplified(folded: str) -> str:
    """Returns ``folded`` with simplified characters for traditional ones, so that both are found by either."""
    return _converter().convert(folded) if _HAN_CHARACTER.search(folded) else folded


def is_traditional(text: str) -> bool:
    """Returns whether ``text`` holds Chinese characters that are written otherwise in the simplified script."""
    return simplified(text) != text


def pairs(characters: Sequence[str]) -> Iterator[str]:
    if len(characters) == 1:
        yield characters[0]
    for left, right in pairwise(characters):
        yield left + right


def syllable_pairs(run: str) -> Iterator[str]:
    return pairs(_SYLLABLE.findall(run))


@cache
def _converter() -> Any:
    """Returns OpenCC's dictionaries, loaded at the first Han text."""
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _jieba() -> Jieba:
    """Returns jieba with its dictionary, loaded at the first Han text: it takes a fifth of a second.

    The implementation in Rust cuts in a tenth of the time of the one in Python, at the same places in all of 44,840
    runs of texts and 40,000 random ones.
    """
    from rjieba import Jieba

    return Jieba()
