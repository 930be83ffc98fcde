"""What a log line says, and that every call gives its values as fields."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.system.logs import FieldFormatter

ROOT = Path(__file__).parents[3]
LEVELS = {"debug", "info", "warning", "error", "exception"}
TAKEN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def line(name: str, text: str, **given: object) -> str:
    """What the handler of the entry points would write."""
    record = logging.getLogger(name).makeRecord(name, logging.WARNING, "", 0, text, (), None, extra=given)
    return FieldFormatter("%(levelname)s %(name)s: %(message)s").format(record)


def test_fields_stand_behind_the_text() -> None:
    assert line("kb.engine", "not reranked", reason="no answer in 2 s", passages=20) == (
        "WARNING kb.engine: not reranked  reason='no answer in 2 s' passages=20"
    )
    assert line("kb.engine", "not reranked") == "WARNING kb.engine: not reranked"


def test_a_value_cannot_pass_for_another_line_or_field() -> None:
    written = line("ingest.pipeline", "a parser failed", file="a'b\nWARNING kb.engine: all is lost", n=1)
    assert "\n" not in written
    assert written.startswith("WARNING ingest.pipeline: a parser failed  file='a\\'b")
    assert written.endswith(" n=1")


def test_fields_of_other_libraries_are_theirs() -> None:
    assert (
        line("uvicorn.error", "Started", color_message="\x1b[31mStarted") == "WARNING uvicorn.error: Started"
    )


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger in the product."""
    for path in [ROOT / "app.py", *(ROOT / "kb").rglob("*.py"), *(ROOT / "ingest").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of = node.func.value
                if isinstance(of, ast.Name) and of.id == "log" and node.func.attr in LEVELS:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


@pytest.mark.parametrize(("place", "call"), [pytest.param(*each, id=each[0]) for each in calls()])
def test_every_call_is_a_fixed_text_with_fields(place: str, call: ast.Call) -> None:
    (text,) = call.args
    assert isinstance(text, ast.Constant), f"{place}: values belong into extra"
    assert "%" not in str(text.value)
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    assert options.keys() <= {"extra", "exc_info"}
    extra = options.get("extra")
    if extra is not None:
        assert isinstance(extra, ast.Dict)
        names = {key.value for key in extra.keys if isinstance(key, ast.Constant)}
        assert not names & TAKEN, f"{place}: logging has fields of that name"
