"""The pieces of SQL that the repositories share, and what is asked of SQLite itself."""

from __future__ import annotations

import pytest

from kb.errors import Misconfigured
from kb.state.db import Database, require_sqlite
from kb.state.dialect import OLDEST_SQLITE, concat_rows
from kb.state.sql import AT_ONCE, at_most, in_lists, one, scalar


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_lists_come_in_parts_that_a_statement_takes(count: int) -> None:
    parts = list(in_lists(range(count)))
    assert [value for _, part in parts for value in part] == list(range(count))
    assert all(0 < len(part) <= AT_ONCE and marked.count("?") == len(part) for marked, part in parts)


def test_no_limit_is_a_limit_that_nothing_reaches(database: Database) -> None:
    for limit, count in ((-1, 3), (0, 0), (2, 2)):
        found = database.read().execute(
            "SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 LIMIT ?", (at_most(limit),)
        )
        assert len(found.fetchall()) == count


def test_one_value_and_one_row(database: Database) -> None:
    assert scalar(database.read(), "SELECT paused, reason FROM queue") == 0
    assert scalar(database.read(), "SELECT id FROM documents") is None
    assert dict(one(database.read(), "SELECT id, paused FROM queue")) == {"id": 1, "paused": 0}
    with pytest.raises(LookupError, match="FROM documents"):
        one(database.read(), "SELECT id FROM documents")


def test_rows_are_joined_in_the_order_of_their_query(database: Database) -> None:
    numbers = "SELECT n FROM (SELECT 'b' AS n UNION SELECT 'c' UNION SELECT 'a') ORDER BY n DESC"
    nothing = "SELECT id FROM documents"
    assert scalar(database.read(), "SELECT " + concat_rows("n", "+", numbers)) == "c+b+a"
    assert scalar(database.read(), "SELECT " + concat_rows("id", "+", nothing)) is None


def test_a_sqlite_that_is_too_old_is_named() -> None:
    require_sqlite(OLDEST_SQLITE)
    with pytest.raises(Misconfigured, match=r"SQLite 3\.34\.1.*needs 3\.35\.0"):
        require_sqlite((3, 34, 1))
