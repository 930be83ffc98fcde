"""``list`` and ``remove``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kb.cli.common import Commands, Wiring, json_option, opened
from kb.cli.output import print_json, say
from kb.types import OWNER, Document

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_POLL_SECONDS = 0.1


def register(commands: Commands) -> None:
    json_option(commands.add("list", _list, "list the documents"))
    remove = commands.add("remove", _remove, "remove documents, with their passages and files")
    remove.add_argument("ids", nargs="+", metavar="ID")
    json_option(remove)


def _list(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        documents = kb.library.documents(caller=OWNER, limit=-1)
    if options.json:
        print_json([document_json(document) for document in documents])
        return 0
    for document in documents:
        extent = f"{document.pages} p." if document.pages else ""
        say(
            f"{document.id}  {document.state:<9}  {document.collection:<12}  {extent:>7}  {document.chunks:>6}  "
            f"{document.name}{'  ' + document.path if document.path not in ('', document.name) else ''}"
        )
        if document.reason:
            say(f"{'':14}{document.reason}")
    say(f"{len(documents)} documents" if documents else "No documents yet. Add some: app.py add PATH")
    return 0


def document_json(document: Document) -> dict[str, Any]:
    """Returns a document as ``list --json`` prints it."""
    names = (
        "id",
        "name",
        "collection",
        "path",
        "source",
        "state",
        "reason",
        "pages",
        "chunks",
        "chunks_done",
        "bytes",
        "sha256",
    )
    return {name: getattr(document, name) for name in (*names, "added", "title")}


def _remove(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        kb.library.remove(options.ids, caller=OWNER)
        _wait_until_gone(kb, options.ids)
    if options.json:
        print_json({"removed": list(dict.fromkeys(options.ids))})
    else:
        say(f"Removed {len(dict.fromkeys(options.ids))}.")
    return 0


def _wait_until_gone(kb: KnowledgeBase, document_ids: Sequence[str]) -> None:
    """Waits until nothing is left of deleted documents, or deletes it where no worker runs."""
    while kb.library.existing(document_ids, caller=OWNER):
        if not kb.maintenance.is_held():
            kb.library.delete_pending()
        else:
            time.sleep(_POLL_SECONDS)
