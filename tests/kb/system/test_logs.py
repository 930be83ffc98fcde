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


def test_every_call_is_a_fixed_text_with_fields() -> None:
    """All in one test: to have one a call, every process that runs tests would parse the whole product first."""
    found = list(calls())
    assert len(found) > 50
    wrong = [f"{place}: {fault}" for place, call in found for fault in faults_of(call)]
    assert not wrong


def faults_of(call: ast.Call) -> Iterator[str]:
    """What is not as it should be in a call of a logger."""
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        yield "values belong into extra"
    elif "%" in str(call.args[0].value):
        yield "a text with a place for a value is not fixed"
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if not options.keys() <= {"extra", "exc_info"}:
        yield f"it takes extra and exc_info, not {sorted(map(str, options))}"
    extra = options.get("extra")
    if isinstance(extra, ast.Dict):
        names = {key.value for key in extra.keys if isinstance(key, ast.Constant)}
        if names & TAKEN:
            yield f"logging has fields of that name: {sorted(map(str, names & TAKEN))}"
    elif extra is not None:
        yield "the names of the fields stand in the call"


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("log.info(f'{name} is lost')", "extra"),
        ("log.info('%s is lost', name)", "extra"),
        ("log.info('%s is lost')", "fixed"),
        ("log.info('it is lost', stacklevel=2)", "stacklevel"),
        ("log.info('it is lost', extra=fields)", "names of the fields"),
        ("log.info('it is lost', extra={'name': name})", "name"),
    ],
)
def test_a_call_that_is_not_is_found(call: str, fault: str) -> None:
    parsed = ast.parse(call, mode="eval").body
    assert isinstance(parsed, ast.Call)
    (found,) = faults_of(parsed)
    assert fault in found


def test_a_call_that_is_one_is_passed_over() -> None:
    parsed = ast.parse("log.exception('it is lost', exc_info=error, extra={'file': name})", mode="eval").body
    assert isinstance(parsed, ast.Call)
    assert not list(faults_of(parsed))
