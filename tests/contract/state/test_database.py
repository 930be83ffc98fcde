"""Transactions: all or nothing, whatever the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kb.state.sql import SqlDatabase, scalar


def test_a_failing_transaction_leaves_nothing(database: SqlDatabase) -> None:
    def fail() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO tombstones VALUES (1, 'c')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert scalar(database.read(), "SELECT count(*) FROM tombstones") == 0


def test_others_see_a_transaction_when_it_is_committed(database: SqlDatabase) -> None:
    with database.write() as connection:
        connection.execute("UPDATE queue SET reason = 'new'")
        assert scalar(connection, "SELECT reason FROM queue") == "new"
        with ThreadPoolExecutor(1) as other:
            assert other.submit(lambda: scalar(database.read(), "SELECT reason FROM queue")).result() is None
    assert scalar(database.read(), "SELECT reason FROM queue") == "new"


def test_what_a_transaction_read_still_holds_when_it_writes(database: SqlDatabase) -> None:
    def count_up(_: int) -> None:
        with database.write() as connection:
            before = scalar(connection, "SELECT paused FROM queue")
            connection.execute("UPDATE queue SET paused = ?", (before + 1,))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(60)))
    assert scalar(database.read(), "SELECT paused FROM queue") == 60


def test_rows_have_their_columns_by_name(database: SqlDatabase) -> None:
    row = database.read().execute("SELECT id, paused AS stopped FROM queue").fetchone()
    assert row is not None
    assert (row["id"], row["stopped"]) == (1, 0)
    assert dict(row) == {"id": 1, "stopped": 0}
    with database.write() as connection:
        assert connection.execute("UPDATE queue SET paused = 1 WHERE id = ?", (7,)).rowcount == 0
        assert connection.execute("UPDATE queue SET paused = 1 WHERE id = ?", (1,)).rowcount == 1
