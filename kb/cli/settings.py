"""``settings``: every setting with its value and where that stands, and setting one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from kb.cli.common import Commands, Wiring, json_option, opened, served
from kb.cli.output import note, print_json, say
from kb.config import is_secret
from kb.errors import BadInput
from kb.system.home_layout import SETTINGS
from kb.types import OWNER

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_ACTIONS = ("list", "set", "reset")
_NONE = "none"


def register(commands: Commands) -> None:
    settings = commands.add(
        "settings",
        _settings,
        "show every setting with where its value stands; set one, or take back what was set: settings set NAME VALUE",
    )
    settings.add_argument("action", nargs="?", choices=_ACTIONS, default="list")
    settings.add_argument(
        "name", nargs="?", metavar="NAME", help="as in retrieval.passages; the begin of some to list"
    )
    settings.add_argument("value", nargs="?", metavar="VALUE", help="- reads a key from the standard input")
    json_option(settings)


def _settings(options: argparse.Namespace, wiring: Wiring) -> int:
    if options.action != "list" and not options.name:
        raise BadInput(f"Say which setting: app.py settings {options.action} NAME.")
    if (options.action == "set") == (options.value is None):
        raise BadInput("app.py settings set takes a name and a value, and nothing else takes a value.")
    with opened(options, wiring) as kb:
        return _list(options, kb) if options.action == "list" else _change(options, kb)


def _list(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    states = [state.as_json() for state in kb.configuration.all(caller=OWNER)]
    if options.name:
        states = [state for state in states if state["name"].startswith(options.name)]
    if options.json:
        print_json(states)
        return 0
    for state in states:
        say(f"{state['name']} = {_shown(state)}  ({_where(state)})")
    return 0


def _change(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    value = _read_key() if options.value == "-" else options.value
    if is_secret(options.name) and options.value not in (None, "-"):
        note(
            "(Other programs may see what stands on a command line: next time give - and type the key then.)"
        )
    values = {options.name: value}
    if (app := served(kb)) is not None:
        from kb.cli.client import call

        done: dict[str, Any] = call(app, "PATCH", "/api/settings", json={"values": values})
    else:
        done = kb.configuration.change(values, caller=OWNER).as_json()
    if options.json:
        print_json(done)
        return 0
    for sentence in done["notes"]:
        note(sentence)
    if options.name in done["waiting"]:
        say("Kept. It counts when Footnote is started again.")
    else:
        say("Kept." if done["changed"] else "That was so already.")
    return 0


def _read_key() -> str:
    import getpass
    import sys

    return getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline().strip()


def _shown(state: dict[str, Any]) -> str:
    if state["takes"] == "key":
        return "set, not shown" if state["value"] else _NONE
    return _NONE if state["value"] is None else str(state["value"])


def _where(state: dict[str, Any]) -> str:
    source = state["source"]
    return {
        "default": "default",
        "file": SETTINGS,
        "here": "set on the page or by a command",
        "environment": f"environment: {source['said']}",
        "command": "command line",
    }[source["kind"]]
