"""Moves the index of vectors to another store: built there beside the one that answers, checked, then swapped.

The vectors come from SQLite, so no model runs. A note says from where and to where as long as it lasts: whatever ends
the process, the settings name a whole store at every moment, and the next start removes what is left of the other.
"""

from __future__ import annotations

import json
import logging
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
    note = _note(parts.layout)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"from": _noted(source), "to": _noted(target)}), encoding="utf-8")
    lifecycle = parts.lifecycles(target)
    try:
        lifecycle.keep_only(parts.store.place)  # what a move left that was broken off
        place = lifecycle.begin()
        engine = lifecycle.open(place)
        try:
            parts.writer.fill(engine, stopped=stopped, report=report)
            with parts.writer.settled(engine):
                lifecycle.at_rest(place, deleted=0)
                keep()
                is_removed = parts.store.switch(lifecycle, engine, place)
        except BaseException:
            with suppress(FootnoteError):
                engine.close()
            lifecycle.remove(place)
            raise
    except BaseException:
        note.unlink(missing_ok=True)
        raise
    note.unlink(missing_ok=True)
    return is_removed


def finish(parts: MovingParts, in_use: StorageSettings) -> None:
    """Removes what a move that did not end left: the new index where the settings name the old one, or the old one."""
    note = _note(parts.layout)
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
        sides = [StorageSettings.model_validate(said[side]) for side in ("from", "to")]
    except (OSError, ValueError, KeyError, TypeError):
        return
    key = in_use.vectors_key
    for side in sides:
        if _noted(side) == _noted(in_use):
            continue
        if side.vectors_url == in_use.vectors_url:
            side = side.model_copy(update={"vectors_key": key})
        try:
            parts.lifecycles(side).keep_only(parts.store.place)
        except FootnoteError as error:
            log.warning("an old index of vectors stays where it is", extra={"reason": str(error)})
    note.unlink(missing_ok=True)


def _note(layout: HomeLayout) -> Path:
    return layout.remote / "moving"


def _noted(storage: StorageSettings) -> dict[str, Any]:
    """Returns which store it is, without the key."""
    named = storage.model_dump(include=set(_NOTED))
    return named if storage.vectors in ("chroma-server", "weaviate") else {"vectors": storage.vectors}
