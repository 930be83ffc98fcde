"""``doctor``: what is wrong, and how to mend it."""

from __future__ import annotations

import argparse
import asyncio

from kb.commands.common import Commands, Wiring, json_option, opened, print_finding, print_json


def register(commands: Commands) -> None:
    """Adds ``doctor``."""
    text = "say what is installed and in use, what is wrong, and how to mend it"
    json_option(commands.add("doctor", _doctor, text))


def _doctor(options: argparse.Namespace, wiring: Wiring) -> int:
    from kb.doctor import examine

    with opened(options, wiring) as kb:
        findings = asyncio.run(examine(kb))
    if options.json:
        print_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            print_finding(finding.as_json())
    return 0 if all(finding.ok for finding in findings) else 1
