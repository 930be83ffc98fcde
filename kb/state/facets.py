"""Facets of the library: the names, types, languages and tags that questions can be filtered by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from kb.state.document_filter import names_any_of, namesakes
from kb.state.namesakes import NamedDocument
from kb.state.sql import Row, SqlDatabase, literal, scalar, seen
from kb.types import OWNER, DocumentState, Facets, Namesake

_IMPORTING = (
    DocumentState.QUEUED,
    DocumentState.PARSING,
    DocumentState.EMBEDDING,
    DocumentState.INDEXING,
)
_SEVERAL = 100
"""So many values that differ in capitals are looked at for the very one."""


def stored_bytes(
    database: SqlDatabase, *, owner: str = OWNER.id, collections: Collection[str] | None = None
) -> int:
    """Returns what the files of ``owner`` in ``collections`` take, each as often as it was added; None: in all."""
    condition, names = seen("collection", collections)
    total = scalar(
        database.read(),
        f"SELECT sum(bytes) FROM documents WHERE owner = ? AND {condition} AND state <> ?",
        (owner, *names, DocumentState.DELETING),
    )
    return int(total or 0)


def added_bytes(database: SqlDatabase, person_id: int) -> int:
    """Returns what the files take that somebody added, as ``all_added_bytes`` counts them."""
    return all_added_bytes(database, person_id).get(person_id, 0)


def all_added_bytes(database: SqlDatabase, person_id: int | None = None) -> dict[int, int]:
    """Returns person -> what the files take that they added, each as often as it was; None: of everybody.

    Those count as well whose deletion can be undone, or one would delete, add, and undo without end.
    """
    whose, values = ("1 = 1", ()) if person_id is None else ("added_by = ?", (person_id,))
    rows = database.read().execute(
        f"SELECT added_by, sum(bytes) AS kept FROM documents WHERE added_by <> 0 AND {whose} "
        "AND (state <> ? OR id IN (SELECT document_id FROM removals)) GROUP BY added_by",
        (*values, DocumentState.DELETING),
    )
    return {row["added_by"]: row["kept"] for row in rows}


def facets(
    database: SqlDatabase, *, owner: str = OWNER.id, collections: Collection[str] | None = None
) -> Facets:
    """Returns the facets of the documents of ``owner`` now, of those in ``collections``; None: in all."""
    condition, seen_names = seen("collection", collections)
    rows = (
        database.read()
        .execute(
            "SELECT id, name, collection, language, folder FROM documents "
            f"WHERE owner = ? AND {condition} AND live = 1 AND enabled = 1 ORDER BY added DESC, id DESC",
            (owner, *seen_names),
        )
        .fetchall()
    )
    tags = database.read().execute(
        "SELECT tag FROM tags JOIN documents ON documents.id = document_id "
        f"WHERE owner = ? AND {condition} AND live = 1 AND enabled = 1 GROUP BY tag ORDER BY count(*) DESC, tag",
        (owner, *seen_names),
    )
    names = [row["name"] for row in rows]
    return Facets(
        documents=tuple(dict.fromkeys(names)),
        types=_by_frequency(name.rpartition(".")[2].lower() for name in names if "." in name),
        languages=_by_frequency(row["language"] for row in rows if row["language"]),
        tags=tuple(row["tag"] for row in tags),
        folders=_with_those_above({row["folder"] for row in rows if row["folder"]}),
        namesakes=_namesakes(rows),
    )


def _namesakes(rows: Sequence[Row]) -> tuple[Namesake, ...]:
    often = Counter(row["name"] for row in rows)
    return namesakes(
        NamedDocument(row["id"], row["name"], row["collection"], row["folder"])
        for row in rows
        if often[row["name"]] > 1
    )


def not_ready(
    database: SqlDatabase, *, owner: str = OWNER.id, collections: Collection[str] | None = None
) -> int:
    """Returns how many documents are being imported and cannot be found yet, in no version."""
    condition, names = seen("collection", collections)
    found = scalar(
        database.read(),
        "SELECT count(*) FROM documents WHERE owner = ? AND live = 0 AND replaces IS NULL "
        f"AND state IN (?, ?, ?, ?) AND {condition}",
        (owner, *_IMPORTING, *names),
    )
    return int(found)


def _with_those_above(folders: Collection[str]) -> tuple[str, ...]:
    """Returns the folders, and those above them in which several of them lie, in the order of their names."""
    inside: dict[str, set[str]] = {}
    for folder in folders:
        while above := folder.rpartition("/")[0]:
            inside.setdefault(above, set()).add(folder)
            folder = above
    return tuple(sorted({*folders, *(above for above, within in inside.items() if len(within) > 1)}))


_WITH_VALUE = {
    "collections": "SELECT collection AS value FROM documents WHERE owner = ? AND lower(collection) = lower(?)",
    "documents": "SELECT name AS value FROM documents WHERE owner = ? AND lower(name) = lower(?)",
    "folders": "SELECT ? AS value FROM documents WHERE owner = ? AND (folder = ? OR folder LIKE ? ESCAPE '!')",
    "types": "SELECT ? AS value FROM documents WHERE owner = ? AND lower(name) LIKE ? ESCAPE '!'",
    "languages": "SELECT language AS value FROM documents WHERE owner = ? AND language = ?",
    "tags": "SELECT tag AS value FROM tags JOIN documents ON documents.id = document_id "
    "WHERE owner = ? AND tag = ?",
}


def known_value(
    database: SqlDatabase,
    field: str,
    value: str,
    *,
    owner: str = OWNER.id,
    collections: Collection[str] | None = None,
) -> str | None:
    """Returns ``value`` of a field of ``Filters`` as a document of ``owner`` has it; None where none has it.

    Capitals do not matter where the very value is not there. Documents that are still imported count, in those of
    ``collections`` alone where they are given.
    """
    given: tuple[str, ...] = (owner, value)
    if field == "types":
        given = (value, owner, f"%.{literal(value)}")
    if field == "folders":
        given = (value, owner, value, f"{literal(value)}/%")
    condition, names = seen("collection", collections)
    statement = f"{_WITH_VALUE[field]} AND {condition} LIMIT {_SEVERAL}"
    rows = database.read().execute(statement, (*given, *names)).fetchall()
    found = [row["value"] for row in rows]
    if field == "documents":
        named, own = names_any_of([value])
        by_path = f"SELECT id FROM documents WHERE owner = ? AND {named} AND {condition} LIMIT 1"
        if database.read().execute(by_path, (owner, *own, *names)).fetchone():
            return value
    return value if value in found else next(iter(found), None)


def _by_frequency(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value, _ in Counter(values).most_common())
