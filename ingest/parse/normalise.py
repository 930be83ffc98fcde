"""One spelling for the text of every format, so that a chunk, a question and a page can be compared.

What a reader cannot see goes, what looks the same is written the same, and nothing else changes:
case, punctuation, superscripts and runs of spaces (code needs its indentation) stay.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_BREAK = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")

# Fixed-width spaces; the ideographic one is a plain space to a reader.
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")

# Controls, soft hyphens, zero-width spaces, marks that turn the writing direction (a way to disguise
# text), lone surrogates (no database stores them), tag characters and variation selectors (a way to
# hide text), and code points that are no characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)

# Joiners are spelling after an Arabic, Indic or other letter that joins, and hold emoji together;
# anywhere else they are as invisible as the rest.
_STRAY_JOINER = re.compile(
    "(?<![\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdcf\ufdf0-\ufe0f\ufe70-\ufefe"
    "\u2190-\u2bff\U0001f000-\U0001faff])[\u200c\u200d]+"
)

# Characters that only exist to keep old encodings or fonts apart: Kangxi radicals, Latin, Hebrew and
# Arabic ligatures and letter forms, full-width digits and letters, half-width kana and Hangul.
_COMPATIBILITY = re.compile(
    "[\u2f00-\u2fd5\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufb4f\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff61-\uff9f\uffa1-\uffdc]+"
)

_HYPHEN = re.compile("[\u2010\u2011]")
_BLANK = re.compile(r"\s+")


def normalise_text(text: str) -> str:
    """Returns ``text`` in NFC, lines ended by a line feed, without invisible characters and compatibility forms.

    Doing it twice changes nothing. The result can always be encoded as UTF-8.
    """
    text = _LINE_BREAK.sub("\n", text)
    if text.isascii():
        return _INVISIBLE.sub("", text)
    text = _INVISIBLE.sub("", text)
    text = _STRAY_JOINER.sub("", text)
    text = _SPACE.sub(" ", text)
    text = _HYPHEN.sub("-", text)
    text = _COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return unicodedata.normalize("NFC", text)


def squeeze(text: str) -> str:
    """Returns ``text`` on one line: every run of white space is one space, none at the ends."""
    return _BLANK.sub(" ", text).strip()
