"""``search`` and ``ask``, by the running app where one holds the data folder."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kb.cli.arguments import number
from kb.cli.common import (
    Commands,
    Wiring,
    collection_option,
    filter_options,
    json_option,
    note_understood,
    opened,
    question_of,
    served,
    where,
)
from kb.cli.output import note, print_json, say, say_text
from kb.errors import BadInput, Cancelled
from kb.types import EXTRACTIVE, LIBRARY, OWNER, Question

if TYPE_CHECKING:
    from kb.cli.query_engine import WireQueryEngine
    from kb.knowledge_base import KnowledgeBase


_GRADES = {"weak": "Partly supported", "unsupported": "Unsupported"}
_UNTOLD = {"weak": "A passage says only a part of this", "unsupported": "No passage says this"}
_DIFFERENCES = {
    "missing": "“{what}” stands in no passage",
    "other_value": "The passage says something else in the place of “{what}”",
    "other_subject": "The passage says “{what}” of another thing",
    "opposite": "The passage says the opposite of “{what}”",
    "exchanged": "“{what}” stands where the passage names another",
    "denied": "The passage denies what the sentence says, or says what the sentence denies",
}
_MOST = 100
"""Passages of one search, as over HTTP."""


def register(commands: Commands) -> None:
    search = commands.add("search", _search, "find passages")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument(
        "-k", type=number(1, _MOST), default=10, metavar="N", help=f"how many (10), at most {_MOST}"
    )
    collection_option(search, default=None, text="where to search (everywhere)")
    filter_options(search)
    json_option(search)
    ask = commands.add("ask", _ask, "ask, and get an answer with footnotes")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--model", help="the model that answers, as in ollama/qwen3:8b")
    collection_option(ask, default=None, text="where to look (everywhere)")
    filter_options(ask)
    json_option(ask)


def _search(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        question = question_of(options, kb.known_value(OWNER))
        hits = asyncio.run(_query_engine(kb).search(question, k=options.k))
    if options.json:
        print_json(hits)
        return 0
    note_understood(question)
    for hit in hits:
        say(f"{hit['rank']:>2}  {hit['score']:.3f}  {where(hit)}")
        say(f"    {' '.join(hit['text'].split())[:300]}")
        if hit["also"]:
            say(f"    also in: {'; '.join(where(also) for also in hit['also'])}")
        say()
    if not hits:
        say("Nothing was found.")
    return 0


def _query_engine(kb: KnowledgeBase) -> WireQueryEngine:
    """Returns the running app where one holds the data folder, else this process, also beside one that imports."""
    from kb.cli.query_engine import LocalQueryEngine, RemoteQueryEngine

    if app := served(kb):
        return RemoteQueryEngine(app)
    if kb.maintenance.is_held():
        return LocalQueryEngine(kb.query_engine_beside_holder())
    return LocalQueryEngine(kb.query_engine)


def _ask(options: argparse.Namespace, wiring: Wiring) -> int:
    # as a setting: whoever gives commands owns the machine, and may name any model file on it
    with opened(options, wiring, model=options.model) as kb:
        question = replace(question_of(options, kb.known_value(OWNER)), model=options.model)
        if not options.json:
            note_understood(question)
        return asyncio.run(_answer(kb, question, json=options.json))


async def _answer(kb: KnowledgeBase, question: Question, *, json: bool) -> int:
    """Prints the answer as it comes, then its citations; with ``json`` one object at the end."""
    final: dict[str, Any] = {}
    printed = _Printed(quiet=json)
    try:
        async with aclosing(_query_engine(kb).ask(question)) as events:
            async for event in events:
                if event["event"] == "answer":
                    final = event
                    printed.settle(event["text"])
                elif event["event"] == "error":
                    raise BadInput(event["error"])
                elif event["event"] == "stopped":
                    raise Cancelled("The answer was stopped on the page.")
                elif event["event"] == "text":
                    printed.add(event["text"])
                elif event["event"] == "withdrawn":
                    printed.withdraw()
                elif event["event"] == "notice" and not json:
                    note(f"({event['text']})")
    finally:
        printed.finish()
        await kb.query_engine.close_models()
    if json:
        print_json(_answer_json(final))
    else:
        _print_footnotes(final)
    return 1 if final["incomplete"] and not final["text"] else 0


class _Printed:
    """The words of an answer: on a terminal as they come, else once it is certain that they are no thoughts."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._at_once = sys.stdout.isatty()
        self._held = ""

    def add(self, text: str) -> None:
        self._held += text
        if self._at_once:
            self.finish()

    def withdraw(self) -> None:
        """Takes back what came so far, or says what it was."""
        self._held = ""
        if self._at_once and not self._quiet:
            say()
            note("(So far the model was thinking. Its answer:)")

    def settle(self, text: str) -> None:
        """Takes the checked answer, with the footnotes that the check found, for what is not printed yet."""
        if self._held and not self._at_once:
            self._held = text

    def finish(self) -> None:
        held, self._held = self._held, ""
        if held and not self._quiet:
            say_text(held, end="")


def _answer_json(final: dict[str, Any]) -> dict[str, Any]:
    return {"answer": final["text"], **{name: final[name] for name in final if name not in ("event", "text")}}


def _print_footnotes(final: dict[str, Any]) -> None:
    if final["refused"]:
        _print_closest(final)
        return
    say()
    for citation in final["citations"]:
        say(f"[{citation['n']}] {where(citation)}: {' '.join(citation['quote'].split())}")
    for check in final["checks"]:
        if check["support"] != "supported":
            note(f"({doubt(check)}: {check['sentence']})")
    if final["text"].strip() and not final["backed"]:
        note("(No sentence of this is backed by your documents.)")
    if final["incomplete"]:
        note(f"(Incomplete: {final['incomplete']})")
    note(f"(answered by {final['model']})")


def doubt(check: dict[str, Any]) -> str:
    """Returns how far a sentence is supported, and why no further."""
    differs = _UNTOLD[check["support"]]
    if check["reason"]:
        differs = _DIFFERENCES[check["difference"] or "missing"].format(what=check["reason"])
    return f"{_GRADES[check['support']]}. {differs}"


def _print_closest(final: dict[str, Any]) -> None:
    """Prints that there is no answer, and the passages that come nearest to one."""
    say_text(
        final["text"] if final["model"] == EXTRACTIVE else ""
    )  # all other words were printed as they came
    if final["model"] == LIBRARY:
        note("(To add documents: app.py add PATH)")
    for citation in final["closest"]:
        say(f"  closest: {where(citation)}: {' '.join(citation['quote'].split())}")
