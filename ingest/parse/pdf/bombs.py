"""Finds compressed streams that unpack to far more than text ever needs, before PDFium unpacks them.

PDFium has no limit of its own: 2 KB that unpack to 200 MB cost it half a minute and 2.7 GB.
"""

from __future__ import annotations

import logging
import mmap
import re
import zlib
from pathlib import Path

log = logging.getLogger(__name__)

MAX_UNPACKED = 32 * 1024 * 1024
"""Bytes of one stream. The text of a page takes some 20 KB, a detailed map 10 MB."""

_STREAM = re.compile(rb"stream\r?\n")
_UNREAD = (b"/Image", b"/EmbeddedFile", b"/FontFile")
"""What PDFium leaves packed while it looks for text."""
_CHUNK = 64 * 1024
_LAYERS = 3


def has_bomb(path: Path) -> bool:
    """Returns whether a stream of the file unpacks to more than ``MAX_UNPACKED`` bytes, through several layers or one.

    Streams that are encrypted, or packed by other means than Flate, are not examined.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for found in _STREAM.finditer(data):
            start = found.end()
            head = data[max(0, found.start() - 512) : found.start()]
            head = head[head.rfind(b" obj") + 1 :]
            if head.endswith(b"end") or any(word in head for word in _UNREAD):
                continue
            if _is_packed(data[start : start + 2]) and _unpacks_to(data, start) > MAX_UNPACKED:
                return True
    return False


def _is_packed(head: bytes) -> bool:
    """Returns whether bytes begin like a zlib stream (RFC 1950)."""
    return len(head) == 2 and head[0] & 0x0F == 8 and int.from_bytes(head) % 31 == 0


def _unpacks_to(data: mmap.mmap, start: int) -> int:
    """Returns the bytes that come out of the stream at ``start``, counted a little beyond ``MAX_UNPACKED`` at most."""
    first = _Layer(_LAYERS)
    try:
        while not first.done and first.unpacked <= MAX_UNPACKED and start < len(data):
            first.feed(data[start : start + _CHUNK])
            start += _CHUNK
    except zlib.error:
        log.debug("a stream is damaged", extra={"offset": start})
    return first.unpacked


class _Layer:
    """One layer of packing; opens the next when what comes out is packed again."""

    def __init__(self, layers: int) -> None:
        self._inflate = zlib.decompressobj()
        self._layers = layers
        self._inner: _Layer | None = None
        self._size = 0

    @property
    def done(self) -> bool:
        """Whether the packed stream has ended."""
        return self._inflate.eof

    @property
    def unpacked(self) -> int:
        """Bytes that have come out of this layer, or of one within."""
        return max(self._size, self._inner.unpacked if self._inner else 0)

    def feed(self, packed: bytes) -> None:
        """Unpacks, piece by piece, and stops at the limit.

        Raises:
            zlib.error: the bytes are no packed stream, or a damaged one.
        """
        while packed and not self.done and self.unpacked <= MAX_UNPACKED:
            out = self._inflate.decompress(packed, _CHUNK)
            packed = self._inflate.unconsumed_tail
            if not self._size and self._layers > 1 and _is_packed(out[:2]):
                self._inner = _Layer(self._layers - 1)
            self._size += len(out)
            if self._inner and out:
                self._inner.feed(out)
