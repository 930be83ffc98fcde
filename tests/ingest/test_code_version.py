"""The hash of the code that decides what a file becomes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ingest.code_version import DECIDING, ROOT, code_version, deciding_files

STEPS = ("ingest", "kb/index/lexical", "kb/index/vector", "kb/index/writer.py")
INDIFFERENT = {"kb/config/__init__.py", "kb/errors.py", "kb/ports.py"} | {
    path.relative_to(ROOT).as_posix() for path in (ROOT / "kb" / "system").glob("*.py")
}
"""What the steps use that makes nothing of a file: settings, ports, the machine, and what is said when something is
wrong."""


def sources(names: tuple[str, ...]) -> set[Path]:
    places = [ROOT / name for name in names]
    return {path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place])}


def imported(path: Path) -> Iterator[Path]:
    """The modules of ours that ``path`` imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{each.name}" for each in node.names)):
                place = ROOT / Path(*name.split("."))
                yield from (
                    file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()
                )


def test_the_name_is_a_hash() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", code_version())


def test_word_lists_decide_where_sentences_end() -> None:
    assert ROOT / "kb" / "text" / "data" / "de.toml" in deciding_files()


def test_every_place_that_decides_is_there_and_holds_code() -> None:
    assert all(sources((name,)) for name in DECIDING)
    assert all(path.is_file() for path in sources(DECIDING))


def test_whatever_the_steps_of_an_import_use_counts() -> None:
    reached: set[Path] = set()
    ahead = sources(STEPS)
    while ahead:
        path = ahead.pop()
        reached.add(path)
        if path.relative_to(ROOT).as_posix() not in INDIFFERENT:
            ahead |= set(imported(path)) - reached
    counted = sources(DECIDING) | {ROOT / name for name in INDIFFERENT} | {ROOT / "kb" / "__init__.py"}
    assert not {path.relative_to(ROOT).as_posix() for path in reached - counted}
