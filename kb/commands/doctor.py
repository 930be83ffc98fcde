"""``doctor``: what is wrong, and how to mend it."""

from __future__ import annotations

import argparse
import asyncio

from kb.commands.common import Commands, Wiring, json_option, opened, print_json


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
            print(f"{'ok ' if finding.ok else 'BAD'}  {finding.name:<14} {finding.text}")
            if finding.remedy:
                print(f"     {'':<14} {finding.remedy}")
    return 0 if all(finding.ok for finding in findings) else 1
