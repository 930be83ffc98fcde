"""Whether the letters of a page are a language: fonts that do not say which characters they show come out as any.

The measure knows no word. A page of ``7KH TXLFN EURZQ`` is compared with itself, its letters renamed at random: a
language puts those letters beside each other that belong together, and a text whose letters were exchanged does so no
more often than chance. Which belong together is in the models of chardet, which read the encodings of text files
here too; that vowels stand between consonants holds for languages without a model as well. Chinese, Japanese and Korean
are judged by how common their characters are. A script without either, and what is no running text (codes, moves,
formulas, numbers), is only doubted where the file itself does not say what its characters are.
"""

from __future__ import annotations

import itertools
import math
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from operator import itemgetter, mul

from chardet.models import load_models

_ALPHABETS = {
    "LATIN": ("cp1252", "cp1250", "cp1254", "cp1257", "cp1258"),
    "CYRILLIC": ("cp1251",),
    "GREEK": ("cp1253",),
    "HEBREW": ("cp1255",),
    "ARABIC": ("cp1256",),
    "THAI": ("cp874",),
}
"""Alphabets, as the names of their letters begin in Unicode, and the code pages of the models that know them."""
_VOWELS = {"LATIN": "aeiouy", "CYRILLIC": "аеёиоуыэюяіїєөү", "GREEK": "αεηιουω"}
"""Of the alphabets that write all of them as letters."""
_COMMON = {
    "CJK": (("gb2312", 0xD7), ("big5", 0xC6), ("shift_jis", 0x98)),
    "HANGUL": (("euc_kr", 0xC8),),
}
"""Sets of the characters that a country writes, and the first byte with which the common ones of each end."""
_EAST_ASIAN = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HANGUL": "CJK", "CJK": "CJK", "FULLWIDTH": "CJK"}

_LEAST = 200
"""Characters of a page, and letters of its script, from which on it is judged."""
_SAMPLE = 4_000
_RENAMINGS = 12
_BEYOND_CHANCE, _BEYOND_IN_VOWELS = 0.5, 0.06
"""What a language has above the best of the renamings: in bits a pair (real pages of the shared documents have .87 and
more, of real ones renamed 99 in 100 have less than .42); as a share of the pairs that join a vowel and a consonant."""
_SKEW = (0.04, 0.16)
"""How often two letters drawn from a text are the same (Friedman's index of coincidence, 1922): .05 to .09 in
languages, renamed or not; .038 in keys and sums, .25 in the letters of genes."""
_WORD, _MIN_WORDS = (3.6, 15.0), 40
"""Mean length of a word, and different ones, of running text; moves of chess, instructions and part numbers have
shorter or fewer."""
_TOKEN = (3.0, 9.0)
"""Mean length of what stands between spaces, in running text whose letters are drawn as signs."""
_LEAST_COMMON = 0.6
"""Share of common characters: .98 and more in real pages, .26 at most where glyphs' numbers are read as characters."""
_SPOILT = 0.3
"""Share of the characters that no font means, and of words in several alphabets, that no readable page has."""
_FREQUENT, _SIGNS = 12, 3
"""Of the most frequent characters, how many are signs where signs stand for letters; in programs and formulas, too."""
_MOSTLY = 0.5
"""Share of guessed characters that puts a page in doubt."""
_BROKEN = ("Cc", "Cn", "Co", "Cs")

_LETTERS = re.compile(r"[^\W\d_]+")
_REPEATED = re.compile(r"([^\w\s])\1+")
_WEIGHT = re.compile(rb"[^\0]")
"""One in seventy of the bytes of a model."""


class Legibility(StrEnum):
    """How a page reads."""

    READABLE = "readable"
    """As a language, or as what nobody can tell from its letters alone."""
    DOUBTFUL = "doubtful"
    """Nothing shows that it is a language, and the file does not say what its characters are."""
    ILLEGIBLE = "illegible"
    """As no language: its letters are certainly not those that it shows."""


def legibility(text: str, *, guessed: float) -> Legibility:
    """Returns how ``text``, that of a page or more, reads.

    It may hold what PDFium makes of glyphs without a meaning: controls, private use, U+FFFD. ``guessed`` is the share
    of the characters for which the file does not say what they are.
    """
    chars = [char for char in _REPEATED.sub(r"\1", text) if not char.isspace()]
    if len(chars) < _LEAST:
        return Legibility.READABLE
    broken = sum(unicodedata.category(char) in _BROKEN or char == "\ufffd" for char in chars)
    if broken > _SPOILT * len(chars) or _mixes_alphabets(text):
        return Legibility.ILLEGIBLE
    if 2 * sum(map(str.isdigit, chars)) > len(chars):
        return Legibility.READABLE
    language = _is_language(text)
    signs = (
        _signs(chars) >= _SIGNS
        and _is_running(text.split(), _TOKEN)
        and _main_script(text)[0] in ("", *_ALPHABETS)
    )
    if language is False or (language is None and signs):
        return Legibility.ILLEGIBLE
    return Legibility.DOUBTFUL if language is None and guessed > _MOSTLY else Legibility.READABLE


def _signs(chars: Sequence[str]) -> int:
    """Returns how many of the most frequent characters, digits aside, are signs."""
    counts = Counter(char for char in chars if not char.isdigit())
    return sum(_is_sign(char) for char, _ in counts.most_common(_FREQUENT))


def _is_sign(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] in "PS" or kind == "Lm"


def _is_running(words: Sequence[str], length: tuple[float, float]) -> bool:
    """Returns whether words are as many different ones, and as long, as those of sentences."""
    return len(set(words)) >= _MIN_WORDS and length[0] <= sum(map(len, words)) / len(words) <= length[1]


def _mixes_alphabets(text: str) -> bool:
    """Returns whether many words are written in several alphabets each."""
    words = [word for word in _LETTERS.findall(text[: 2 * _SAMPLE]) if len(word) > 2]
    mixed = sum(
        len({_EAST_ASIAN.get(script, script) for script in map(_script, word)} - {"MODIFIER"}) > 1
        for word in words
    )
    return len(words) >= _MIN_WORDS // 2 and mixed > _SPOILT * len(words)


def _is_language(text: str) -> bool | None:
    """Returns whether the script with the most letters is written as its languages are; None where nobody can tell.

    It is known of running text only, in a script that has models.
    """
    script, count = _main_script(text)
    if script in _COMMON:
        return _common(text, script) >= _LEAST_COMMON if count >= _LEAST // 2 else None
    if script not in _ALPHABETS:
        return None
    words = "".join(_folded(char) if _script(char) == script else " " for char in text[: 4 * _SAMPLE]).split()
    sample = " ".join(words)[:_SAMPLE]
    if len(sample) < _LEAST // 2:
        return None
    # vowels first: they tell of nearly every page, and the models of letters take a quarter of a second to read
    if (
        _beyond_chance_in_vowels(sample, script) >= _BEYOND_IN_VOWELS
        or _beyond_chance(sample, script) >= _BEYOND_CHANCE
    ):
        return True
    running = count >= _LEAST and _is_running(words, _WORD) and _SKEW[0] < _skew(sample) < _SKEW[1]
    return False if running else None


def _main_script(text: str) -> tuple[str, int]:
    """Returns the script with the most letters, as Unicode begins their names, and how many; "" without letters."""
    counts = Counter(_script(char) for char in text if char.isalpha())
    return counts.most_common(1)[0] if counts else ("", 0)


@cache
def _script(char: str) -> str:
    return unicodedata.name(char, "UNKNOWN").split(" ", 1)[0] if char.isalpha() else ""


@cache
def _folded(char: str) -> str:
    """Returns a letter in lower case, a Latin one without its accents: languages without a model write many."""
    char = char.lower()[:1]
    if _script(char) != "LATIN":
        return char
    words = unicodedata.name(char).split()
    return words[3].lower() if len(words) > 3 and len(words[3]) == 1 else char


def _common(text: str, script: str) -> float:
    """Returns the share of the characters of a script that the set that suits best calls common."""
    chars = [char for char in text if _script(char) == script][:_SAMPLE]
    return max(sum(_is_within(char, codec, last) for char in chars) for codec, last in _COMMON[script]) / len(
        chars
    )


@cache
def _is_within(char: str, codec: str, last: int) -> bool:
    encoded = char.encode(codec, "ignore")
    return len(encoded) == 2 and encoded[0] <= last


def _skew(sample: str) -> float:
    counts = Counter(sample.replace(" ", ""))
    total = counts.total()
    return sum(n * (n - 1) for n in counts.values()) / (total * (total - 1))


def _beyond_chance(sample: str, script: str) -> float:
    """Returns how much better the pairs of letters suit a language than those of any renaming, in bits a pair."""
    pairs = Counter(zip(f" {sample}", f"{sample} ", strict=True))
    own, *chance = (_suits(pairs, names, script) for names in _renamings(sample))
    return own - max(chance)


def _beyond_chance_in_vowels(sample: str, script: str) -> float:
    """Returns how much more often a vowel and a consonant meet than in any renaming, as a share of all pairs."""
    vowels = _VOWELS.get(script)
    pairs = Counter(pair for pair in itertools.pairwise(sample) if " " not in pair)
    if vowels is None or not pairs:
        return 0.0
    own, *chance = (
        sum(n for (a, b), n in pairs.items() if (names[a] in vowels) != (names[b] in vowels)) / pairs.total()
        for names in _renamings(sample)
    )
    return own - max(chance)


def _renamings(sample: str) -> list[dict[str, str]]:
    """Returns the letters under their own names, and then under each other's."""
    letters = sorted(set(sample) - {" "})
    drawn = random.Random(0)
    orders = [letters, *(drawn.sample(letters, len(letters)) for _ in range(_RENAMINGS))]
    return [{" ": " ", **dict(zip(letters, order, strict=True))} for order in orders]


def _suits(pairs: Mapping[tuple[str, str], int], names: Mapping[str, str], script: str) -> float:
    """Returns the mean weight of pairs of letters in the language that they suit best, in bits."""
    best = 0.0
    for codec in _ALPHABETS[script]:
        codes = {letter: (name.encode(codec, "ignore") or b"\0")[0] for letter, name in names.items()}
        known = [(codes[a] << 8 | codes[b], n) for (a, b), n in pairs.items() if codes[a] and codes[b]]
        if len(known) < 2:  # of one place itemgetter returns no tuple; a page of text has hundreds
            continue
        weights = itemgetter(*(place for place, _ in known))
        counts = [n for _, n in known]
        for model in letter_models(codec, script):
            best = max(best, sum(map(mul, map(BITS.__getitem__, weights(model)), counts)))
    return best / sum(pairs.values())


BITS = [math.log2(1 + weight) for weight in range(256)]
"""What a weight of a model counts in bits."""


@cache
def letter_models(codec: str, script: str) -> Sequence[bytes]:
    """Returns for each language of a code page the weight of each pair of its bytes, at ``first << 8 | second``."""
    tables = [table for key, table in load_models().items() if key.partition("/")[2] == codec]
    return [_without_accents(table, codec) for table in tables] if script == "LATIN" else tables


def _without_accents(table: bytes, codec: str) -> bytes:
    """Returns a model in which a letter weighs as much as the heaviest of those with its accents."""
    fold = [
        (_folded(char) if (char := bytes([code]).decode(codec, "ignore")) else "").encode("ascii", "ignore")[
            :1
        ]
        for code in range(256)
    ]
    plain = [letter[0] if letter else code for code, letter in enumerate(fold)]
    folded = bytearray(table)
    for found in _WEIGHT.finditer(table):
        place = found.start()
        to = plain[place >> 8] << 8 | plain[place & 255]
        folded[to] = max(folded[to], table[place])
    return bytes(folded)
