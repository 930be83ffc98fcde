"""Questions that people kept with the passage that answers them: their own labels for the evaluation."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.db import Database


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, and what answers it."""

    id: int
    question: str
    """As it stands alone: the searched form of a follow-up."""
    sha256: str
    """Of the document's bytes: the label survives a document that is removed and added again."""
    document: str
    """Its name when the question was kept."""
    page: int | None
    """1-based; None for formats without pages."""
    quote: str
    """The passage, or the words of it that answer."""
    added: str
    """UTC, ISO 8601, to the second."""


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
