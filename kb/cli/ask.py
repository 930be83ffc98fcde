"""``search`` and ``ask``, by the running app where one holds the data folder."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from kb.cli.common import (
    Commands,
    Wiring,
    collection_option,
    filter_options,
    filtered,
    json_option,
    opened,
    print_json,
    served_elsewhere,
    where,
)
from kb.errors import BadInput, Cancelled
from kb.types import EXTRACTIVE

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def register(commands: Commands) -> None:
    """Adds ``search`` and ``ask``."""
    search = commands.add("search", _search, "find passages")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("-k", type=int, default=10, metavar="N", help="how many (10)")
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
        if address := served_elsewhere(kb):
            from kb.cli.client import search

            hits = search(address, filtered(options), k=options.k, collection=options.collection)
        else:
            from kb.web.api.schemas import HitOut

            found = kb.search(filtered(options), k=options.k, collection=options.collection)
            hits = [HitOut.of(hit).model_dump(mode="json") for hit in found]
    if options.json:
        print_json(hits)
        return 0
    for hit in hits:
        print(
            f"{hit['rank']:>2}  {hit['score']:.3f}  {where(hit)}\n    {' '.join(hit['text'].split())[:300]}"
        )
        if hit["also"]:
            print(f"    also in: {'; '.join(where(also) for also in hit['also'])}")
        print()
    if not hits:
        print("Nothing was found.")
    return 0


def _ask(options: argparse.Namespace, wiring: Wiring) -> int:
    # as a setting: whoever gives commands owns the machine, and may name any model file on it
    with opened(options, wiring, model=options.model) as kb:
        return asyncio.run(_answer(kb, options))


async def _answer(kb: KnowledgeBase, options: argparse.Namespace) -> int:
    """Prints the answer as it comes, then its footnotes; with ``--json`` one object at the end."""
    final: dict[str, Any] = {}
    try:
        async with aclosing(_events(kb, options)) as events:
            async for event in events:
                if event["event"] == "answer":
                    final = event
                elif event["event"] == "error":
                    raise BadInput(event["error"])
                elif event["event"] == "stopped":
                    raise Cancelled("The answer was stopped on the page.")
                elif event["event"] == "text" and not options.json:
                    print(event["text"], end="", flush=True)
                elif event["event"] == "notice" and not options.json:
                    print(f"({event['text']})", file=sys.stderr)
    finally:
        await kb.close_models()
    if options.json:
        print_json(_answer_json(final))
    else:
        _print_footnotes(final)
    return 1 if final["incomplete"] and not final["text"] else 0


async def _events(kb: KnowledgeBase, options: argparse.Namespace) -> AsyncGenerator[dict[str, Any], None]:
    """The events of an answer as the API sends them, whoever gives it."""
    if address := served_elsewhere(kb):
        from kb.cli.client import ask

        async with aclosing(
            ask(address, filtered(options), collection=options.collection, model=options.model)
        ) as events:
            async for line in events:
                yield line
        return
    from kb.web.api.answer_schemas import event_out

    async with aclosing(
        kb.ask(filtered(options), collection=options.collection, model=options.model)
    ) as answer:
        async for event in answer:
            yield event_out(event).model_dump(mode="json")


def _answer_json(final: dict[str, Any]) -> dict[str, Any]:
    return {"answer": final["text"], **{name: final[name] for name in final if name not in ("event", "text")}}


def _print_footnotes(final: dict[str, Any]) -> None:
    if final["refused"]:
        _print_closest(final)
        return
    print()
    for citation in final["citations"]:
        print(f"[{citation['n']}] {where(citation)}: {' '.join(citation['quote'].split())}")
    for check in final["checks"]:
        if check["support"] != "supported":
            reason = f" ({check['reason']})" if check["reason"] else ""
            print(f"({check['support'].capitalize()}{reason}: {check['sentence']})", file=sys.stderr)
    if final["incomplete"]:
        print(f"(Incomplete: {final['incomplete']})", file=sys.stderr)
    print(f"(answered by {final['model']})", file=sys.stderr)


def _print_closest(final: dict[str, Any]) -> None:
    """That there is no answer, and the passages that come nearest to one."""
    print(final["text"] if final["model"] == EXTRACTIVE else "")  # a model's words were printed as they came
    for citation in final["closest"]:
        print(f"  closest: {where(citation)}: {' '.join(citation['quote'].split())}")
