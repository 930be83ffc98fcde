"""The words of a PDF as a person would read them: letter forms normalised, line ends joined."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from ingest.parse.normalise import normalise_text, squeeze

_MATHEMATICAL = re.compile("[\U0001d400-\U0001d7ff]+")

_SYMBOL_BULLET = re.compile("[\uf06c\uf06e\uf076\uf0a7\uf0b7\uf0d8\uf0e0\uf0fc]")
"""What Word's lists leave of a bullet in the fonts Symbol and Wingdings, which have no Unicode."""

_CJK_RANGE = (
    "\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    "\U00020000-\U0003134f"
)
_CJK = re.compile(f"[{_CJK_RANGE}]")
_UNBREAKABLE = re.compile(f"[（「『《〈【“‘(]*(?:[^\\s{_CJK_RANGE}]+|.)?", re.DOTALL)

_TORN_LIGATURE = re.compile("(?<=[a-z])[ƟƩƫŌ]|[ƟƩƫ](?=[a-z])")
_LIGATURES = {"Ɵ": "ti", "Ʃ": "tt", "ƫ": "tti", "Ō": "ft"}
"""What glyphs of Calibri come out as where a program knows no better: their place in the font, read as a letter."""

_LETTER = "[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
_POINT = "[、。，．！？：；・（）「」『』《》〈〉【】]"
_SPREAD = re.compile(
    f"(?<!{_LETTER}){_LETTER}{_POINT}*(?:(?: |(?<={_POINT})){_POINT}*{_LETTER}{_POINT}*){{3,}}(?!{_LETTER})"
)
_SPREAD_LINE = re.compile(f"{_LETTER}(?: {_LETTER})+")
"""Chinese or Japanese with a space after each letter: a line that was stretched, a title such as ``目 录``."""

LEADERS = re.compile(r"(?:[.·․…]\s?){5,}")
"""What leads the eye from an entry of a table of contents to its page; three dots say as much in fewer tokens."""
ENTRY = re.compile(r"(?:\s\.\.\.|…)\s*\S{1,8}$")
"""How such an entry ends, as ``read_words`` writes it."""

_LAST_PART = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?=-$)")
_WORD = re.compile(r"[^\W\d_]+")
WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
"""Words, hyphens within them included."""

_FIRST_PART = re.compile(
    "all|best|cross|ex|four|full|half|high|large|left|long|low|mid|non|off|open|part|quasi|real|right|self|"
    "semi|short|single|small|so|state|three|top|two|ultra|well|world|worst"
)
"""First parts of English compounds whose hyphen is more often meant than set by a line end."""


def read_words(text: str) -> str:
    """Returns ``text`` on one line, without the letter forms, controls and surrogates of a PDF."""
    text = LEADERS.sub(" ... ", text)
    if text.isascii():
        return squeeze(normalise_text(text))
    if any("\ud800" <= char <= "\udfff" for char in text):  # PDFium hands some characters over in halves
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _TORN_LIGATURE.sub(lambda found: _LIGATURES[found[0]], text)
    text = _MATHEMATICAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = squeeze(normalise_text(_SYMBOL_BULLET.sub("•", text)))
    if _SPREAD_LINE.fullmatch(text):
        return text.replace(" ", "")
    return _SPREAD.sub(lambda found: found[0].replace(" ", ""), text)


def first_word(line: str) -> str:
    """Returns what has to stay together at the beginning of a line: a word, or one Chinese character."""
    found = _UNBREAKABLE.match(line)
    return found[0] if found else ""


def join_lines(before: str, after: str, vocabulary: Container[str]) -> tuple[str, str]:
    """Returns how a line end is read: the rest of the line before it, and the text between the two.

    ``vocabulary`` holds the words of the document, in lower case and as ``WORDS`` finds them: it knows
    most often whether ``well-known`` was one word or two before the line ended in it.
    """
    if before[-1:] == "-" and before[-2:-1].isalnum():
        return _join_hyphenated(before, after, vocabulary), ""
    if _CJK.match(before[-1:]) and _CJK.match(after[:1]):
        return before, ""
    return before, " "


def _join_hyphenated(before: str, after: str, vocabulary: Container[str]) -> str:
    first, second = _LAST_PART.search(before), _WORD.match(after)
    if first is None or second is None or not second[0].islower():
        return before
    if before[first.start() - 1 : first.start()] == "-":  # state-of-the-|art
        return before
    head, tail = first[0].lower(), second[0]
    if head + tail in vocabulary:
        return before[:-1]
    meant = f"{head}-{tail}" in vocabulary or _FIRST_PART.fullmatch(head)
    return before if meant else before[:-1]
