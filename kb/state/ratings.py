"""Ratings of answers, one an answer."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.errors import BadInput, NotFound
from kb.state.sql import SqlDatabase, at_most
from kb.types import NO_PLACE, OWNER, ListPlace, Rating, RatingValue

_KEYS = ("rated", "request_id")


class Ratings:
    """The table ``ratings``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def rate(self, request_id: str, rating: RatingValue, *, reason: str = "", owner: str = OWNER.id) -> None:
        """Stores a rating in the place of the one before.

        Raises:
            NotFound: ``owner`` has no such answer.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.write() as connection:
            if not connection.execute(
                "INSERT INTO ratings (request_id, rating, reason, rated) "
                "SELECT requests.id, ?, ?, ? FROM requests JOIN conversations ON conversations.id = conversation_id "
                "WHERE requests.id = ? AND owner = ? "
                "ON CONFLICT (request_id) DO UPDATE SET rating = excluded.rating, reason = excluded.reason, "
                "rated = excluded.rated",
                (rating, reason, now, request_id, owner),
            ).rowcount:
                raise _no_answer(request_id)

    def withdraw(self, request_id: str, *, owner: str = OWNER.id) -> None:
        """Deletes a rating.

        Raises:
            NotFound: ``owner`` has rated no such answer.
        """
        with self._database.write() as connection:
            if not connection.execute(
                "DELETE FROM ratings WHERE request_id = ? AND request_id IN (SELECT requests.id FROM requests "
                "JOIN conversations ON conversations.id = conversation_id WHERE owner = ?)",
                (request_id, owner),
            ).rowcount:
                raise _no_answer(request_id)

    def all(
        self,
        *,
        owner: str = OWNER.id,
        conversation_id: str | None = None,
        rating: RatingValue | None = None,
        limit: int = -1,
        offset: int = 0,
        after: ListPlace | None = None,
    ) -> list[Rating]:
        """Returns the ratings, the latest first, of one conversation or of one kind where these are given.

        ``after``, as ``place_in_list`` gave it, leaves those behind it.

        Raises:
            BadInput: ``after`` is no place.
        """
        if after is not None and (len(after) != len(_KEYS) or not all(isinstance(key, str) for key in after)):
            raise BadInput(NO_PLACE)
        behind = "1 = 1" if after is None else f"({', '.join(_KEYS)}) < (?, ?)"
        rows = self._database.read().execute(
            "SELECT request_id, conversation_id, question, text AS answer, rating, reason, rated FROM ratings "
            "JOIN requests ON requests.id = request_id JOIN conversations ON conversations.id = conversation_id "
            f"WHERE owner = ? AND (? IS NULL OR conversation_id = ?) AND (? IS NULL OR rating = ?) AND {behind} "
            f"ORDER BY {', '.join(f'{key} DESC' for key in _KEYS)} LIMIT ? OFFSET ?",
            (
                *(owner, conversation_id, conversation_id, rating, rating),
                *(after or ()),
                *(at_most(limit), offset),
            ),
        )
        return [Rating(**{**dict(row), "rating": RatingValue(row["rating"])}) for row in rows]


def place_in_list(rating: Rating) -> ListPlace:
    """Returns where a rating stands in the list."""
    return rating.rated, rating.request_id


def _no_answer(request_id: str) -> NotFound:
    return NotFound(
        f"There is no answer {request_id[:80]!r} to rate; its conversation may have been deleted."
    )
