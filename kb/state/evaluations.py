"""Results of evaluations, so that they can be compared over time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.db import Database


@dataclass(frozen=True, slots=True)
class Figure:
    """A score with its 95% interval, or the difference of two."""

    value: float
    low: float
    high: float
    questions: int
    """How many questions it rests on."""
    p_value: float | None = None
    """Of a difference; None for a score."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A question whose passage was not among the first five."""

    question: str
    wanted: str
    """The document that answers, and its page where that is known."""
    found: str
    """The document that came first instead; empty where nothing did."""
    passage: str
    """The beginning of what came first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of one set with one setting."""

    set_key: str
    """Hash of the set: results with the same key can be compared."""
    set_name: str
    embedder: str
    """Its fingerprint's key: model, revision, prompts, width."""
    config: Mapping[str, str]
    """The settings that were given for this run."""
    documents: int
    questions: int
    """How many the set has."""
    asked: int
    """How many were asked."""
    cancelled: bool = False
    figures: Mapping[str, Figure] = field(default_factory=dict)
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    """Documents that could not be imported, with the reason."""
    missed: tuple[Missed, ...] = ()
    compared_with: int | None = None
    """The evaluation that ``differences`` are measured against."""
    differences: Mapping[str, Figure] = field(default_factory=dict)
    """This less that, by figure."""
    finished: str = ""
    """UTC, ISO 8601, to the second; empty until it is stored."""
    id: int = 0
    """0 until it is stored."""


_COLUMNS = ("id", "finished", "set_key", "set_name", "compared_with")
"""What is looked up or refers to rows; all else is in ``result``."""


class Evaluations:
    """The table ``evaluations``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, evaluation: Evaluation) -> Evaluation:
        """Stores a result; returns it with its id and time."""
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        result = {name: value for name, value in asdict(evaluation).items() if name not in _COLUMNS}
        with self._database.write() as connection:
            cursor = connection.execute(
                "INSERT INTO evaluations (finished, set_key, set_name, compared_with, result) VALUES (?, ?, ?, ?, ?)",
                (
                    finished,
                    evaluation.set_key,
                    evaluation.set_name,
                    evaluation.compared_with,
                    json.dumps(result, ensure_ascii=False),
                ),
            )
        return replace(evaluation, id=cursor.lastrowid or 0, finished=finished)

    def get(self, evaluation_id: int) -> Evaluation:
        """One result.

        Raises:
            NotFound: there is none with this id.
        """
        row = (
            self._database.read()
            .execute("SELECT * FROM evaluations WHERE id = ?", (evaluation_id,))
            .fetchone()
        )
        if row is None:
            raise NotFound(f"There is no evaluation {evaluation_id}.")
        return _evaluation(row)

    def latest(self, *, limit: int = 50, set_key: str | None = None) -> list[Evaluation]:
        """Results, newest first; ``set_key=None`` gives those of all sets."""
        rows = self._database.read().execute(
            "SELECT * FROM evaluations WHERE ? IS NULL OR set_key = ? ORDER BY id DESC LIMIT ?",
            (set_key, set_key, limit),
        )
        return [_evaluation(row) for row in rows]

    def remove(self, evaluation_id: int) -> None:
        """Forgets a result; one that was compared with it stays, without the comparison's partner.

        Raises:
            NotFound: there is none with this id.
        """
        with self._database.write() as connection:
            if not connection.execute("DELETE FROM evaluations WHERE id = ?", (evaluation_id,)).rowcount:
                raise NotFound(f"There is no evaluation {evaluation_id}.")


def _evaluation(row: sqlite3.Row) -> Evaluation:
    result = json.loads(row["result"])
    for name in ("figures", "differences"):
        result[name] = {key: Figure(**figure) for key, figure in result[name].items()}
    result["missed"] = tuple(Missed(**missed) for missed in result["missed"])
    result["unread"] = tuple(result["unread"])
    return Evaluation(**result, **{name: row[name] for name in _COLUMNS})
