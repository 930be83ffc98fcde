"""``embedder``: which embedding model is in use, what another one costs, and changing to it."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from kb.cli.common import Commands, Wiring, json_option, opened, served_elsewhere
from kb.cli.output import print_json, say, say_questions, step
from kb.errors import BadInput
from kb.types import AS_LIBRARY, OWNER, EmbedderChange

if TYPE_CHECKING:
    from kb.cli.client import RunningApp
    from kb.knowledge_base import KnowledgeBase

_LOOK_SECONDS = 0.5
_NATIVE = "native"


def register(commands: Commands) -> None:
    embedder = commands.add(
        "embedder",
        _embedder,
        "show the embedding model, or change it: embedder switch, embedder undo, embedder forget",
    )
    embedder.add_argument("action", nargs="?", choices=tuple(_ACTIONS), default="status")
    embedder.add_argument("model", nargs="?", metavar="MODEL", help="as for embedding.model")
    embedder.add_argument("--engine", metavar="NAME", help="as for embedding.engine")
    embedder.add_argument("--width", type=_width, metavar="N", help=f"dimensions, or {_NATIVE}")
    embedder.add_argument("--url", metavar="ADDRESS", help="of the embedding server (embedding.url)")
    embedder.add_argument("--device", metavar="NAME", help="as for embedding.device")
    embedder.add_argument(
        "--instruction", metavar="TEXT", help='what questions are for; "" is the model\'s own'
    )
    embedder.add_argument(
        "--task",
        metavar="NAME",
        help="in place of --instruction: retrieval, code, duplicates, classification, …",
    )
    embedder.add_argument(
        "--collection",
        metavar="NAME",
        help=f"change this collection's alone; MODEL {AS_LIBRARY} gives it the library's again",
    )
    embedder.add_argument("--dry-run", action="store_true", help="only say what it would cost")
    json_option(embedder)


def _width(text: str) -> int:
    """Returns the width that was typed, 0 for the model's own."""
    if text == _NATIVE:
        return 0
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of dimensions, nor {_NATIVE!r}")
    return int(text)


def _embedder(options: argparse.Namespace, wiring: Wiring) -> int:
    change = EmbedderChange(
        *(options.model, options.engine, options.width, options.url, options.device, options.instruction),
        task=options.task,
        collection=options.collection,
    )
    is_given = replace(change, collection=None) != EmbedderChange() or options.dry_run
    if options.action != "switch" and (is_given or (change.collection and options.action != "undo")):
        raise BadInput(f"`embedder {options.action}` takes no model and no setting. Say: embedder switch ...")
    with opened(options, wiring) as kb:
        return _ACTIONS[options.action](options, kb, change)


def _status(options: argparse.Namespace, kb: KnowledgeBase, _change: EmbedderChange) -> int:
    from kb.cli.client import embedder_in_use
    from kb.cli.common import served

    app = served(kb)
    if app is None and not kb.maintenance.is_held():
        kb.embedder()
    now = embedder_in_use(app) if app else kb.embedding.status(caller=OWNER).as_json()
    if options.json:
        print_json(now)
    else:
        _say_status(now)
    return 0


def _switch(options: argparse.Namespace, kb: KnowledgeBase, change: EmbedderChange) -> int:
    from kb.cli.client import plan_embedder, switch_embedder

    app = served_elsewhere(kb)
    asked = asdict(change)
    plan = plan_embedder(app, asked) if app else kb.embedding.plan(change, caller=OWNER).as_json()
    if not options.json:
        say(_in_words(plan))
    if not options.dry_run:
        shows = sys.stderr.isatty() and not options.json
        if app is not None:
            switch_embedder(app, asked)
            now = _waited_for(app, change.collection, shows=shows)
        else:
            kb.embedding.switch(change, caller=OWNER, report=_report if shows else None)
            now = kb.embedding.status(caller=OWNER).as_json()
        found = _of(now, change.collection) if change.collection else now
        plan["questions"] = found["questions"]
        if not options.json and change.collection:
            say(f"Done. `embedder undo --collection {shlex.quote(change.collection)}` returns.")
            say_questions(found)
        elif not options.json:
            say(f"Done. {plan['to']['model']} answers; footnote.toml names it. `embedder undo` returns.")
            say_questions(now)
    if options.json:
        print_json(plan)
    return 0


def _undo(options: argparse.Namespace, kb: KnowledgeBase, change: EmbedderChange) -> int:
    from kb.cli.client import undo_embedder

    app = served_elsewhere(kb)
    if app is not None:
        undo_embedder(app, change.collection)
        now = _waited_for(app, change.collection, shows=False)
    else:
        if not kb.embedding.undo(caller=OWNER, collection=change.collection) and not options.json:
            say("The change that was broken off is dropped.")
        kb.embedder()
        now = kb.embedding.status(caller=OWNER).as_json()
    if options.json:
        print_json(now)
    elif change.collection:
        _say_status({**now, "collections": [_of(now, change.collection)]})
    else:
        say(f"{now['model']} answers, by engine {now['engine']}, {now['width']} dimensions.")
    return 0


def _forget(options: argparse.Namespace, kb: KnowledgeBase, _change: EmbedderChange) -> int:
    from kb.cli.client import forget_embedders

    app = served_elsewhere(kb)
    freed = forget_embedders(app) if app else kb.embedding.forget(caller=OWNER)
    if options.json:
        print_json({"megabytes": freed})
    else:
        say(f"{freed:,.1f} MB of vectors of other embedding models are gone, and so is what could be undone.")
    return 0


_ACTIONS = {"status": _status, "switch": _switch, "undo": _undo, "forget": _forget}


def _waited_for(app: RunningApp, collection: str | None, *, shows: bool) -> dict[str, Any]:
    """Returns the status of ``app`` once its change, or that of ``collection``, has ended.

    Raises:
        BadInput: it could not be done; the message says why.
    """
    from kb.cli.client import embedder_in_use

    while (now := embedder_in_use(app))["switching_to"] is not None:
        if shows:
            _report(now["step"], now["done"], now["total"])
        time.sleep(_LOOK_SECONDS)
    if collection is None:
        if now["problem"]:
            raise BadInput(now["problem"])
        return now
    while (own := _of(now, collection))["lacking"] or own["is_asked"]:
        if own["problem"]:
            raise BadInput(own["problem"])
        if shows:
            _report("embedding", own["passages"] - own["lacking"], own["passages"])
        time.sleep(_LOOK_SECONDS)
        now = embedder_in_use(app)
    return now


def _of(now: dict[str, Any], collection: str) -> dict[str, Any]:
    """Returns what ``now`` says of a collection that was changed."""
    own: dict[str, Any] = next(each for each in now["collections"] if each["collection"] == collection)
    return own


def _report(name: str, done: int, total: int) -> None:
    step(f"{name}: {done:,} of {total:,} passages …")


def _in_words(plan: dict[str, Any]) -> str:
    def named(side: dict[str, Any]) -> str:
        same = f", the vectors of {side['vectors_of']}" if side["vectors_of"] else ""
        return f"{side['model']} ({side['engine']}, {side['width']} dimensions{same})"

    said = f"From {named(plan['from'])} to {named(plan['to'])}: "
    if plan["model_run"]:
        said += (
            f"{plan['passages']:,} passages are embedded, {plan['tokens']:,} tokens, at {plan['tokens_a_second']:,.0f} "
            f"tokens a second (measured on {plan['measured']} passages of this library). "
        )
        if plan["cut"]:
            said += f"{plan['cut']} of {plan['counted']} passages are longer than the model reads. "
    else:
        said += "no model runs. "
    minutes, megabytes = (max(0.1, plan[name]) for name in ("minutes", "megabytes"))
    return f"{said}About {minutes:.1f} minutes and {megabytes:.1f} MB; questions are answered."


def _say_status(now: dict[str, Any]) -> None:
    say(now["text"])
    if now["switching_to"]:
        how_far = (
            f"{now['step']}: {now['done']:,} of {now['total']:,} passages"
            if now["step"]
            else "it is being proved"
        )
        say(f"{now['switching_to']} takes over; {how_far}.")
    if now["broken_off"]:
        say(
            f"The change to {now['broken_off']} was broken off. It goes on when the app starts or with `embedder "
            "switch`; `embedder undo` drops it."
        )
    if now["problem"]:
        say(f"The last change failed: {now['problem']}")
    if now["undo"]:
        say(f"`embedder undo` returns to {now['undo']}.")
    if now["kept_megabytes"]:
        say(f"{now['kept_megabytes']:,.1f} MB of other models' vectors are kept until `embedder forget`.")
    for own in now["collections"]:
        _say_collection(own)
    say_questions(now)


def _say_collection(own: dict[str, Any]) -> None:
    said = ", ".join(filter(None, (own["model"] or "the library's model", own["instruction"])))
    say(f"Collection {own['collection']}: {said}. `embedder undo --collection` returns to {own['undo']}.")
    if own["lacking"]:
        say(
            f"  {own['lacking']:,} of its {own['passages']:,} passages are still to be embedded; until then the "
            "library's model answers."
        )
    say_questions(own)
    if own["problem"]:
        say(f"  The library's model answers: {own['problem']}")
