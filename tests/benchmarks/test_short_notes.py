"""The short notes that refusals are measured on say what they are held to say."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = tomllib.loads((ROOT / "benchmarks" / "short_notes.toml").read_text(encoding="utf-8"))["library"]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: "-".join(library["files"]))
def test_a_note_holds_its_answers(library: dict[str, object]) -> None:
    files, answered = library["files"], library["answered"]
    assert isinstance(files, dict)
    assert isinstance(answered, list)
    text = "\n".join(files.values())
    assert all(answer in text for _, answer in answered)
    assert len(files) <= 5


def test_as_many_questions_have_an_answer_as_have_none() -> None:
    counts = Counter[str]()
    for library in LIBRARIES:
        counts.update({kind: len(library[kind]) for kind in ("answered", "unanswered")})
    assert counts["answered"] == counts["unanswered"] >= 80
