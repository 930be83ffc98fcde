"""``check``: whether everything is as it should be, and ``--repair``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from kb.cli.common import Commands, Wiring, json_option, opened, print_finding, served_elsewhere
from kb.cli.output import print_json, say, step
from kb.types import OWNER


def register(commands: Commands) -> None:
    check = commands.add(
        "check", _check, "verify files, passages, vectors and indexes; exit code 1 when something is wrong"
    )
    check.add_argument("--repair", action="store_true", help="mend what is wrong, then verify again")
    json_option(check)


def _check(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        if app := served_elsewhere(kb):
            from kb.cli.client import check

            found = check(app, repair=options.repair)
        else:
            report = _say if sys.stderr.isatty() and not options.json else _keep_quiet
            checked = kb.maintenance.check(caller=OWNER, repair=options.repair, report=report)
            found = [finding.as_json() for finding in checked]
            if report is _say:
                step("")
        notices = [notice.text for notice in kb.maintenance.notices(caller=OWNER)]
    if options.json:
        print_json(found)
    else:
        _print(found, notices)
    return 0 if all(finding["ok"] for finding in found) else 1


def _print(found: list[dict[str, Any]], notices: list[str]) -> None:
    for finding in found:
        print_finding(finding, remedy=not finding["ok"])
    for notice in notices:
        say(f"Note: {notice}")
    if not all(finding["ok"] for finding in found):
        say("Something is wrong. `app.py check --repair` mends what can be mended.")


def _say(what: str) -> None:
    step(f"{what} …")


def _keep_quiet(_what: str) -> None:
    """Reports nothing: nobody watches."""
