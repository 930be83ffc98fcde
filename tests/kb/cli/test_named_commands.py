"""What sentences tell a person to run can be run."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kb.cli import main as cli

KB = Path(__file__).parents[3] / "kb"
NAMED = re.compile(r"`(?:(?:python3? )?(?:app|start)\.py )?([a-z]+) [^`=]*`")
"""A command with what follows it: a single word may be anything. A setting has a sign of equality."""
PROGRAMS = {"python", "ollama"}


def sentences() -> Iterator[str]:
    for path in KB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_command_that_a_sentence_names_is_one() -> None:
    actions = cli.build_parser()._actions
    commands = next(each for each in actions if isinstance(each, argparse._SubParsersAction)).choices
    named = {found[1] for text in sentences() if "``" not in text for found in NAMED.finditer(text)}
    assert len(named & set(commands)) > 5, "otherwise this shows little"
    assert not named - set(commands) - PROGRAMS
