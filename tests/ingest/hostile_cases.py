"""The hostile files of the shared evaluation data, and how each has to end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2].parent / "shared" / "eval"
MANIFEST = SHARED / "hostile" / "manifest.jsonl"
SECONDS, MEGABYTES = 30, 500
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd]|%PDF-|endobj|<!ENTITY|PK\x03\x04")
"""What stands in a text only when bytes were taken for words."""


def cases() -> list[dict[str, Any]]:
    """A line of the manifest each; none where the data is not beside the checkout."""
    lines = MANIFEST.read_text(encoding="utf-8").splitlines() if MANIFEST.exists() else ()
    return [json.loads(line) for line in lines]


def params() -> list[Any]:
    """The cases as parameters of a test."""
    return [pytest.param(case, id=Path(case["path"]).name) for case in cases()]


def assert_ends_as_labelled(case: dict[str, Any], how: str, words: str) -> None:
    """``how`` is ``text`` and ``words`` what was read, or ``refused`` and the sentence for the person."""
    match case["expect"]:
        case "reject":
            assert how == "refused"
        case "password":
            assert how == "refused"
            assert "password" in words
        case "no_text":
            assert how == "refused"
            assert re.search(r"no text|empty", words)
        case "text":
            assert how == "text"
            assert words.strip()
        case other:
            assert other in ("reject_or_partial", "reject_or_text")
    if how == "text":
        assert not _UNREADABLE.search(words)
        for wanted in case.get("must_include", ()):
            assert wanted.casefold() in words.casefold()
    else:
        assert words.startswith(Path(case["path"]).name), words  # the sentence says which file
        assert words.endswith((".", "!"))
        assert not re.search(r"NameError|AttributeError|UnboundLocalError|ImportError", words), (
            "a mistake of ours"
        )
