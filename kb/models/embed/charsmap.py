"""A table of character replacements in the form that ``tokenizers.normalizers.Precompiled`` reads.

That form is SentencePiece's: the size of a trie in bytes, the trie, then every replacement ending
in a zero byte. The trie is a double array as in darts-clone
(https://github.com/s-yata/darts-clone): each unit is 32 bits wide and holds the byte that leads to
it, whether a value follows, and the distance to its children.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias

_Node: TypeAlias = "dict[int, _Node | int]"
"""Byte -> child; key 0 holds the value of a word that ends here."""

_HAS_VALUE = 1 << 8
_IS_VALUE = 1 << 31


def charsmap(replacements: Mapping[str, str]) -> bytes:
    """Returns the table ``replacements`` (character -> text, which may be empty), serialised.

    Raises:
        ValueError: a replacement holds a zero byte, or the table is too large for the format.
    """
    texts = bytearray()
    root: _Node = {}
    for source, replacement in sorted(replacements.items()):
        if "\0" in source + replacement:
            raise ValueError(f"{source!r} -> {replacement!r} holds a zero character")
        _insert(root, source.encode(), len(texts))
        texts += replacement.encode() + b"\0"
    trie = _double_array(root)
    return struct.pack(f"<I{len(trie)}I", 4 * len(trie), *trie) + bytes(texts)


def _insert(root: _Node, key: bytes, value: int) -> None:
    node = root
    for byte in key:
        child = node.setdefault(byte, {})
        assert isinstance(child, dict)  # noqa: S101 - key 0 never occurs inside a key
        node = child
    node[0] = value


def _double_array(root: _Node) -> list[int]:
    """Places the children of every node at ``base ^ byte``, each node at a base of its own.

    A node with several children gets a fresh block of 256, so that nothing has to be searched; the
    nodes with one child, nearly all of them ends of words, then fill the gaps.
    """
    units = {0: 0}
    narrow: list[tuple[_Node, int]] = []
    wide = [(root, 0)]
    bases = {0}
    while wide:
        node, place = wide.pop()
        bases.add(base := 256 * len(bases))
        for child, at in _place(units, node, place, base=base):
            (wide if len(child) > 1 else narrow).append((child, at))
    gap = 1
    while narrow:
        node, place = narrow.pop()
        (label,) = node
        while gap in units or gap ^ label in bases:
            gap += 1
        bases.add(gap ^ label)
        narrow += _place(units, node, place, base=gap ^ label)
    # A reader looks at base ^ byte for any byte, so the last block of 256 must be there in full.
    size = (max(bases) // 256 + 1) * 256
    return [units.get(place, 0) for place in range(size)]


def _place(units: dict[int, int], node: _Node, place: int, *, base: int) -> list[tuple[_Node, int]]:
    """Writes the children of the node at ``place``; returns those that have children, with their indexes."""
    if (distance := base ^ place) >= 1 << 21:
        raise ValueError("the table is too large")  # longer distances are stored in another way
    units[place] |= distance << 10 | (_HAS_VALUE if 0 in node else 0)
    for byte, child in node.items():
        units[base ^ byte] = child | _IS_VALUE if isinstance(child, int) else byte
    return [(child, base ^ byte) for byte, child in node.items() if isinstance(child, dict)]
