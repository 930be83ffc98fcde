"""How a tag is written: as it is stored, whoever types it and however."""

from __future__ import annotations


def tag_form(tag: str) -> str:
    """Returns ``tag`` in lower case, without its hash, white space as hyphens: so it can be typed in a question."""
    return "-".join(tag.strip().lstrip("#").casefold().split())
