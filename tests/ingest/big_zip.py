"""A DOCX whose body unpacks to gigabytes, written in a second: one compressed block, over and over."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

_BLOCK = 1 << 20
_NAME = b"word/document.xml"


def write_big_docx(path: Path, *, gigabytes: int, declared: int | None = None) -> Path:
    """A valid container whose ``word/document.xml`` inflates to ``gigabytes``; its folder says ``declared`` bytes."""
    blocks = gigabytes << 10
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(b" " * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    body = block * blocks + packer.flush()
    checksum = 0
    for _ in range(blocks):
        checksum = zlib.crc32(b" " * _BLOCK, checksum)
    sizes = struct.pack("<III", checksum, len(body), (blocks * _BLOCK if declared is None else declared))
    head = struct.pack("<HHHHH", 20, 0, zipfile.ZIP_DEFLATED, 0, 0x21)
    local = b"PK\x03\x04" + head + sizes + struct.pack("<HH", len(_NAME), 0) + _NAME + body
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + head + sizes
    entry += struct.pack("<HHHHHII", len(_NAME), 0, 0, 0, 0, 0, 0) + _NAME
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    path.write_bytes(local + entry + end)
    return path
