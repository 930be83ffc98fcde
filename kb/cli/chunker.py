"""``chunker``: how long passages are, what another length costs, and changing to it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kb.cli.common import Commands, Wiring, json_option, opened, served_elsewhere
from kb.cli.output import print_json, say, say_questions, step
from kb.errors import BadInput
from kb.types import OWNER

if TYPE_CHECKING:
    from kb.cli.client import RunningApp
    from kb.knowledge_base import KnowledgeBase

_LOOK_SECONDS = 0.5


def register(commands: Commands) -> None:
    chunker = commands.add(
        "chunker",
        _chunker,
        "show how long passages are, or change it: chunker switch, chunker undo, chunker forget",
    )
    chunker.add_argument("action", nargs="?", choices=tuple(_ACTIONS), default="status")
    chunker.add_argument("--chunk-tokens", type=int, metavar="N", help="as for parsing.chunk_tokens")
    chunker.add_argument("--dry-run", action="store_true", help="only say what it would cost")
    json_option(chunker)


def _chunker(options: argparse.Namespace, wiring: Wiring) -> int:
    if (options.action == "switch") != (options.chunk_tokens is not None):
        raise BadInput("Say how long: chunker switch --chunk-tokens N. No other action takes a length.")
    if options.dry_run and options.action != "switch":
        raise BadInput(f"`chunker {options.action}` costs nothing that could be said before.")
    with opened(options, wiring) as kb:
        return _ACTIONS[options.action](options, wiring, kb)


def _status(options: argparse.Namespace, _wiring: Wiring, kb: KnowledgeBase) -> int:
    from kb.cli.client import call
    from kb.cli.common import served

    app = served(kb)
    now = call(app, "GET", "/api/chunker") if app else kb.chunker.status(caller=OWNER).as_json()
    if options.json:
        print_json(now)
    else:
        _say_status(now)
    return 0


def _switch(options: argparse.Namespace, wiring: Wiring, kb: KnowledgeBase) -> int:
    from kb.cli.client import call

    app, tokens = served_elsewhere(kb), options.chunk_tokens
    asked = {"chunk_tokens": tokens}
    plan: dict[str, Any] = (
        call(app, "POST", "/api/chunker/switch", json={**asked, "dry_run": True})
        if app
        else kb.chunker.plan(tokens, caller=OWNER).as_json()
    )
    if not options.json:
        say(_in_words(plan))
    if not options.dry_run:
        shows = sys.stderr.isatty() and not options.json
        if app is not None:
            call(app, "POST", "/api/chunker/switch", json=asked)
            now = _waited_for(app, shows=shows)
        else:
            with _importing(wiring, kb):
                kb.chunker.switch(tokens, caller=OWNER, report=_report if shows else None)
            now = kb.chunker.status(caller=OWNER).as_json()
        plan["questions"] = now["questions"]
        if not options.json:
            say(f"Done. Passages have at most {now['chunk_tokens']} tokens. `chunker undo` returns.")
            _say_rest(now)
    if options.json:
        print_json(plan)
    return 0


def _undo(options: argparse.Namespace, wiring: Wiring, kb: KnowledgeBase) -> int:
    from kb.cli.client import call

    if (app := served_elsewhere(kb)) is not None:
        call(app, "POST", "/api/chunker/undo")
        now = _waited_for(app, shows=False)
    else:
        with _importing(wiring, kb):
            kb.chunker.undo(caller=OWNER, waits=True)
        now = kb.chunker.status(caller=OWNER).as_json()
    if options.json:
        print_json(now)
    else:
        _say_status(now)
    return 0


def _forget(options: argparse.Namespace, _wiring: Wiring, kb: KnowledgeBase) -> int:
    from kb.cli.client import call

    app = served_elsewhere(kb)
    freed = call(app, "POST", "/api/chunker/forget")["megabytes"] if app else kb.chunker.forget(caller=OWNER)
    if options.json:
        print_json({"megabytes": freed})
    else:
        say(f"{freed:,.1f} MB of former passages are gone, and so is what could be undone.")
    return 0


_ACTIONS: dict[str, Callable[[argparse.Namespace, Wiring, KnowledgeBase], int]] = {
    "status": _status,
    "switch": _switch,
    "undo": _undo,
    "forget": _forget,
}


@contextmanager
def _importing(wiring: Wiring, kb: KnowledgeBase) -> Iterator[None]:
    """Within it what is queued is read, cut and embedded."""
    worker = wiring.worker(kb)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def _waited_for(app: RunningApp, *, shows: bool) -> dict[str, Any]:
    """Returns the status of ``app`` once its change has ended.

    Raises:
        BadInput: it did not end as it should; the message says why.
    """
    from kb.cli.client import call

    while (now := call(app, "GET", "/api/chunker"))["switching_to"] is not None:
        if shows:
            _report(now["step"], now["done"], now["total"])
        time.sleep(_LOOK_SECONDS)
    if now["problem"]:
        raise BadInput(now["problem"])
    found: dict[str, Any] = now
    return found


def _report(name: str, done: int, total: int) -> None:
    step(f"{name}: {done:,} of {total:,} …")


def _in_words(plan: dict[str, Any]) -> str:
    said = (
        f"From {plan['from']} to {plan['to']} tokens: {plan['documents']:,} documents are cut anew, "
        f"{plan['passages']:,} passages become about {plan['passages_after']:,} (measured on "
        f"{plan['measured']} documents). "
    )
    if plan["kept"]:
        said += f"The passages of {plan['kept']:,} of them are kept since the last change. "
    if plan["tokens"]:
        said += f"{plan['tokens']:,} tokens are embedded, at {plan['tokens_a_second']:,.0f} tokens a second. "
    return (
        f"{said}About {plan['minutes']:.1f} minutes and {plan['megabytes']:.1f} MB; questions are answered."
    )


def _say_status(now: dict[str, Any]) -> None:
    say(f"Passages have at most {now['chunk_tokens']} tokens, in {now['documents']:,} documents.")
    if now["switching_to"]:
        say(f"They change to {now['switching_to']}; {now['step']}: {now['done']:,} of {now['total']:,}.")
    if now["paused"]:
        say("All imports are paused, and this with them. `resume` lets them go on.")
    if now["broken_off"]:
        say(
            f"The change to {now['broken_off']} was broken off. It goes on when the app starts; `chunker undo` takes "
            "it back."
        )
    if now["problem"]:
        say(f"The last change: {now['problem']}")
    if now["undo"]:
        say(f"`chunker undo` returns to {now['undo']}.")
    _say_rest(now)


def _say_rest(now: dict[str, Any]) -> None:
    if now["others"] and not now["switching_to"]:
        say(f"The passages of {now['others']:,} documents have another length: `list` says which, and why.")
    if now["kept_megabytes"]:
        say(f"{now['kept_megabytes']:,.1f} MB of former passages are kept until `chunker forget`.")
    say_questions(now)
