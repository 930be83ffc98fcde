"""The command line: for people, and with ``--json`` for scripts. The commands themselves are in ``kb/cli``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from kb.cli import add, ask, backup, check, doctor, documents, evaluate, evaluation_results, jobs, serve, tags
from kb.cli.common import Commands, Wiring
from kb.errors import FootnoteError

_FAMILIES = (serve, add, documents, tags, jobs, ask, evaluate, evaluation_results, backup, check, doctor)
"""In the order in which ``--help`` lists them."""


def main(arguments: Sequence[str], wiring: Wiring) -> int:
    """Runs one command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    options = build_parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        code: int = options.run(options, wiring)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `app.py list | head` closes the pipe early
        sys.stderr.close()
        return 0
    return code


def build_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog="app.py", description="Footnote: ask your own documents, and see where every answer stands."
    )
    commands = Commands(parser)
    for family in _FAMILIES:
        family.register(commands)
    # what `app.py` without a command takes: the options of `serve`
    parser.set_defaults(run=serve.run, home=None, host=None, port=None, verbose=False)
    parser.add_argument("--home", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--host", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    return parser
