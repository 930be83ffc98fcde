"""How many tokens a text has, for servers that do not tell: rather too many than too few.

The weights follow how byte-pair tokenizers cut text before they merge: words, single digits, runs of
marks, line ends; each piece is at least one token. They were fitted to the tokenizers of Qwen3,
Llama 3.1 and Gemma 3 on 235 pieces of real documents, 1,500 characters each (prose, tables, receipts,
code; English, Chinese, Japanese, Spanish, Russian, Arabic): 1.37 times the truth in total, below 0.97
of it for 11 of 705, at worst 0.86. Plain "3.3 characters a token, one token a Han character" fell below
0.97 for 102 of 705 and down to 0.40, on tables of numbers.
"""

from __future__ import annotations

import math
import re

_PIECES = re.compile(
    r"(?P<word>[A-Za-z]+)"
    r"|(?P<digit>[0-9])"
    r"|(?P<wide>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])"
    r"|(?P<gap>\n|[ \t]{2,}|[^\S \n])"
    r"|(?P<letters>[^\W\d_]+)"
    r"|(?P<mark>[!-/:-@\[-`{-~])"
    r"|(?P<rest>[^\s])"
)
_WEIGHTS = {"word": 1.15, "digit": 1.0, "wide": 1.1, "gap": 1.5, "letters": 1.5, "mark": 0.6, "rest": 1.5}
_WORD_CHARACTERS = 4
"""Most words of this length are one token ..."""
_PER_CHARACTER = 0.3
"""... and longer ones take this much more a character; letters beyond ASCII from the first on."""


def estimated_tokens(text: str) -> int:
    """Returns a count for ``text`` that common models stay below, as a rule."""
    total = 0.0
    for match in _PIECES.finditer(text):
        kind = match.lastgroup or "rest"
        total += _WEIGHTS[kind]
        if kind == "word":
            total += _PER_CHARACTER * max(0, match.end() - match.start() - _WORD_CHARACTERS)
        elif kind == "letters":
            total += _PER_CHARACTER * (match.end() - match.start())
    return math.ceil(total)
