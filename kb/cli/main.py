"""The command line: for people, and with ``--json`` for scripts. The commands themselves are in ``kb/cli``."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence

from kb.cli import (
    add,
    ask,
    backup,
    check,
    chunker,
    doctor,
    documents,
    embedder,
    evaluate,
    evaluation_results,
    jobs,
    keys,
    mcp,
    models,
    people,
    request_log,
    serve,
    settings,
    tags,
    vectors,
)
from kb.cli.arguments import Parser, number, typed_path
from kb.cli.common import Commands, Wiring
from kb.cli.output import hang_up, note, spare_unprintable
from kb.errors import FootnoteError
from kb.system.logs import configure_logs
from kb.system.network_environment import set_aside_unusable
from kb.system.redact import guard_tracebacks

log = logging.getLogger(__name__)

_FAMILIES = (
    serve,
    add,
    documents,
    tags,
    jobs,
    ask,
    evaluate,
    evaluation_results,
    backup,
    check,
    vectors,
    models,
    embedder,
    chunker,
    keys,
    people,
    mcp,
    request_log,
    settings,
    doctor,
)
"""In the order in which ``--help`` lists them."""


def main(arguments: Sequence[str], wiring: Wiring) -> int:
    """Runs one command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    spare_unprintable()
    guard_tracebacks()
    set_aside_unusable()
    options = build_parser().parsed(arguments)
    configure_logs(verbose=options.verbose)
    try:
        code: int = options.run(options, wiring)
    except FootnoteError as error:
        note(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `app.py list | head` closes the pipe early
        hang_up()
        return 0
    except (
        OSError
    ) as error:  # the system refuses something that only it can give: the machine's owner has to act
        note(_refused(error))
        return 1
    except MemoryError:
        note("The machine has no memory left for this. End other programs, then try again.")
        return 1
    return code


def _refused(error: OSError) -> str:
    """Returns the sentence about what the system refused; with the log the whole traceback is shown."""
    log.info("the system refused", exc_info=error)
    what = f" ({error.filename})" if error.filename else ""
    why = error.strerror or str(error) or type(error).__name__
    return f"The system would not let Footnote go on: {why}{what}. Mend that, then try again; --verbose shows more."


def build_parser() -> Parser:
    parser = Parser(
        prog="app.py", description="Footnote: ask your own documents, and see where every answer stands."
    )
    commands = Commands(parser)
    for family in _FAMILIES:
        family.register(commands)
    # what `app.py` without a command takes, and what may stand before one
    parser.set_defaults(run=serve.run, home=None, host=None, port=None, verbose=False)
    parser.add_argument("--home", type=typed_path, metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--verbose", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--host", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=number(1, 65535), help=argparse.SUPPRESS)
    return parser
