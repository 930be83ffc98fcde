"""What commands print: names and passages of others, which a terminal must not obey."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path

import pytest

from kb.cli.output import note, print_json, say, say_text
from kb.system.logs import FieldFormatter

CLI = Path(__file__).parents[3] / "kb" / "cli"
HOSTILE = "red \x1b[31m, cleared \x9b2J, back\r, turned \u202e, cut \u2028, half \ud83d, byte \udce9, none \0, del \x7f"
SHOWN = r"red \x1b[31m, cleared \x9b2J, back\r, turned \u202e, cut \u2028, half \ud83d, byte \xe9, none \x00, del \x7f"


def test_what_a_terminal_would_obey_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"{HOSTILE}\nforged")
    say_text(f"{HOSTILE}\n\tnext", end="")
    note(HOSTILE)
    printed = capsys.readouterr()
    assert printed.out == f"{SHOWN}\\nforged\n{SHOWN}\n\tnext"
    assert printed.err == f"{SHOWN}\n"
    say("茶 ☕ é العربية \u200f")
    assert capsys.readouterr().out == "茶 ☕ é العربية \u200f\n"


def test_json_stays_the_same_data(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": f"{HOSTILE}\n", "other": "茶"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"name": f"{HOSTILE}\n", "other": "茶"}
    assert not set(out) & set("\x1b\x9b\r\u202e\u2028\0\x7f")
    assert "茶" in out


def test_the_log_is_shown_too() -> None:
    record = logging.LogRecord("kb", logging.WARNING, "", 0, "%s", (HOSTILE,), None)
    assert FieldFormatter().format(record).endswith(SHOWN)


def test_nothing_else_in_the_command_line_prints() -> None:
    for path in CLI.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert path.name == "output.py" or "print" not in called, path.name
