"""Text that can be stored and sent: halves of surrogate pairs cannot be written as UTF-8."""

from __future__ import annotations

_HIGH = range(0xD800, 0xDC00)
"""The first halves of pairs."""


def storable(text: str) -> str:
    """Returns ``text`` with pairs joined and every half that stands alone replaced by U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class StorableStream:
    """``storable`` for text that comes in pieces: some servers split an emoji into its two halves."""

    def __init__(self) -> None:
        self._held = ""

    def push(self, piece: str) -> str:
        """Returns the text that is certain after ``piece``; may be empty."""
        text = self._held + piece
        self._held = text[-1] if text and ord(text[-1]) in _HIGH else ""
        return storable(text[: len(text) - len(self._held)])

    def finish(self) -> str:
        """Returns the text that was held back, at the end."""
        held, self._held = self._held, ""
        return storable(held)
