"""What the commands share: opening the data folder, options, printing."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kb.cli.arguments import typed_path
from kb.cli.output import note, say
from kb.config import Settings, load_settings
from kb.errors import Conflict
from kb.text.query_syntax import KnownValue, as_words, parse_question
from kb.types import OWNER, Filters, Question
from kb.types.places import describe, place_words
from kb.types.spans import decode_anchor

if TYPE_CHECKING:
    from kb.cli.client import RunningApp
    from kb.evaluate.experiments import ExperimentRunner
    from kb.knowledge_base import KnowledgeBase
    from kb.ports import Worker


class Wiring(Protocol):
    """What the entry point brings together for the commands."""

    def open(self, settings: Settings) -> KnowledgeBase:
        """Returns the knowledge base of the settings' data folder."""
        ...

    def unread_kind(self, path: Path) -> str | None:
        """Returns the kind of a file that should be left out of a folder, as in "a picture (PNG)"; else None.

        Raises:
            OSError: it cannot be opened.
        """
        ...

    def worker(self, kb: KnowledgeBase) -> Worker:
        """Returns the ingest worker for the files queued in ``kb``; not started."""
        ...

    def experiments(self, kb: KnowledgeBase) -> ExperimentRunner:
        """Returns the runner of retrieval experiments."""
        ...


Run = Callable[[argparse.Namespace, Wiring], int]
"""What a command does; returns its exit code."""


_FILTERS = {
    "type": "pdf, docx, ...",
    "lang": "zh, en, ...",
    "tag": "with all of these tags",
    "document": "an id or a name",
    "folder": "reports/2024, and what lies below it",
    "since": "added on 2025-01-31 or later",
    "before": "added before 2025-01-31",
}


_NAME_WIDTH = 21
"""Characters of the longest name of a finding, ``sentence-transformers``."""


class Commands:
    """Collects the families of commands; gives each the options that all have."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._added = parser.add_subparsers(metavar="COMMAND")

    def add(self, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        """Returns a new command, for its own options to be added to."""
        added: argparse.ArgumentParser = self._added.add_parser(name, help=text, description=text)
        # may stand before the command, too: a default here would take the place of what stands there
        home = added.add_argument("--home", type=typed_path, metavar="FOLDER", help="the data folder")
        verbose = added.add_argument("--verbose", action="store_true", help="show the log")
        home.default = verbose.default = argparse.SUPPRESS
        added.set_defaults(run=run)
        return added


def collection_option(parser: argparse.ArgumentParser, *, default: str | None, text: str) -> None:
    parser.add_argument("--collection", default=default, metavar="NAME", help=text)


def filter_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that filter documents; ``question_of`` reads them."""
    for name, example in _FILTERS.items():
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar=name.upper(),
            help=f"search only these: {example}",
        )
    parser.add_argument(
        "--words",
        action="store_true",
        help="take all of the question as words, conditions such as type:pdf too",
    )


def question_of(options: argparse.Namespace, known: KnownValue) -> Question:
    """Returns the question that was typed, filtered by its own conditions, unless all of it is words, and by the
    options.

    Raises:
        BadInput: a date is none.
    """
    chosen = Filters(
        documents=tuple(options.document),
        folders=tuple(options.folder),
        types=tuple(options.type),
        languages=tuple(options.lang),
        tags=tuple(options.tag),
        since=options.since[-1] if options.since else None,
        before=options.before[-1] if options.before else None,
    )
    where = (options.collection,) if options.collection is not None else ()
    caller = replace(OWNER, origin="command")
    asked = Question(options.question, filters=chosen, collections=where, caller=caller)
    return as_words(asked) if options.words else parse_question(asked, known)


def note_understood(question: Question) -> None:
    """Says which conditions were read out of the words of a question, and how to have them taken as words."""
    if question.typed:
        found = {name: value for name, value in asdict(question.filters).items() if value}
        said = (
            f"{name} {value if isinstance(value, str) else ', '.join(value)}" for name, value in found.items()
        )
        note(f"(Searched only: {'; '.join(said)}. With --words all of the question is words.)")


def json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print data for scripts")


@contextmanager
def opened(options: argparse.Namespace, wiring: Wiring, **settings: Any) -> Iterator[KnowledgeBase]:
    """Opens the knowledge base of the named data folder, closed at the end; ``settings`` by ``section.name``."""
    kb = wiring.open(load_settings(home=options.home, **settings))
    try:
        yield kb
    finally:
        kb.close()


def print_finding(finding: dict[str, Any], *, remedy: bool = True) -> None:
    """Prints a ``Finding`` for a person, with what to do below it."""
    say(f"{'ok ' if finding['ok'] else 'BAD'}  {finding['name']:<{_NAME_WIDTH}} {finding['text']}")
    if remedy and finding["remedy"]:
        say(f"     {'':<{_NAME_WIDTH}} {finding['remedy']}")


def where(found: dict[str, Any]) -> str:
    """Returns a document and the place in it, in words."""
    anchor = decode_anchor(found["anchor"])
    said = ""
    if anchor.heading_path and not (anchor.place and anchor.place.is_shown):
        said = " > ".join(anchor.heading_path)
    elif anchor.place:
        said = describe(anchor.place, place_words("en"))
    name = str(found["display_name"])
    return f"{name}, {said}" if said else name


def served(kb: KnowledgeBase) -> RunningApp | None:
    """Returns the running app that serves the data folder; None where none does."""
    from kb.cli.client import RunningApp

    address = kb.maintenance.address()
    return (
        None
        if address is None
        else RunningApp(address, kb.maintenance.token(), kb.settings.server.certificate)
    )


def served_elsewhere(kb: KnowledgeBase) -> RunningApp | None:
    """Returns the running app that holds the data folder; None when nobody holds it.

    Raises:
        Conflict: a process that does not serve holds it.
    """
    app = served(kb)
    if app is None and kb.maintenance.is_held():
        raise Conflict(f"The data folder is in use by {kb.maintenance.holder()}. Wait until it has ended.")
    return app
