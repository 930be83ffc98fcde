"""``log``: what was asked of models and indexes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from kb.cli.arguments import number
from kb.cli.common import Commands, Wiring, opened
from kb.cli.output import print_json_line, say
from kb.types import OWNER, LogFilter, LoggedRequest, RequestKind, RequestStatus

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_LOOK_SECONDS = 0.5
_SHOWN = 80
"""Characters of a text on a terminal."""


def register(commands: Commands) -> None:
    shown = commands.add("log", _log, "show what was asked of models and indexes, newest last")
    shown.add_argument("--limit", type=number(1, 1_000_000), default=50, metavar="N", help="how many (50)")
    shown.add_argument("--kind", choices=[str(kind) for kind in RequestKind], default="")
    shown.add_argument("--status", choices=[str(status) for status in RequestStatus], default="")
    shown.add_argument(
        "--words", default="", metavar="WORDS", help="with these words in the text or the model"
    )
    shown.add_argument("--follow", action="store_true", help="wait for more, until Ctrl+C")
    shown.add_argument("--json", action="store_true", help="print an object a line, for scripts")


def _log(options: argparse.Namespace, wiring: Wiring) -> int:
    wanted = LogFilter(kind=options.kind, status=options.status, words=options.words)
    with opened(options, wiring) as kb:
        found, _ = kb.requests.page(wanted, caller=OWNER, limit=options.limit)
        _print(reversed(found), as_json=options.json)
        if options.follow:
            _follow(kb, wanted, found[0].id if found else 0, as_json=options.json)
        elif not found and not options.json:
            say("Nothing was asked yet.")
    return 0


def _follow(kb: KnowledgeBase, wanted: LogFilter, last: int, *, as_json: bool) -> None:
    """Prints what comes; ends by being interrupted."""
    while True:
        if found := kb.requests.following(replace(wanted, after_id=last), caller=OWNER):
            _print(found, as_json=as_json)
            last = found[-1].id
        else:
            time.sleep(_LOOK_SECONDS)


def _print(requests: Iterable[LoggedRequest], *, as_json: bool) -> None:
    for request in requests:
        if as_json:
            print_json_line(request.as_json())
            continue
        asked = " ".join(request.text.split())[:_SHOWN]
        tokens = "" if request.tokens is None else f"{request.tokens} tokens"
        say(
            f"{request.time[:19]}  {request.kind:<9} {request.origin:<8} {request.status:<9} {request.ms:>8.0f} ms  "
            f"{request.model:<24} {tokens:<12} {asked}",
            flush=True,
        )
