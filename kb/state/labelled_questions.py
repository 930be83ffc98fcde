"""Labelled questions: questions with the passage that answers them, kept by people for the evaluation."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.errors import NotFound
from kb.state.sql import Row, SqlDatabase, one
from kb.types import OWNER, LabelledQuestion

_COLUMNS = "id, question, sha256, document, page, quote, added"


class LabelledQuestions:
    """The table ``kept_questions``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def keep(
        self,
        question: str,
        *,
        sha256: str,
        document: str,
        page: int | None,
        quote: str,
        owner: str = OWNER.id,
    ) -> LabelledQuestion:
        """Stores a question; the same one with the same passage again is the one that is there."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO kept_questions (question, sha256, document, page, quote, added, owner) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (question, sha256, document, page, quote, now, owner),
            )
            row = one(
                connection,
                f"SELECT {_COLUMNS} FROM kept_questions "
                "WHERE owner = ? AND question = ? AND sha256 = ? AND quote = ?",
                (owner, question, sha256, quote),
            )
        return _kept(row)

    def all(self, *, owner: str = OWNER.id) -> list[LabelledQuestion]:
        """Returns every labelled question of ``owner``, newest first."""
        rows = self._database.read().execute(
            f"SELECT {_COLUMNS} FROM kept_questions WHERE owner = ? ORDER BY id DESC", (owner,)
        )
        return [_kept(row) for row in rows]

    def remove(self, kept_id: int, *, owner: str = OWNER.id) -> None:
        """Deletes a question.

        Raises:
            NotFound: ``owner`` has none with this id.
        """
        with self._database.write() as connection:
            if not connection.execute(
                "DELETE FROM kept_questions WHERE id = ? AND owner = ?", (kept_id, owner)
            ).rowcount:
                raise NotFound(f"There is no kept question {kept_id}.")


def _kept(row: Row) -> LabelledQuestion:
    return LabelledQuestion(**dict(row))
