"""Every argument of every command, with values that nobody should give: each ends in words, none in a traceback."""

from __future__ import annotations

import argparse
import io
import os
import re
import socket
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from app import App
from kb.cli import main as cli
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb

BAD = (
    "", " ", "\n", "\t", "0", "-1", "2", "200", "9" * 400, "1e9", "nan", "inf", "0x10", "1.5", "٣", "½", "\0", "a\0b",
    "\ud800", "caf\udce9", "\x1b[31mred", "\x9b2J", "a\rb", "\u202eabc", "\u2028", "\ufeff", "a" * 300, "a" * 5_000,
    "x y " * 12_000, "../../etc/none", "%s%n%d", "{}", "${HOME}", "'; DROP TABLE documents;--", '"', "<script>",
    "type:", "after:2025-99-99", "-", "--", "-x", "~", "~nobody-of-that-name/x", "@file", "NAME=VALUE", "=",
    "port=abc", "server.port=0", "😀", "http://[", "/dev/null", "/dev/null/x", "pipe", "socket", "file", "folder",
)  # fmt: skip
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
SWITCHES = (argparse._StoreTrueAction, argparse._HelpAction)
parser = cache(cli.build_parser)
"""The one parser of all these calls: it keeps nothing of a call, and building it takes longer than most of them."""


class QuickWiring(App):
    """The app with an embedder that has no weights, and no worker that would begin processes."""

    def open(self, settings: Settings) -> KnowledgeBase:
        return open_knowledge_base(
            settings, renderer=self, suffixes=frozenset({".txt"}), embedder=HashEmbedder()
        )


def _commands() -> dict[str, argparse.ArgumentParser]:
    actions = parser()._actions
    found = next(action for action in actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def arguments() -> Iterator[tuple[str, argparse.Action]]:
    """Each command with each of its options and places that takes a value."""
    for name, command in _commands().items():
        for action in command._actions:
            if not isinstance(action, SWITCHES) and action.dest != "home":
                yield name, action


def given(command: str, action: argparse.Action, value: str) -> list[str]:
    """The command line in which ``value`` stands for ``action``, and something harmless for what else is needed."""
    needed = {"question": "bridge", "ids": "none", "paths": "none.txt", "backup": "none", "documents": "none"}
    line = [command]
    if action.option_strings:
        line += (
            [f"{action.option_strings[-1]}={value}"]
            if action.nargs is None
            else [action.option_strings[-1], value]
        )
    else:
        needed = {**needed, action.dest: value}
    for each in _commands()[command]._actions:
        if not each.option_strings and (each is action or each.nargs not in ("*", "?")):
            line.append(needed[each.dest])
    return line


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A library of one document, held by another that does not serve, so that no command begins to work."""
    home = tmp_path_factory.mktemp("held") / "home"
    home.mkdir()
    with closing(Library(home)) as library:
        library.add("bridge.txt", ["The bridge is 1149 metres long."])
    with closing(open_kb(home, embedder=HashEmbedder())) as holder:
        holder.embedder()
        yield home


@pytest.fixture
def _awkward_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    deep = (
        tmp_path / "of" / "this" / "test"
    )  # a value that leads upwards must not find what another test left
    deep.mkdir(parents=True)
    monkeypatch.setattr(cli, "build_parser", parser)
    monkeypatch.chdir(deep)
    monkeypatch.setenv("HOME", str(tmp_path / "of-a-person"))
    monkeypatch.setenv("FOOTNOTE_MODEL", "extractive")
    os.mkfifo("pipe")
    Path("file").write_bytes(b"\x00\x01")
    Path("folder").mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind("socket")
        yield


@pytest.mark.usefixtures("_awkward_folder")
@pytest.mark.parametrize(
    ("command", "action"),
    [pytest.param(*each, id=f"{each[0]}-{each[1].dest}") for each in arguments()],
)
def test_no_value_ends_in_a_traceback(command: str, action: argparse.Action, home: Path) -> None:
    for value in BAD:
        if (command, value) == ("add", "file"):  # a good one, which would be waited for: nobody imports here
            continue
        line = given(command, action, value)
        out, err = io.StringIO(), io.StringIO()
        wiring = QuickWiring()
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = cli.main([*line[:1], "--home", str(home), *line[1:]], wiring)
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            wiring.close()
        said = out.getvalue() + err.getvalue()
        assert code in (0, 1, 2), (line, said)
        assert code == 0 or said.strip(), line
        assert not OBEYED.search(said), (line, said)
        assert "Traceback" not in said
        assert "pydantic" not in said
