"""How long a text is, in words as people count them."""

from __future__ import annotations

import re

_COUNTED = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
"""A character of a script without spaces (Han, kana), or a run of letters and digits of any other."""


def word_count(text: str) -> int:
    """Returns the number of words; in Chinese and Japanese that of characters, as word processors count them."""
    return sum(1 for _ in _COUNTED.finditer(text))
