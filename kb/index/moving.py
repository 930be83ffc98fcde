"""Moves the index of vectors to another store: built there beside the one that answers, checked, then swapped.

The vectors come from SQLite, so no model runs. A note says from where and to where as long as it lasts: whatever ends
the process, the settings name a whole store at every moment, and the next start removes what is left of the other. The
note outlasts a server that was away meanwhile, for a week.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.config import StorageSettings
from kb.errors import FootnoteError
from kb.index.resilient_vector import ResilientVectorStore
from kb.index.writer import IndexWriter, Report
from kb.ports import IndexLifecycle, VectorStore
from kb.system.home_layout import HomeLayout

log = logging.getLogger(__name__)

_NOTED = ("vectors", "vectors_url", "vectors_grpc_port")
_PATIENCE_SECONDS = 7 * 24 * 3600.0
"""How long a server that is away is asked, at each start, to remove what a move left there."""

_NO_INDEX = "footnote-none"
"""A name that no index has: a server is asked for it to see whether it answers."""

Lifecycles = Callable[[StorageSettings], IndexLifecycle[VectorStore]]
"""Returns how a store keeps the indexes of the embedder in use."""


@dataclass(frozen=True, slots=True)
class MovingParts:
    """What a move works on."""

    layout: HomeLayout
    lifecycles: Lifecycles
    writer: IndexWriter
    store: ResilientVectorStore


def move(
    parts: MovingParts,
    source: StorageSettings,
    target: StorageSettings,
    *,
    keep: Callable[[], None],
    stopped: Callable[[], bool],
    report: Report,
) -> bool:
    """Builds the index in ``target``, calls ``keep``, which makes the settings name it, and removes that in ``source``.

    Returns whether that is removed; a server that does not answer keeps it until the next move there.

    Raises:
        BackendDown, Misconfigured: the server does not answer, or is none; everything is as it was.
        Damaged: what was built does not find what it holds; everything is as it was.
        Cancelled: it was stopped; everything is as it was.
    """
    lifecycle = parts.lifecycles(target)
    require_answer(lifecycle)
    _remember(parts.layout, source, target)
    try:
        lifecycle.keep_only(parts.store.place)  # what a move left that was broken off
        is_removed = _built(parts, lifecycle, keep=keep, stopped=stopped, report=report)
    except Exception:  # not Ctrl+C, at which nobody waits for a server: the next start removes what is there
        if lifecycle.keep_only(parts.store.place):
            _forget(parts.layout, source, target)
        raise
    _forget(parts.layout, target, *([source] if is_removed else []))
    return is_removed


def require_answer(lifecycle: IndexLifecycle[VectorStore]) -> None:
    """Raises BackendDown or Misconfigured where the server of a store does not answer, or is none."""
    lifecycle.is_there(_NO_INDEX)


def _built(
    parts: MovingParts,
    lifecycle: IndexLifecycle[VectorStore],
    *,
    keep: Callable[[], None],
    stopped: Callable[[], bool],
    report: Report,
) -> bool:
    """Builds the index and lets it answer; returns whether the one before is removed."""
    place = lifecycle.begin()
    engine = lifecycle.open(place)
    try:
        parts.writer.fill(engine, stopped=stopped, report=report)
        with parts.writer.settled(engine):
            lifecycle.at_rest(place, deleted=0)
            keep()
            return parts.store.switch(lifecycle, engine, place)
    except BaseException:
        with suppress(FootnoteError):
            engine.close()
        lifecycle.give_up(place)
        raise


def finish(parts: MovingParts, in_use: StorageSettings) -> None:
    """Removes what moves left that did not end: the new index where the settings name the old one, or the old one."""
    sides, since = _remembered(parts.layout)
    left = [side for side in sides if _noted(side) != _noted(in_use) and not _removed(parts, side, in_use)]
    if left and time.time() - since > _PATIENCE_SECONDS:
        log.warning(
            "an old index of vectors stays where it is", extra={"stores": [_noted(each) for each in left]}
        )
        left = []
    if left != sides:
        _write(parts.layout, left, since)


def _removed(parts: MovingParts, side: StorageSettings, in_use: StorageSettings) -> bool:
    """Returns whether nothing of this library is left in the store ``side``."""
    if side.vectors_url == in_use.vectors_url:
        side = side.model_copy(update={"vectors_key": in_use.vectors_key})
    try:
        return parts.lifecycles(side).keep_only(parts.store.place)
    except FootnoteError as error:
        log.warning("an old index of vectors stays where it is", extra={"reason": str(error)})
        return False


def _remember(layout: HomeLayout, *sides: StorageSettings) -> None:
    noted, _ = _remembered(layout)
    known = [_noted(each) for each in noted]
    _write(layout, [*noted, *(side for side in sides if _noted(side) not in known)], time.time())


def _forget(layout: HomeLayout, *sides: StorageSettings) -> None:
    noted, since = _remembered(layout)
    gone = [_noted(side) for side in sides]
    _write(layout, [each for each in noted if _noted(each) not in gone], since)


def _remembered(layout: HomeLayout) -> tuple[list[StorageSettings], float]:
    """Returns the stores in which something may be left, and since when, in seconds of the epoch."""
    try:
        said = json.loads(_note(layout).read_text(encoding="utf-8"))
        sides = (
            said["stores"] if "stores" in said else [said["from"], said["to"]]
        )  # as earlier versions noted it
        return [StorageSettings.model_validate(side) for side in sides], float(said.get("since", time.time()))
    except (OSError, ValueError, KeyError, TypeError):
        return [], time.time()


def _write(layout: HomeLayout, sides: list[StorageSettings], since: float) -> None:
    note = _note(layout)
    if not sides:
        note.unlink(missing_ok=True)
        return
    note.parent.mkdir(parents=True, exist_ok=True)
    said = {"stores": [_noted(side) for side in sides], "since": since}
    note.write_text(json.dumps(said), encoding="utf-8")


def _note(layout: HomeLayout) -> Path:
    return layout.remote / "moving"


def _noted(storage: StorageSettings) -> dict[str, Any]:
    """Returns which store it is, without the key."""
    named = storage.model_dump(include=set(_NOTED))
    return named if storage.vectors in ("chroma-server", "weaviate") else {"vectors": storage.vectors}
