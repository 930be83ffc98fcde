"""The names of the data folder stand in one module."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.system import home_layout
from kb.system.home_layout import LIBRARY, RESTORED, HomeLayout
from tests.structure import ROOT, sources

NAMES = {
    value.relative_to(Path("/home")).as_posix()
    for name, member in inspect.getmembers(HomeLayout, lambda member: isinstance(member, property))
    if isinstance(value := getattr(HomeLayout(Path("/home")), name), Path)
}
JOINS = ("joinpath", "with_name", "glob", "rglob", "Path", "startswith")


def names_of_paths(tree: ast.AST) -> Iterator[str]:
    """The strings from which paths are made: after a slash, given to what joins paths, or names of our own files."""
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = [node.right]
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            parts = node.args if called in JOINS else []
        elif isinstance(node, ast.Constant) and str(node.value).startswith("footnote."):
            yield str(node.value)
        for part in parts:
            literals = part.values if isinstance(part, ast.JoinedStr) else [part]
            yield from (
                piece
                for text in literals
                if isinstance(text, ast.Constant)
                for piece in str(text.value).split("/")
            )


def test_the_names_are_those_that_a_folder_has() -> None:
    assert {
        *("footnote.db", "footnote.db.recovering", "footnote.toml", "footnote.lock", "footnote.instance"),
        *("footnote.token", "footnote.keys"),
        *(
            "blobs",
            "names",
            "chroma",
            "chroma-collections",
            "words",
            "backups",
            "backup",
            "restoring",
            "models",
            "evaluation",
        ),
        *("uploads", "reserve", "unclaimed", "remote", "footnote.library", "footnote.embedder"),
    } == NAMES
    assert set(RESTORED) < set(LIBRARY)
    assert {path.name for path in HomeLayout(Path("/home")).indexes} < set(LIBRARY)


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_other_module_writes_such_a_name(path: Path) -> None:
    if path == Path(home_layout.__file__):
        return
    written = set(names_of_paths(ast.parse(path.read_text(encoding="utf-8"))))
    assert not written & NAMES, f"{path.name} names what kb/system/home_layout.py names"


@pytest.mark.parametrize(
    "code",
    [
        'home / "blobs"',
        'path.with_name("names")',
        'home / "blobs/ab"',
        'file = "footnote.db"',
        'home.joinpath("words")',
    ],
)
def test_such_a_name_would_be_seen(code: str) -> None:
    assert set(names_of_paths(ast.parse(code))) & NAMES


def test_the_newest_damaged_database_comes_first(tmp_path: Path) -> None:
    layout = HomeLayout(tmp_path)
    for stamp in ("20260101-000000", "20260301-000000", "20260201-000000"):
        layout.damaged_database(stamp).touch()
        (tmp_path / f"{layout.damaged_database(stamp).name}-wal").touch()
    assert [path.name[-15:-9] for path in layout.damaged_databases()] == ["202603", "202602", "202601"]
