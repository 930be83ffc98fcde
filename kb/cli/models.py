"""``model``: the models that are here, one more, one less, and whether one does what it should."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from typing import TYPE_CHECKING, Any

from kb.cli.common import Commands, Wiring, json_option, opened
from kb.cli.output import note, print_json, say
from kb.errors import BadInput, NotFound
from kb.types import OWNER

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_ACTIONS = ("list", "add", "test", "remove")


def register(commands: Commands) -> None:
    model = commands.add(
        "model",
        _model,
        "show the models that are here, add or remove one, or test what one does: model test NAME",
    )
    model.add_argument("action", nargs="?", choices=_ACTIONS, default="list")
    model.add_argument(
        "name",
        nargs="?",
        metavar="MODEL",
        help="a name from the list; to add: a folder, a GGUF file, a model of the hub, or an address",
    )
    model.add_argument("--as", dest="called", metavar="NAME", help="what an added model is to be called here")
    model.add_argument("--sha256", metavar="HEX", help="what a download must have")
    model.add_argument("--yes", action="store_true", help="download without being asked")
    model.add_argument("--force", action="store_true", help="remove a model that is in use, or shared")
    json_option(model)


def _model(options: argparse.Namespace, wiring: Wiring) -> int:
    if options.action != "list" and not options.name:
        raise BadInput(f"Say which model: app.py model {options.action} NAME.")
    if options.action != "add" and (options.called or options.sha256 or options.yes):
        raise BadInput("--as, --sha256 and --yes belong to app.py model add.")
    if options.action != "remove" and options.force:
        raise BadInput("--force belongs to app.py model remove.")
    run = {"list": _list, "add": _add, "test": _test, "remove": _remove}[options.action]
    with opened(options, wiring) as kb:
        return run(options, kb)


def _list(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    models = asyncio.run(_held(kb))
    if options.name:
        models = [model for model in models if options.name in (model["name"], model["path"])]
        if not models:
            raise NotFound(
                f"There is no model {options.name!r} here. `app.py model list` shows those there are."
            )
    if options.json:
        print_json(models)
        return 0
    for model in models:
        used = f"  in use: {', '.join(model['used_as'])}" if model["in_use"] else ""
        say(f"{model['name']}  ({model['kind']}, {model['format']}, {_size(model['bytes'])}){used}")
        say(f"    licence: {model['licence']}; {_where(model)}")
        if model["sha256"]:
            say(f"    SHA-256 {model['sha256']}")
    return 0


async def _held(kb: KnowledgeBase) -> list[dict[str, Any]]:
    try:
        return [model.as_json() for model in await kb.catalogue.held(caller=OWNER)]
    finally:
        await kb.close_models()


def _add(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    def confirmed(offer: str) -> bool:
        note(offer)
        if options.yes:
            return True
        if not sys.stdin.isatty():
            return False
        note("Download it? [y/N]")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    added = kb.catalogue.add(
        options.name,
        caller=OWNER,
        name=options.called,
        sha256=options.sha256,
        confirm=confirmed,
        announce=note,
    ).as_json()
    if options.json:
        print_json(added)
    else:
        say(f"{added['name']} is here ({added['kind']}, {added['format']}). {_where(added)}")
        if added["place"] != "server":
            say(f"Test it: app.py model test {shlex.quote(added['name'])}")
    return 0


def _test(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    outcome = asyncio.run(kb.catalogue.test(options.name, caller=OWNER))
    if options.json:
        print_json(outcome.as_json())
    else:
        say(f"{'ok ' if outcome.ok else 'BAD'}  {outcome.name}: {outcome.text}")
        if outcome.first_token_seconds is not None:
            say(f"     {outcome.first_token_seconds:.2f} s to the first token")
        if outcome.tokens_per_second is not None:
            say(f"     {outcome.tokens_per_second:,.1f} tokens a second")
        if outcome.context_tokens is not None:
            say(f"     context {outcome.context_tokens:,} tokens")
    return 0 if outcome.ok else 1


def _remove(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    removed = asyncio.run(_removed(options, kb))
    if options.json:
        print_json(removed)
        return 0
    say(f"{removed['name']} is gone ({_size(removed['bytes'])}).")
    if removed["passages"]:
        say(
            f"{removed['passages']:,} passages are to be embedded anew with another model: name it in embedding.model."
        )
    return 0


async def _removed(options: argparse.Namespace, kb: KnowledgeBase) -> dict[str, Any]:
    try:
        removed = await kb.catalogue.remove(options.name, caller=OWNER, force=options.force)
    finally:
        await kb.close_models()
    return removed.as_json()


def _size(count: int) -> str:
    if not count:
        return "size not told"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(0.1, count / 1e6):,.1f} MB"


def _where(model: dict[str, Any]) -> str:
    return str(model["path"] or model["about"] or model["place"])
