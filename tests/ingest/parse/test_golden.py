"""What the parsers say about the repository's own documents, word for word.

After a change on purpose: ``python -m tests.data.make_samples --expected``, then review the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import formats
from tests.data.make_samples import EXPECTED, SOURCES, render


@pytest.mark.parametrize("expected", sorted(EXPECTED.glob("*.txt")), ids=lambda path: path.stem)
def test_expected_blocks(expected: Path) -> None:
    source = SOURCES / expected.stem
    assert render(formats.parse(source, source.name)) == expected.read_text(encoding="utf-8")


def test_every_source_has_an_expectation() -> None:
    names = {path.name for path in SOURCES.iterdir() if path.suffix != ".pdf"}
    assert {path.stem for path in EXPECTED.glob("*.txt")} == names
    assert names
