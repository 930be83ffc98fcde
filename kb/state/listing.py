"""Lists of documents: narrowed, sorted, counted, a window at a time."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kb.errors import BadInput
from kb.state.documents import Documents
from kb.state.sql import Row, SqlDatabase, in_lists, literal, marks, scalar, seen
from kb.types import (
    NO_PLACE,
    OWNER,
    Cause,
    Document,
    DocumentState,
    ListedState,
    ListFilter,
    ListOptions,
    ListOrder,
    ListPlace,
    SortKey,
)

_EXAMPLES = 3
_NEAR = 1000
"""A window that begins before this place is taken from the start without counting."""
_NAME = "\N{SYMBOL FOR UNIT SEPARATOR}"
"""Stands for a document's name: no reason holds it otherwise."""
_SAID = f"replace(coalesce(reason, ''), name, '{_NAME}')"
"""Why a document failed, without its name."""
_OF_SEVERAL = "each of these files"
_FIRST_OF_SEVERAL = "Each of these files"
_FIGURES = re.compile(r"\d+")

_RANK = (
    "CASE state WHEN 'failed' THEN 0 WHEN 'parsing' THEN 1 WHEN 'embedding' THEN 2 WHEN 'indexing' THEN 3 "
    "WHEN 'queued' THEN 4 WHEN 'cancelled' THEN 5 ELSE 6 + enabled END"
)
_ORDERS: Mapping[SortKey, tuple[str, ...]] = {
    SortKey.NAME: ("lower(name)",),
    SortKey.COLLECTION: ("lower(collection)",),
    SortKey.LENGTH: ("pages IS NOT NULL", "coalesce(pages, words, 0)"),
    SortKey.LANGUAGE: ("coalesce(language, '')",),
    SortKey.SIZE: ("bytes",),
    SortKey.ADDED: ("added", "sequence"),
    SortKey.STATE: (_RANK,),
}
"""What each key compares, all of it in the index ``documents_listed``."""


class Listing:
    """Reads ``documents`` for people who look for one of many."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._documents = Documents(database)

    def window(
        self,
        wanted: ListFilter,
        order: ListOrder,
        *,
        limit: int,
        offset: int = 0,
        after: ListPlace | None = None,
        owner: str = OWNER.id,
        collections: Collection[str] | None = None,
    ) -> list[Document]:
        """Returns ``limit`` documents from place ``offset`` on, or behind ``after``, as ``place`` gave it."""
        if after is not None:
            ids = self._ids_behind(after, wanted, order, limit=limit, owner=owner, collections=collections)
        else:
            ids = self._window_ids(
                wanted, order, limit=limit, offset=offset, owner=owner, collections=collections
            )
        found = {document.id: document for document in self._documents.existing(ids, owner=owner)}
        return [found[document_id] for document_id in ids if document_id in found]

    def _window_ids(
        self, wanted: ListFilter, order: ListOrder, *, limit: int, offset: int, **whose: Any
    ) -> list[str]:
        """Returns ids from the index alone: the rows of the few that are shown are read afterwards.

        Sorting for the first few costs less than for all, so a window of the second half is taken from the end.
        """
        condition, values = self._condition(wanted, **whose)
        total = self.count(wanted, **whose) if offset > _NEAR else 0
        rest = max(0, total - offset - limit)
        backwards = rest < offset and total > 0
        if backwards:
            order, limit = replace(order, descending=not order.descending), min(limit, max(0, total - offset))
        rows = self._database.read().execute(
            f"SELECT id FROM documents WHERE {condition} ORDER BY {_order(order)} LIMIT ? OFFSET ?",
            (*values, limit, rest if backwards else offset),
        )
        ids = [row["id"] for row in rows]
        return ids[::-1] if backwards else ids

    def _ids_behind(
        self, after: ListPlace, wanted: ListFilter, order: ListOrder, *, limit: int, **whose: Any
    ) -> list[str]:
        condition, values = self._condition(wanted, **whose)
        keys = (*_ORDERS[order.key], "id")
        if len(after) != len(keys):
            raise BadInput(NO_PLACE)
        behind = f"({', '.join(keys)}) {'<' if order.descending else '>'} ({marks(keys)})"
        rows = self._database.read().execute(
            f"SELECT id FROM documents WHERE {condition} AND {behind} ORDER BY {_order(order)} LIMIT ?",
            (*values, *after, limit),
        )
        return [row["id"] for row in rows]

    def place(
        self,
        document_id: str,
        order: ListOrder,
        *,
        owner: str = OWNER.id,
        collections: Collection[str] | None = None,
    ) -> ListPlace | None:
        """Returns where a document stands in a list, to go on behind it; None where ``owner`` has no such document."""
        visible, names = seen("collection", collections)
        keys = [f"{key} AS key_{at}" for at, key in enumerate((*_ORDERS[order.key], "id"))]
        statement = f"SELECT {', '.join(keys)} FROM documents WHERE id = ? AND owner = ? AND {visible}"
        row = self._database.read().execute(statement, (document_id, owner, *names)).fetchone()
        return None if row is None else tuple(row[f"key_{at}"] for at in range(len(keys)))

    def count(
        self, wanted: ListFilter, *, owner: str = OWNER.id, collections: Collection[str] | None = None
    ) -> int:
        condition, values = self._condition(wanted, owner, collections)
        count: int = scalar(
            self._database.read(), f"SELECT count(*) FROM documents WHERE {condition}", values
        )
        return count

    def ids(
        self, wanted: ListFilter, *, owner: str = OWNER.id, collections: Collection[str] | None = None
    ) -> list[str]:
        """Returns the ids of all of them, in the order in which they were added."""
        condition, values = self._condition(wanted, owner, collections)
        rows = self._database.read().execute(
            f"SELECT id FROM documents WHERE {condition} ORDER BY sequence, id", values
        )
        return [row["id"] for row in rows]

    def options(self, *, owner: str = OWNER.id, collections: Collection[str] | None = None) -> ListOptions:
        """Returns what a list of everything that ``owner`` has in ``collections`` can be narrowed to; None: in all."""
        condition, values = self._condition(ListFilter(), owner, collections)
        connection = self._database.read()
        rows = connection.execute(
            f"SELECT collection, folder, state, enabled, name FROM documents WHERE {condition}", values
        ).fetchall()
        tags = connection.execute(
            "SELECT tag, count(*) AS documents FROM tags JOIN documents ON documents.id = document_id "
            f"WHERE {condition} GROUP BY tag ORDER BY documents DESC, tag",
            values,
        )
        return ListOptions(
            collections=dict(sorted(Counter(row["collection"] for row in rows).items())),
            folders=dict(sorted(Counter(row["folder"] for row in rows if row["folder"]).items())),
            types=_by_frequency([_suffix(row["name"]) for row in rows]),
            states=dict(Counter(_listed_state(row) for row in rows)),
            tags={row["tag"]: row["documents"] for row in tags},
        )

    # --- What failed --------------------------------------------------------------------------

    def causes(self, *, owner: str = OWNER.id, collections: Collection[str] | None = None) -> list[Cause]:
        """Returns why imports of ``owner`` failed, the most frequent first."""
        groups: dict[str, list[Row]] = {}
        for row in self._failed(owner, collections):
            groups.setdefault(_cause_key(row["said"]), []).append(row)
        causes = [
            Cause(
                key,
                reason=_reason(rows),
                count=sum(row["documents"] for row in rows),
                retry_helps=any(not row["unreadable"] for row in rows),
                examples=tuple(row["name"] for row in rows[:_EXAMPLES]),
            )
            for key, rows in groups.items()
        ]
        return sorted(causes, key=lambda cause: (-cause.count, cause.reason))

    def _failed(self, owner: str, collections: Collection[str] | None) -> list[Row]:
        """Returns a row for each reason that differs in more than the name of the file."""
        visible, names = seen("collection", collections)
        return (
            self._database.read()
            .execute(
                f"SELECT {_SAID} AS said, count(*) AS documents, min(unreadable) AS unreadable, "
                "min(reason) AS reason, min(name) AS name FROM documents WHERE owner = ? AND state = ? "
                f"AND {visible} GROUP BY said",
                (owner, DocumentState.FAILED, *names),
            )
            .fetchall()
        )

    def _condition(
        self, wanted: ListFilter, owner: str, collections: Collection[str] | None
    ) -> tuple[str, list[str]]:
        """Returns an SQL condition on ``documents`` and its values."""
        visible, names = seen("collection", collections)
        parts, values = ["owner = ?", visible], [owner, *names]
        if not wanted.going:
            parts.append("state <> ?")
            values.append(str(DocumentState.DELETING))
        if wanted.text.strip():
            pattern = f"%{literal(wanted.text.strip().lower())}%"
            either = ["lower(name) LIKE ? ESCAPE '!'", "lower(coalesce(title, '')) LIKE ? ESCAPE '!'"]
            values += [pattern, pattern]
            for marked, part in in_lists(wanted.containing):
                either.append(f"id IN ({marked})")
                values += part
            parts.append(f"({' OR '.join(either)})")
        if wanted.collection is not None:
            parts.append("collection = ?")
            values.append(wanted.collection)
        if wanted.folder is not None:
            parts.append("(folder = ? OR folder LIKE ? ESCAPE '!')")
            values += [wanted.folder, f"{literal(wanted.folder)}/%"]
        if wanted.type is not None:
            parts.append("lower(name) LIKE ? ESCAPE '!'")
            values.append(f"%.{literal(wanted.type)}")
        if wanted.state is not None:
            states = [str(state) for state in wanted.state.states]
            parts.append(f"state IN ({marks(states)})")
            values += states
            if wanted.state in (ListedState.READY, ListedState.LEFT_OUT):
                parts.append(f"enabled = {int(wanted.state is ListedState.READY)}")
        if wanted.tag is not None:
            parts.append("EXISTS (SELECT 1 FROM tags WHERE document_id = documents.id AND tag = ?)")
            values.append(wanted.tag)
        if wanted.cause is not None:
            parts.append(self._of_cause(wanted.cause, self._failed(owner, collections), values))
        return " AND ".join(parts), values

    def _of_cause(self, key: str, failed: Sequence[Row], values: list[str]) -> str:
        """Returns the condition that a document failed for a cause; its values are added to ``values``."""
        either = []
        for marked, part in in_lists(row["said"] for row in failed if _cause_key(row["said"]) == key):
            either.append(f"{_SAID} IN ({marked})")
            values += part
        return f"(state = '{DocumentState.FAILED}' AND ({' OR '.join(either)}))" if either else "1 = 0"


def _order(order: ListOrder) -> str:
    direction = "DESC" if order.descending else "ASC"
    return ", ".join(f"{key} {direction}" for key in (*_ORDERS[order.key], "id"))


def _reason(rows: Sequence[Row]) -> str:
    """Returns the sentence for those that failed for one cause; with the name of a file where it is a single one."""
    if sum(row["documents"] for row in rows) == 1:
        return rows[0]["reason"] or ""
    said: str = rows[0]["said"]
    if said.startswith(_NAME):
        said = said.replace(_NAME, _FIRST_OF_SEVERAL, 1)
    return said.replace(_NAME, _OF_SEVERAL)


def _cause_key(said: str) -> str:
    """Returns what reasons without the name of their file have in common where they differ in figures alone."""
    return hashlib.sha256(_FIGURES.sub("0", said).encode()).hexdigest()[:16]


def _listed_state(row: Row) -> ListedState:
    state = DocumentState(row["state"])
    if state is DocumentState.READY:
        return ListedState.READY if row["enabled"] else ListedState.LEFT_OUT
    return next((listed for listed in ListedState if state in listed.states), ListedState.IMPORTING)


def _suffix(name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return suffix.lower() if stem else ""


def _by_frequency(values: Sequence[str]) -> dict[str, int]:
    return dict(Counter(value for value in values if value).most_common())
