"""``key``: the keys by which other programs use the library."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from kb.cli.common import Commands, Wiring, json_option, opened
from kb.cli.output import note, print_json, print_new_key, say
from kb.errors import BadInput
from kb.types import OWNER, AccessScope

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def register(commands: Commands) -> None:
    key = commands.add(
        "key", _key, "make, list and revoke keys, by which other programs use the library: key add NAME"
    )
    key.add_argument("action", nargs="?", choices=("list", "add", "revoke"), default="list")
    key.add_argument("name", nargs="?", metavar="NAME", help="what the key is called")
    key.add_argument(
        "--scope",
        choices=[str(scope) for scope in AccessScope],
        default=str(AccessScope.READ),
        help="read (search and ask), write (add and remove documents, too), or admin (everything)",
    )
    key.add_argument(
        "--collection",
        action="append",
        default=[],
        metavar="NAME",
        help="what it is for; may be given several times, and without it is for all collections",
    )
    json_option(key)


def _key(options: argparse.Namespace, wiring: Wiring) -> int:
    if options.action != "list" and not options.name:
        raise BadInput(f"Say what the key is called: app.py key {options.action} NAME.")
    run = {"list": _list, "add": _add, "revoke": _revoke}[options.action]
    with opened(options, wiring) as kb:
        return run(options, kb)


def _add(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    scope = AccessScope(options.scope)
    key = kb.keys.add(options.name, caller=OWNER, scope=scope, collections=tuple(options.collection) or None)
    if options.json:
        print_new_key(json.dumps({"name": options.name, "key": key, "scope": scope}, indent=2))
        return 0
    print_new_key(key)
    note("Keep it now: it is shown this once. A program sends it as `Authorization: Bearer KEY`.")
    return 0


def _list(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    keys = kb.keys.all(caller=OWNER)
    if options.json:
        print_json([key.as_json() for key in keys])
        return 0
    for key in keys:
        where = "all collections" if key.collections is None else ", ".join(key.collections)
        say(f"{key.name:<20} {key.scope:<6} {where}; last used: {key.last_used or 'never'}")
    if not keys:
        say("There are no keys. `app.py key add NAME` makes one.")
    return 0


def _revoke(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    kb.keys.revoke(options.name, caller=OWNER)
    if options.json:
        print_json({"revoked": options.name})
    else:
        say(f"{options.name} opens nothing any more.")
    return 0
