"""What every file that makes markup needs."""

from __future__ import annotations


def one_line(markup: str) -> str:
    """Returns ``markup`` with line breaks written as character references, which mean the same in HTML."""
    return markup.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "&#10;")
