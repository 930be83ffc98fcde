"""``vectors``: where vectors are searched, and moving them to another store."""

from __future__ import annotations

import argparse
import sys
import threading
from typing import TYPE_CHECKING, Any

from kb.backends import VECTOR_SERVERS, VECTOR_STORES
from kb.cli.common import Commands, Wiring, json_option, opened, served_elsewhere
from kb.cli.output import note, print_json, say, step
from kb.errors import BadInput
from kb.types import OWNER

if TYPE_CHECKING:
    from kb.cli.client import RunningApp
    from kb.knowledge_base import KnowledgeBase

_LOOK_SECONDS = 1.0


def register(commands: Commands) -> None:
    vectors = commands.add(
        "vectors", _vectors, "show where vectors are searched, or move them to another store: vectors move"
    )
    vectors.add_argument("action", nargs="?", choices=("show", "move"), default="show")
    vectors.add_argument("--to", metavar="STORE", help=", ".join(sorted(VECTOR_STORES)))
    vectors.add_argument("--url", metavar="ADDRESS", help="where its server listens (storage.vectors_url)")
    vectors.add_argument("--dry-run", action="store_true", help="only say what it would cost")
    json_option(vectors)


def _vectors(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        if options.action == "show":
            return _show(options, kb)
        if options.to is None:
            raise BadInput(f"Say where to: --to with one of {', '.join(sorted(VECTOR_STORES))}.")
        return _move(options, kb, served_elsewhere(kb))


def _show(options: argparse.Namespace, kb: KnowledgeBase) -> int:
    status = kb.vectors.status(caller=OWNER)
    if status.store in VECTOR_SERVERS:
        embedder, _ = kb.choose_embedder()
        embedder.close()
        status = kb.vectors.asked_status(embedder.fingerprint, caller=OWNER)
    found = status.as_json()
    if options.json:
        print_json(found)
    else:
        say(found["text"])
    return 0 if found["ok"] else 1


def _move(options: argparse.Namespace, kb: KnowledgeBase, app: RunningApp | None) -> int:
    if app is not None:
        from kb.cli.client import plan_vector_move

        plan = plan_vector_move(app, options.to, options.url)
    else:
        plan = kb.vectors.plan(options.to, options.url, caller=OWNER).as_json()
    if not options.json:
        say(_in_words(plan))
    if not options.dry_run:
        try:
            plan["is_removed"] = _moved(options, kb, app)
        except KeyboardInterrupt:
            note(
                "The app goes on moving them. `app.py vectors` says where they are searched."
                if app is not None
                else f"Stopped: vectors are searched in {plan['source']} as before. What was begun goes at the next "
                "start."
            )
            raise
        if not options.json:
            say(f"Done. {options.to} answers, and footnote.toml names it. {_of_source(plan)}")
    if options.json:
        print_json(plan)
    return 0


def _of_source(plan: dict[str, Any]) -> str:
    source = plan["source"]
    if plan["is_removed"]:
        return f"The index in {source} is gone."
    return (
        f"The index in {source} could not be removed: its server does not answer. For a week each start tries again; "
        f"then it stays there until vectors are moved to {source} again."
    )


def _moved(options: argparse.Namespace, kb: KnowledgeBase, app: RunningApp | None) -> bool:
    """Moves them, in the running app where there is one; returns whether the old index is removed."""
    if app is not None:
        return _move_there(app, options)
    report = step_of if sys.stderr.isatty() and not options.json else None
    return kb.vectors.move(options.to, options.url, caller=OWNER, report=report)


def _move_there(app: RunningApp, options: argparse.Namespace) -> bool:
    """Has the running app move them, and shows how far it is; returns whether the old index is removed."""
    from kb.cli.client import move_vectors, vector_store

    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK_SECONDS):
            now = vector_store(app)
            if now["total"]:
                step_of(now["done"], now["total"])

    if sys.stderr.isatty() and not options.json:
        threading.Thread(target=watch, daemon=True).start()
    try:
        return move_vectors(app, options.to, options.url)
    finally:
        ended.set()


def step_of(done: int, total: int) -> None:
    step(f"{done:,} of {total:,} passages …")


def _in_words(plan: dict[str, Any]) -> str:
    where = f" at {plan['url']}" if plan["url"] else ""
    return (
        f"From {plan['source']} to {plan['target']}{where}, passages: {plan['passages']:,}. About "
        f"{max(1, plan['seconds']):.0f} s, and {max(1, plan['megabytes']):.0f} MB there. "
        "No model runs; questions are answered."
    )
