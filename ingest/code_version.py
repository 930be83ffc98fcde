"""A hash of the code that chunks and indexes a document: for libraries that are discarded when it changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DECIDING = (
    *("ingest", "kb/state", "kb/index/vector", "kb/index/lexical"),
    *("kb/index/rows.py", "kb/index/self_search.py", "kb/index/writer.py"),
    *("kb/text", "kb/types", "kb/system/public_address.py"),
)
"""The steps of an import, and what they read text by. A test compares this with what they import."""
_SUFFIXES = frozenset({".py", ".toml"})
"""Code, and the word lists that it reads."""


def code_version() -> str:
    """Returns a hash of every source file that decides what a file becomes: parsers, chunker, words, indexes.

    The version of the chunker is raised by hand, and only where a released index has to be rebuilt. A
    measurement must not use yesterday's chunks because nobody raised it.
    """
    digest = hashlib.sha256()
    for path in deciding_files():
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def deciding_files() -> list[Path]:
    """Returns the files of ``DECIDING``, in a fixed order."""
    found: list[Path] = []
    for name in DECIDING:
        place = ROOT / name
        inside = (path for path in place.rglob("*") if path.suffix in _SUFFIXES)
        found += sorted(inside) if place.is_dir() else [place]
    return found
