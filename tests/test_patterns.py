"""Every regular expression takes time in proportion to its text: documents, questions and models write anything."""

from __future__ import annotations

import re

import pytest

from tests.patterns import Found, every_pattern, slow_text


@pytest.mark.slow
def test_every_pattern_is_linear() -> None:
    patterns = every_pattern()
    assert len(patterns) > 100
    slow = {found.where: text for found in patterns if (text := slow_text(found)) is not None}
    assert not slow


@pytest.mark.parametrize(
    "pattern", [r"\s*\[\d+\]", r" *\n", r"\S*é\S*", r"[a-z]+(?=-$)", r"«[^»]+»", r"(?:a|b)*c", r"x\s*\s*\s*y"]
)
def test_what_takes_the_square_is_found(pattern: str) -> None:
    assert slow_text(Found("here", re.compile(pattern), {"sub"})) is not None
