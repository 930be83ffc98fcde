"""``tag``, ``move``, ``enable`` and ``disable``."""

from __future__ import annotations

import argparse
from functools import partial

from kb.cli.common import Commands, Wiring, json_option, opened
from kb.cli.output import print_json, say
from kb.types import OWNER


def register(commands: Commands) -> None:
    """Adds ``tag``, ``move``, ``enable`` and ``disable``."""
    tag = commands.add("tag", _tag, 'give documents tags, to search only those: app.py ask "tag:steel ..."')
    tag.add_argument("ids", nargs="+", metavar="ID")
    tag.add_argument("--add", action="append", default=[], metavar="TAG")
    tag.add_argument("--remove", action="append", default=[], metavar="TAG")
    json_option(tag)
    move = commands.add("move", _move, "put documents into another collection: app.py move ID --to Contracts")
    move.add_argument("ids", nargs="+", metavar="ID")
    move.add_argument("--to", required=True, metavar="COLLECTION")
    json_option(move)
    for name, purpose in (
        ("enable", "search documents again that were switched off"),
        ("disable", "leave documents out of every search, without removing them"),
    ):
        switch = commands.add(name, partial(_switch, searchable=name == "enable"), purpose)
        switch.add_argument("ids", nargs="+", metavar="ID")
        json_option(switch)


def _tag(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        kb.library.tag(options.ids, caller=OWNER, add=options.add, remove=options.remove)
        tagged = [kb.library.document(document_id, caller=OWNER) for document_id in options.ids]
    if options.json:
        print_json([{"id": document.id, "tags": document.tags} for document in tagged])
        return 0
    for document in tagged:
        say(f"{document.id}  {' '.join(document.tags) or '(no tags)'}  {document.name}")
    return 0


def _move(options: argparse.Namespace, wiring: Wiring) -> int:
    from kb.knowledge_base.listing import (
        Selection,
    )  # loads all of the library, which other commands need not wait for

    with opened(options, wiring) as kb:
        done = kb.listing.move(Selection(tuple(options.ids)), options.to, caller=OWNER)
    if options.json:
        print_json({"moved": done.changed, "refused": done.refused, "reason": done.reason})
    else:
        say(f"{done.changed} moved to {options.to}.")
        if done.reason:
            say(f"{done.refused} not moved: {done.reason}")
    return 1 if done.refused else 0


def _switch(options: argparse.Namespace, wiring: Wiring, *, searchable: bool) -> int:
    with opened(options, wiring) as kb:
        kb.library.set_searchable(options.ids, searchable=searchable, caller=OWNER)
    if options.json:
        print_json({"enabled": searchable, "ids": options.ids})
    else:
        say(f"{len(options.ids)} {'searched again' if searchable else 'left out of searches'}.")
    return 0
