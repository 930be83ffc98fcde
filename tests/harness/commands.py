"""The app's commands, given in this process: a new one takes seconds to import PyTorch, each time.

That a command works as a process of its own, and beside a running app, is tested in ``tests/kb/cli/test_main.py``.
"""

from __future__ import annotations

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import App
from kb.cli import main as cli


@dataclass(frozen=True, slots=True)
class Done:
    """What a command that has ended said."""

    stdout: str
    stderr: str


def given(*arguments: str, home: Path, code: int = 0, **environment: str) -> Done:
    """Gives a command for the data folder ``home`` and compares its exit code."""
    out, err = io.StringIO(), io.StringIO()
    app = App()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith("FOOTNOTE_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            ended = cli.main([*arguments, "--home", str(home)], app)
        finally:
            app.close()
    done = Done(out.getvalue(), err.getvalue())
    assert ended == code, f"exit code {ended}: {done.stdout}\n{done.stderr}"
    return done


def given_json(*arguments: str, home: Path, code: int = 0, **environment: str) -> Any:
    """What the command prints with ``--json``."""
    return json.loads(given(*arguments, "--json", home=home, code=code, **environment).stdout)
