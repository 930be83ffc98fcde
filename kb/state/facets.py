"""Facets of the library: the names, types, languages and tags that questions can be filtered by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from kb.state.sql import SqlDatabase
from kb.types import OWNER, Facets


def facets(database: SqlDatabase, *, owner: str = OWNER.id) -> Facets:
    """Returns the facets of the documents of ``owner`` now."""
    rows = (
        database.read()
        .execute(
            "SELECT name, language FROM documents WHERE owner = ? AND live = 1 AND enabled = 1 "
            "ORDER BY added DESC, id DESC",
            (owner,),
        )
        .fetchall()
    )
    tags = database.read().execute(
        "SELECT tag FROM tags JOIN documents ON documents.id = document_id "
        "WHERE owner = ? AND live = 1 AND enabled = 1 GROUP BY tag ORDER BY count(*) DESC, tag",
        (owner,),
    )
    names = [row["name"] for row in rows]
    return Facets(
        documents=tuple(dict.fromkeys(names)),
        types=_by_frequency(name.rpartition(".")[2].lower() for name in names if "." in name),
        languages=_by_frequency(row["language"] for row in rows if row["language"]),
        tags=tuple(row["tag"] for row in tags),
    )


def _by_frequency(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value, _ in Counter(values).most_common())
