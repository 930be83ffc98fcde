"""The log of requests: adding to it, reading it back a page at a time, and keeping it within its limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields

from kb.state.sql import Connection, SqlDatabase, literal, marks
from kb.types import OWNER, LogFilter, LoggedRequest, RequestPoint

_WRITTEN = tuple(field.name for field in fields(LoggedRequest) if field.name != "id")
_ROW_BYTES = 100
"""What a row takes besides its texts: its numbers and its entries in indexes. 5,000 rows with 147 bytes of text each
took 247 bytes each in the file."""
_SEARCHED = ("text", "model", "job", "conversation", "person")


class RequestLog:
    """The table ``request_log``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def add(self, requests: Sequence[LoggedRequest]) -> None:
        """Appends requests, in one transaction; raises as every write does."""
        with self._database.write() as connection:
            connection.executemany(
                f"INSERT INTO request_log ({', '.join(_WRITTEN)}, bytes, number) VALUES ({marks(_WRITTEN)}, ?, "
                "(SELECT coalesce(max(number), 0) + 1 FROM request_log WHERE owner = ? AND key_id = ?))",
                [
                    (
                        *(getattr(request, name) for name in _WRITTEN),
                        _bytes_of(request),
                        request.owner,
                        request.key_id,
                    )
                    for request in requests
                ],
            )

    def page(self, wanted: LogFilter, *, limit: int, owner: str = OWNER.id) -> list[LoggedRequest]:
        """Returns at most ``limit`` requests of ``owner``, newest first."""
        return self._read(wanted, "DESC", limit=limit, owner=owner)

    def points(self, wanted: LogFilter, *, limit: int, owner: str = OWNER.id) -> list[RequestPoint]:
        """Returns when the newest ``limit`` requests ended, how, and what they took; newest first."""
        condition, values = _condition(wanted, owner)
        rows = self._database.read().execute(
            f"SELECT time, kind, status, queued_ms + ms AS ms FROM request_log WHERE {condition} "
            "ORDER BY id DESC LIMIT ?",
            (*values, limit),
        )
        return [RequestPoint(row["time"], row["kind"], row["status"], row["ms"]) for row in rows]

    def following(self, wanted: LogFilter, *, limit: int, owner: str = OWNER.id) -> list[LoggedRequest]:
        """Returns at most ``limit`` requests behind ``wanted.after_id``, oldest first."""
        return self._read(wanted, "ASC", limit=limit, owner=owner)

    def _read(self, wanted: LogFilter, direction: str, *, limit: int, owner: str) -> list[LoggedRequest]:
        condition, values = _condition(wanted, owner)
        number = _number(wanted)
        rows = self._database.read().execute(
            f"SELECT {', '.join(_WRITTEN)}, {number} AS shown FROM request_log WHERE {condition} "
            f"ORDER BY {number} {direction} LIMIT ?",
            (*values, limit),
        )
        return [LoggedRequest(**{name: row[name] for name in _WRITTEN}, id=row["shown"]) for row in rows]

    def prune(self, *, before: str, most_bytes: int) -> int:
        """Deletes what is older than ``before``, then the oldest until ``most_bytes`` are left; returns how many."""
        with self._database.write() as connection:
            deleted = connection.execute("DELETE FROM request_log WHERE time < ?", (before,)).rowcount
            last = _last_that_is_over(connection, most_bytes)
            deleted += connection.execute("DELETE FROM request_log WHERE id <= ?", (last,)).rowcount
        return deleted

    def forget_texts(self, conversation: str, *, owner: str = OWNER.id) -> None:
        """Empties the texts of a conversation that was deleted; that something was asked stays."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE request_log SET text = '' WHERE conversation = ? AND owner = ?", (conversation, owner)
            )


def _last_that_is_over(connection: Connection, most_bytes: int) -> int:
    """Returns the id of the newest request that no longer fits into ``most_bytes``; 0 where all do."""
    row = connection.execute(
        "SELECT max(id) AS last FROM (SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS held FROM request_log) "
        "AS newer WHERE held > ?",
        (most_bytes,),
    ).fetchone()
    return int(row["last"] or 0) if row is not None else 0


def _number(wanted: LogFilter) -> str:
    """Returns the column that numbers what is wanted: of one key alone, what came with it."""
    return "id" if wanted.key_id is None else "number"


def _condition(wanted: LogFilter, owner: str) -> tuple[str, list[str | int]]:
    parts, values = ["owner = ?"], list[str | int]([owner])
    for column in ("kind", "origin", "status", "key"):
        if value := getattr(wanted, column):
            parts.append(f"{column} = ?")
            values.append(value)
    if wanted.key_id is not None:
        parts.append("key_id = ?")
        values.append(wanted.key_id)
    if wanted.words:
        parts.append("(" + " OR ".join(f"lower({name}) LIKE ? ESCAPE '!'" for name in _SEARCHED) + ")")
        values += [f"%{literal(wanted.words.lower())}%"] * len(_SEARCHED)
    for column, mark, value in (
        ("time", ">=", wanted.since),
        (_number(wanted), ">", wanted.after_id),
        (_number(wanted), "<", wanted.before_id),
    ):
        if value:
            parts.append(f"{column} {mark} ?")
            values.append(value)
    return " AND ".join(parts), values


def _bytes_of(request: LoggedRequest) -> int:
    texts: Iterable[str] = (value for name in _WRITTEN if isinstance(value := getattr(request, name), str))
    return _ROW_BYTES + sum(len(text.encode("utf-8", "replace")) for text in texts)
