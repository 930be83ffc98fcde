"""Documents as conditions name them: several of one name, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.state.db import Database
from kb.state.document_filter import names_any_of, selecting
from kb.state.documents import Documents
from kb.state.facets import facets, known_value

PLACES = (
    ("a", "rates.txt", "default", "2024"),
    ("b", "rates.txt", "default", "old/2025"),
    ("c", "rates.txt", "财务", "2024"),
    ("d", "notes.txt", "default", "2024"),
    ("e", "100% sure_.txt", "default", "x_y"),
)

NAMED = "SELECT id FROM documents WHERE"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "footnote.db")) as database:
        with database.write() as connection:
            connection.executemany(
                "INSERT INTO documents (id, name, collection, folder, path, path_key, sha256, bytes, added, state, "
                "live, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, 1, '2026-01-01T00:00:00+00:00', 'ready', 1, ?)",
                [
                    (*place, f"{place[3]}/{place[1]}", f"{place[3]}/{place[1]}", f"{n:064x}", n)
                    for n, place in enumerate(PLACES)
                ],
            )
        yield database


def named(database: Database, *values: str) -> set[str]:
    condition, given = names_any_of(values)
    rows = database.read().execute(f"{NAMED} {condition}", given)
    return {row["id"] for row in rows}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("rates.txt", {"a", "b", "c"}),
        ("2025/rates.txt", {"b"}),
        ("old/2025/rates.txt", {"b"}),
        ("025/rates.txt", set()),
        ("2024/rates.txt", {"a", "c"}),
        ("d", {"d"}),
        ("x_y/100% sure_.txt", {"e"}),
        ("xzy/100% sure_.txt", set()),
    ],
)
def test_a_document_is_named_by_its_id_its_name_or_the_end_of_its_path(
    database: Database, value: str, found: set[str]
) -> None:
    assert named(database, value) == found
    assert known_value(database, "documents", value) == (value if found else None)


def test_each_of_several_of_one_name_is_selected_by_itself(database: Database) -> None:
    offered = {each.display_name: each.value for each in facets(database).namesakes}
    assert offered == {"rates.txt (财务)": "c", "2025/rates.txt": "2025/rates.txt", "rates.txt": "a"}
    assert [named(database, value) for value in offered.values()] == [{"c"}, {"b"}, {"a"}]
    documents = Documents(database)
    values = [
        selecting(database, documents.get(key), owner="owner", collections=None) for key in ("a", "b", "d")
    ]
    assert values == ["a", "2025/rates.txt", "notes.txt"]
