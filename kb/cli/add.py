"""``add``: files and folders, until they are ready."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.cli.arguments import typed_path
from kb.cli.common import Commands, Wiring, collection_option, json_option, opened
from kb.cli.documents import document_json
from kb.cli.folder_files import FolderFiles, LeftOut, files_of
from kb.cli.output import note, print_json, say
from kb.config import DEFAULT_COLLECTION
from kb.errors import BackendDown, BadInput
from kb.system.logs import PAUSES, unlogged
from kb.text.visible import visible_line
from kb.types import OWNER, Document, DocumentState, SameName

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

LEFT_OUT = "left_out"
"""The state, with ``--json``, of a file of a folder that was not taken."""

_POLL_SECONDS = 0.2
_NAMED = 5
"""Names of what is left out for one reason, to a person."""


def register(commands: Commands) -> None:
    add = commands.add(
        "add", _add, "add files, or all files of folders that can be read, and wait until they are ready"
    )
    add.add_argument("paths", nargs="+", type=typed_path, metavar="PATH")
    collection_option(add, default=DEFAULT_COLLECTION, text="where to put them")
    add.add_argument(
        "--same-name",
        type=SameName,
        choices=tuple(SameName),
        default=SameName.VERSION,
        help="what a file is whose path was added before with other bytes: a new version of that document "
        "(default), or a second one beside it",
    )
    json_option(add)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one path; ``document`` is None where the file could not even be read."""

    path: Path
    document: Document | None
    already_present: bool = False
    reason: str | None = None
    replaces: Document | None = None
    """The version that goes, or went, when this one is ready."""
    beside: Document | None = None
    """The other document at the same path, which stays."""

    @property
    def note(self) -> str:
        """The reason and what became of others of the same name, in words."""
        said = [self.reason or ""]
        if self.already_present:
            said.append("already present")
        if self.replaces is not None:
            said.append(f"new version: it replaces the one added {self.replaces.added}")
        if self.beside is not None and self.document is not None:
            said.append(f"kept beside the other one, as {self.document.name}")
        return "; ".join(filter(None, said))


def _add(options: argparse.Namespace, wiring: Wiring) -> int:
    found = _found(options, wiring)
    with unlogged(PAUSES, verbose=options.verbose), opened(options, wiring) as kb:
        with suppress(BackendDown):  # then the jobs wait for it, with the reason
            kb.require_embedder()
        worker = None
        if not kb.maintenance.is_held():
            kb.maintenance.lock()
            worker = wiring.worker(kb)
            worker.start()
        try:
            taken = [_take(kb, path, options) for path in found.taken]
            wait_until_settled(
                kb, [outcome.document.id for outcome in taken if outcome.document], quiet=options.json
            )
        finally:
            if worker is not None:
                worker.stop()
        if worker is not None:
            kb.embedding.collections.complete(options.collection)
        outcomes = [_settled(kb, outcome) for outcome in taken]
    if options.json:
        left_out = [_left_out_json(each) for each in found.left_out]
        print_json([*(_outcome_json(outcome) for outcome in outcomes), *left_out])
    else:
        _print_outcomes(outcomes, found)
    return 0 if outcomes and all(_is_ready(outcome) for outcome in outcomes) else 1


def _found(options: argparse.Namespace, wiring: Wiring) -> FolderFiles:
    found = files_of(options.paths, unread_kind=wiring.unread_kind)
    if not found.taken:
        why = "".join(f" Left out: {line}." for line in _left_out(found))
        raise BadInput(f"There is no file to add in what was named.{why}")
    return found


def _left_out(found: FolderFiles) -> Iterator[str]:
    """Yields for each reason how many files are left out, and the names of some."""
    for reason, paths in found.by_reason().items():
        names = ", ".join(visible_line(path.name) for path in paths[:_NAMED])
        more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
        yield f"{len(paths)} {reason}: {names}{more}"


def _take(kb: KnowledgeBase, path: Path, options: argparse.Namespace) -> _Outcome:
    try:
        added = kb.library.add_file(path, options.collection, caller=OWNER, same_name=options.same_name)
    except BadInput as error:
        return _Outcome(path, None, reason=str(error))
    return _Outcome(path, added.document, added.already_present, replaces=added.replaces, beside=added.beside)


class _Pauses:
    """Says in a sentence when the imports begin to wait, and when they go on: not at every try."""

    def __init__(self) -> None:
        self._done: int | None = None
        """Passages that were ready when that was said; None while nothing holds the imports up."""
        self._is_over = False

    def sentence(self, reason: str | None, done: int) -> str | None:
        """Returns what is to be said now, if anything; ``reason``: what holds them up, ``done``: passages ready."""
        if self._done is None:
            if reason is None:
                return None
            self._done, self._is_over = done, False
            return f"The import waits: {reason} It is tried again until that is mended; Ctrl-C ends it."
        is_told, self._is_over = self._is_over, self._is_over or reason is None or done > self._done
        if reason is None:
            self._done = None
        return "The import goes on." if self._is_over and not is_told else None


def wait_until_settled(kb: KnowledgeBase, document_ids: Sequence[str], *, quiet: bool) -> None:
    """Waits until all documents are in a final state or removed, with a bar that counts passages."""
    from tqdm import tqdm

    waiting, pauses = dict.fromkeys(document_ids), _Pauses()
    with tqdm(total=len(waiting), unit="file", disable=quiet or not sys.stderr.isatty()) as bar:
        while waiting:
            documents = kb.library.existing(waiting, caller=OWNER)
            left = {document.id: None for document in documents if not document.state.is_final}
            bar.update(len(waiting) - len(left))
            done = sum(document.chunks_done for document in documents)
            total = sum(document.chunks for document in documents)
            bar.set_postfix_str(f"{done} of {total} passages")
            if said := pauses.sentence(kb.jobs.queue(caller=OWNER).reason, done):
                bar.clear()
                note(said)
            waiting = left
            if waiting:
                time.sleep(_POLL_SECONDS)


def _settled(kb: KnowledgeBase, outcome: _Outcome) -> _Outcome:
    if outcome.document is None:
        return outcome
    now = kb.library.existing([outcome.document.id], caller=OWNER)
    if not now:
        return _Outcome(outcome.path, None, reason=f"{outcome.path.name} was removed while it was imported.")
    return replace(outcome, document=now[0], reason=now[0].reason)


def _is_ready(outcome: _Outcome) -> bool:
    return outcome.document is not None and outcome.document.state is DocumentState.READY


def _outcome_json(outcome: _Outcome) -> dict[str, Any]:
    document = document_json(outcome.document) if outcome.document else {"state": DocumentState.FAILED}
    return {
        **document,
        "path": str(outcome.path),
        "replaces": outcome.replaces.id if outcome.replaces else None,
        "beside": outcome.beside.id if outcome.beside else None,
        "reason": outcome.reason,
        "already_present": outcome.already_present,
    }


def _left_out_json(each: LeftOut) -> dict[str, Any]:
    return {"path": str(each.path), "state": LEFT_OUT, "reason": each.reason, "already_present": False}


def _print_outcomes(outcomes: Sequence[_Outcome], found: FolderFiles) -> None:
    for outcome in outcomes:
        state = outcome.document.state if outcome.document else DocumentState.FAILED
        say(f"{state:<8}  {outcome.path.name}{'  ' + outcome.note if outcome.note else ''}")
    ready = sum(map(_is_ready, outcomes))
    for line in _left_out(found):
        say(f"left out  {line}")
    left_out = f", {len(found.left_out)} left out" if found.left_out else ""
    say(f"{ready} ready, {len(outcomes) - ready} failed{left_out}")
