"""``results``: what evaluations measured so far, and deleting some of it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from kb.cli.arguments import number
from kb.cli.common import Commands, Wiring, json_option, opened
from kb.cli.output import note, print_json, say
from kb.errors import BadInput
from kb.types import OWNER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.types import Evaluation


def register(commands: Commands) -> None:
    results = commands.add("results", _results, "list what evaluations measured, or delete results")
    results.add_argument(
        "--remove", nargs="+", type=number(1, (1 << 63) - 1), metavar="ID", help="delete these results"
    )
    results.add_argument("--yes", action="store_true", help="delete without asking")
    json_option(results)


def _results(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        if options.remove is None:
            return _list(kb.evaluations.latest(caller=OWNER, limit=-1), as_json=options.json)
        ids = list(dict.fromkeys(options.remove))
        # all of them are looked up first, so that nothing is deleted where one is not there
        found = [kb.evaluations.get(evaluation_id, caller=OWNER) for evaluation_id in ids]
        if not options.yes and not _confirmed(found):
            note("Nothing was deleted.")
            return 1
        for evaluation_id in ids:
            kb.evaluations.remove(evaluation_id, caller=OWNER)
    if options.json:
        print_json({"removed": ids})
    else:
        say(f"Deleted {len(ids)}.")
    return 0


def _list(found: Sequence[Evaluation], *, as_json: bool) -> int:
    if as_json:
        print_json([asdict(evaluation) for evaluation in found])
        return 0
    for evaluation in found:
        say(_line(evaluation))
    say(
        f"{len(found)} results"
        if found
        else "Nothing was measured yet. Measure something: app.py evaluate FOLDER"
    )
    return 0


def _line(evaluation: Evaluation) -> str:
    config = ", ".join(f"{name}={value}" for name, value in evaluation.config.items()) or "as set"
    first = next(iter(evaluation.figures.items()), None)
    figure = f"{first[0]} {first[1].value:.3f}" if first else ""
    when = evaluation.finished[:16].replace("T", " ")
    return f"{evaluation.id:>5}  {when}  {figure:<14}  {evaluation.set_name}  ({config})"


def _confirmed(found: Sequence[Evaluation]) -> bool:
    if not sys.stdin.isatty():
        raise BadInput("Say --yes to delete results where nobody can be asked.")
    for evaluation in found:
        say(_line(evaluation))
    these = "this result" if len(found) == 1 else f"these {len(found)} results"
    return input(f"Delete {these}? [y/N] ").strip().lower() in ("y", "yes")
