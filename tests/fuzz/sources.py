"""The real files that are mutated: the repository's own samples and, where they lie beside it, the shared ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.data.make_samples import SOURCES
from tests.fuzz.mutate import Source
from tests.ingest import pdf_samples

_SHARED = Path(__file__).parents[2].parent / "shared" / "eval" / "docs"
_SUFFIXES = (".pdf", ".docx", ".txt", ".md", ".html")
_WRITERS: tuple[Callable[[Path], Path], ...] = (
    pdf_samples.english,
    pdf_samples.chinese,
    pdf_samples.two_columns,
    pdf_samples.running_lines,
    pdf_samples.hyphenated,
    pdf_samples.pictures,
    pdf_samples.table,
    pdf_samples.outline,
)
_MOST_BYTES = 400_000
"""Larger files would only make the run longer."""


def own_sources() -> list[Source]:
    """Files that the repository has or makes."""
    with tempfile.TemporaryDirectory() as folder:
        made = [write(Path(folder) / f"{write.__name__}.pdf") for write in _WRITERS]
        return [_read(path) for path in (*sorted(SOURCES.iterdir()), *made)]


def shared_sources() -> list[Source]:
    """Real documents of other people, where they are at hand; else none."""
    found = sorted(_SHARED.rglob("*")) if _SHARED.is_dir() else []
    return [
        _read(path)
        for path in found
        if path.suffix.lower() in _SUFFIXES and path.stat().st_size <= _MOST_BYTES
    ]


def _read(path: Path) -> Source:
    return Source(path.name, path.read_bytes())
