"""Options that every command has: before the command and after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.cli.main import build_parser


@pytest.mark.parametrize("command", [["list"], ["add", "a.txt"], ["serve"], ["doctor"], []])
def test_options_of_all_commands_may_stand_before_the_command(command: list[str]) -> None:
    parser = build_parser()
    for line in (["--home", "mine", "--verbose", *command], [*command, "--home", "mine", "--verbose"]):
        options = parser.parsed(line)
        assert (options.home, options.verbose) == (Path("mine"), True), line
    assert parser.parsed(command).home is None
    assert not parser.parsed(command).verbose


def test_an_address_before_serve_is_that_of_serve() -> None:
    options = build_parser().parsed(["--host", "127.0.0.1", "--port", "7000", "serve"])
    assert (options.host, options.port) == ("127.0.0.1", 7000)
