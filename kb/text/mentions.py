"""What a sentence names: numbers, names, negations."""

from __future__ import annotations

import re
import unicodedata

from kb.text.content_words import STOP_WORDS
from kb.text.language import in_latin_script, language
from kb.text.numbers import numbers as written_numbers
from kb.text.numbers import plain_numbers
from kb.text.sentences import sentences
from kb.text.words import fold

_SPELT_NUMBERS = """
zero 零|one first once 一|two second twice 二 两|three third 三|four fourth 四|five fifth 五|six sixth 六
seven seventh 七|eight eighth 八|nine ninth 九|ten tenth 十|eleven eleventh 十一|twelve twelfth dozen 十二
thirteen thirteenth 十三|fourteen fourteenth 十四|fifteen fifteenth 十五|sixteen sixteenth 十六
seventeen seventeenth 十七|eighteen eighteenth 十八|nineteen nineteenth 十九|twenty twentieth 二十
"""
_SPELT = {
    word: str(value)
    for value, names in enumerate(_SPELT_NUMBERS.strip().replace("\n", "|").split("|"))
    for word in names.split()
}
_MONTHS = {
    name: str(number)
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december"), start=1,
    )
}  # fmt: skip
_SPELT_WORD = re.compile("|".join([r"\b[a-z]+\b", "[零一二三四五六七八九十两]+"]))
_NAME = re.compile(r"(?<![A-Za-zÀ-ɏ0-9'’-])[A-Z][A-Za-zÀ-ɏ0-9'’-]*[A-Za-zÀ-ɏ0-9](?:\.[A-Z])*")
"""Han text writes no space behind a Latin name: its characters must not be taken for more of the name."""
_CAPITALISE_NOUNS = frozenset({"de"})
_NEGATION = re.compile(
    r"\b(?:not|no|never|nor|neither|cannot)\b|n['’]t\b"
    r"|不(?![同仅过断久少列但管论如良])|没有?|[並并]非|未(?![来來必])|[无無][法需须]",
    re.IGNORECASE,
)
"""Words that turn a sentence round; not those that only begin with such a syllable (不同, 未来, 无线)."""
_DECADE = re.compile(r"(\d{1,2})世[纪紀](\d0)年代")


def numbers(text: str) -> list[tuple[str, frozenset[str]]]:
    """Each number written in digits, and the forms it may have elsewhere."""
    return written_numbers(_with_years(unicodedata.normalize("NFKC", text)))


def numbers_said(text: str) -> frozenset[str]:
    """Every number of ``text``, in digits or spelt out, with and without its ``million``."""
    said = set(plain_numbers(_with_years(text)))
    folded = fold(text)
    for match in _SPELT_WORD.finditer(folded):
        said.update(filter(None, (_SPELT.get(match.group()), _MONTHS.get(match.group()))))
    return frozenset(said)


def _with_years(text: str) -> str:
    """``text`` with decades as English counts them: 20世纪50年代 is 1950."""
    return _DECADE.sub(lambda match: f"{100 * (int(match[1]) - 1) + int(match[2])}", text)


def names(text: str) -> list[str]:
    """Capitalised words that do not begin a sentence; in other scripts every Latin word with a capital.

    None in German, where every noun has one.
    """
    if language(text) in _CAPITALISE_NOUNS:
        return []
    begins = {start for start, _ in sentences(text)} if in_latin_script(text) else set()
    return [
        match.group()
        for match in _NAME.finditer(text)
        if match.start() not in begins
        and fold(match.group()) not in STOP_WORDS
        and fold(match.group()) not in _MONTHS
    ]


def negated(text: str) -> bool:
    """Whether ``text`` denies something."""
    return len(_NEGATION.findall(text)) % 2 == 1
