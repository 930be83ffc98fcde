"""Questions that people kept with the passage that answers them: their own labels for the evaluation."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.db import Database
from kb.types import LabelledQuestion


class LabelledQuestions:
    """The table ``kept_questions``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self, question: str, *, sha256: str, document: str, page: int | None, quote: str
    ) -> LabelledQuestion:
        """Keeps a question; the same one with the same passage again is the one that is there."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO kept_questions (question, sha256, document, page, quote, added) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (question, sha256, document, page, quote, datetime.now(UTC).isoformat(timespec="seconds")),
            )
            row = connection.execute(
                "SELECT * FROM kept_questions WHERE question = ? AND sha256 = ? AND quote = ?",
                (question, sha256, quote),
            ).fetchone()
        return _kept(row)

    def all(self) -> list[LabelledQuestion]:
        """Every kept question, newest first."""
        rows = self._database.read().execute("SELECT * FROM kept_questions ORDER BY id DESC")
        return [_kept(row) for row in rows]

    def remove(self, kept_id: int) -> None:
        """Forgets a question.

        Raises:
            NotFound: there is none with this id.
        """
        with self._database.write() as connection:
            if not connection.execute("DELETE FROM kept_questions WHERE id = ?", (kept_id,)).rowcount:
                raise NotFound(f"There is no kept question {kept_id}.")


def _kept(row: sqlite3.Row) -> LabelledQuestion:
    return LabelledQuestion(**dict(row))
