"""A PDF that is cut off, put together from the objects that are in it.

The table of a PDF's objects and its first object's number stand at the end. Where that is missing PDFium gives up;
the pages are mostly there.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

_MOST = 128 * 1024 * 1024
"""Bytes of a file that is put together in memory."""
_UNPACKED = 32 * 1024 * 1024
"""Bytes of an object stream, and of all of them together."""
_OBJECT = re.compile(rb"(?<!\d)(\d{1,8}) \d{1,5} obj\b")
_TYPE = re.compile(rb"/Type ?/(Page|Pages|Catalog|ObjStm)\b")
_STREAM = re.compile(rb"\bstream\r?\n")
_FIRST = re.compile(rb"/First (\d{1,9})")
_PAIR = re.compile(rb"(\d{1,8}) (\d{1,9})")
_HEAD = 4_000
"""Bytes of an object in which its type stands."""


def rescued(path: Path) -> bytes | None:
    """Returns a PDF with the pages that are whole in a damaged one; None where there are none, or it is encrypted."""
    if path.stat().st_size > _MOST:
        return None
    data = path.read_bytes()
    if not data[:1024].lstrip().startswith(b"%PDF") or b"/Encrypt" in data:
        return None
    kinds: dict[int, bytes] = {}
    added = bytearray()
    for number, body in _objects(data):
        found = _TYPE.search(body[:_HEAD].partition(b"stream")[0])
        kind = found[1] if found else b""
        if kind == b"ObjStm":
            for inner, content in _packed(body):
                if len(added) > _UNPACKED:
                    break
                within = _TYPE.search(content[:_HEAD])
                kinds[inner] = within[1] if within else b""
                added += b"%d 0 obj\n%s\nendobj\n" % (inner, content)
        else:
            kinds[number] = kind
    return _put_together(data, bytes(added), kinds)


def _put_together(data: bytes, added: bytes, kinds: dict[int, bytes]) -> bytes | None:
    pages = [number for number, kind in kinds.items() if kind == b"Page"]
    if not pages:
        return None
    tree = max(kinds) + 1
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    added += b"%d 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (tree, len(pages), kids)
    added += b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % (tree + 1, tree)
    end = b"trailer<</Root %d 0 R/Size %d>>\nstartxref\n0\n%%%%EOF\n" % (tree + 1, tree + 2)
    return data + b"\nendstream\nendobj\n" + added + end


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the number and the bytes of each object, up to the next; the last may be cut off."""
    starts = list(_OBJECT.finditer(data))
    ends = [found.start() for found in starts[1:]] + [len(data)]
    for found, end in zip(starts, ends, strict=False):
        yield int(found[1]), data[found.end() : end]


def _packed(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the objects in an object stream (ISO 32000-1, 7.5.7), as far as it unpacks."""
    start = _STREAM.search(body)
    first = _FIRST.search(body[:_HEAD])
    if start is None or first is None:
        return
    try:
        content = zlib.decompressobj().decompress(body[start.end() :], _UNPACKED)
    except zlib.error:
        return
    pairs = [(int(number), int(place)) for number, place in _PAIR.findall(content[: int(first[1])])]
    base = int(first[1])
    for index, (number, place) in enumerate(pairs):
        end = base + pairs[index + 1][1] if index + 1 < len(pairs) else len(content)
        yield number, content[base + place : end]
