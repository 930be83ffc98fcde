"""Text as people see it: escapes for characters that a terminal or a browser obeys, and an ellipsis where it is cut."""

from __future__ import annotations

import re

_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"
"""They change the order in which what follows is drawn: `exe.txt` can be made to look like `txt.exe`."""
_OBEYED = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{_DIRECTIONS}\ud800-\udfff]")
_OBEYED_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_DIRECTIONS}\ud800-\udfff]")
_BYTES = range(0xDC80, 0xDD00)
"""What Python reads bytes of a file name as that are not UTF-8."""


def visible(text: str) -> str:
    """Returns ``text`` with escapes for what is obeyed; line ends and tabs stay."""
    return _OBEYED.sub(_escape, text)


def visible_line(text: str) -> str:
    """Returns ``text`` as one line: line ends and tabs are escapes too."""
    return _OBEYED_IN_LINE.sub(_escape, text)


def visible_json(text: str) -> str:
    """Returns JSON that means the same and holds no character that is obeyed; the line ends between its parts stay."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shortened(text: str, most: int) -> str:
    """Returns ``text`` in at most ``most`` characters; what is cut off shows as an ellipsis, the last of them."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in _BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return {10: "\\n", 13: "\\r", 9: "\\t"}.get(code) or (
        f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
    )
