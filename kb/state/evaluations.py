"""Results of evaluations, so that they can be compared over time."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.sql import Row, SqlDatabase, at_most, scalar
from kb.types import OWNER, Evaluation, Figure, Missed

_COLUMNS = ("id", "finished", "set_key", "set_name", "compared_with")
"""What is looked up or refers to rows; all else is in ``result``."""


class Evaluations:
    """The table ``evaluations``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def add(self, evaluation: Evaluation, *, owner: str = OWNER.id) -> Evaluation:
        """Stores a result; returns it with its id and time."""
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        result = {name: value for name, value in asdict(evaluation).items() if name not in _COLUMNS}
        with self._database.write() as connection:
            evaluation_id: int = scalar(
                connection,
                "INSERT INTO evaluations (finished, set_key, set_name, compared_with, result, owner) "
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    finished,
                    evaluation.set_key,
                    evaluation.set_name,
                    evaluation.compared_with,
                    json.dumps(result, ensure_ascii=False),
                    owner,
                ),
            )
        return replace(evaluation, id=evaluation_id, finished=finished)

    def get(self, evaluation_id: int, *, owner: str = OWNER.id) -> Evaluation:
        """Returns one result.

        Raises:
            NotFound: ``owner`` has none with this id.
        """
        row = (
            self._database.read()
            .execute("SELECT * FROM evaluations WHERE id = ? AND owner = ?", (evaluation_id, owner))
            .fetchone()
        )
        if row is None:
            raise NotFound(f"There is no evaluation {evaluation_id}.")
        return _evaluation(row)

    def latest(
        self, *, limit: int = 50, set_key: str | None = None, owner: str = OWNER.id
    ) -> list[Evaluation]:
        """Returns results of ``owner``, newest first; ``set_key=None`` gives those of all sets."""
        rows = self._database.read().execute(
            "SELECT * FROM evaluations WHERE owner = ? AND set_key = coalesce(?, set_key) ORDER BY id DESC LIMIT ?",
            (owner, set_key, at_most(limit)),
        )
        return [_evaluation(row) for row in rows]

    def remove(self, evaluation_id: int, *, owner: str = OWNER.id) -> None:
        """Forgets a result; one that was compared with it stays, without the comparison's partner.

        Raises:
            NotFound: ``owner`` has none with this id.
        """
        with self._database.write() as connection:
            if not connection.execute(
                "DELETE FROM evaluations WHERE id = ? AND owner = ?", (evaluation_id, owner)
            ).rowcount:
                raise NotFound(f"There is no evaluation {evaluation_id}.")


def _evaluation(row: Row) -> Evaluation:
    result = json.loads(row["result"])
    for name in ("figures", "differences"):
        result[name] = {key: Figure(**figure) for key, figure in result[name].items()}
    result["missed"] = tuple(Missed(**missed) for missed in result["missed"])
    result["unread"] = tuple(result["unread"])
    return Evaluation(**result, **{name: row[name] for name in _COLUMNS})
