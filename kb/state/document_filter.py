"""Documents as a condition names them: by id, by name, or by name and the last folders of their path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from kb.state.namesakes import Named, NamedDocument, display_names
from kb.state.sql import SqlDatabase, literal, marks, seen
from kb.types import Namesake


def names_any_of(values: Sequence[str]) -> tuple[str, list[str]]:
    """Returns an SQL condition on ``documents`` that one of ``values`` names it, and what it takes."""
    listed = marks(values)
    parts = [f"documents.id IN ({listed})", f"documents.name IN ({listed})"]
    given = [*values, *values]
    for value in values:
        folder, slash, name = value.rpartition("/")
        if slash:
            parts.append(
                "(documents.name = ? AND (documents.folder = ? OR documents.folder LIKE ? ESCAPE '!'))"
            )
            given += [name, folder, f"%/{literal(folder)}"]
    return f"({' OR '.join(parts)})", given


def namesakes(documents: Iterable[Named]) -> tuple[Namesake, ...]:
    """Returns those of ``documents`` whose name another of them has, in their order, each with what selects it."""
    found = list(documents)
    names = display_names(found)
    paths: dict[str, list[str]] = {}
    for document in found:
        paths.setdefault(document.name, []).append(f"/{document.folder}/{document.name}")
    return tuple(
        Namesake(
            document.name, names[document.id], _value(document, names[document.id], paths[document.name])
        )
        for document in found
        if document.id in names
    )


def selecting(
    database: SqlDatabase, document: Named, *, owner: str, collections: Collection[str] | None
) -> str:
    """Returns what selects a document that is searched, and no other: its name where no other has it."""
    condition, names = seen("collection", collections)
    rows = database.read().execute(
        "SELECT id, name, collection, folder FROM documents "
        f"WHERE owner = ? AND name = ? AND {condition} AND live = 1 AND enabled = 1",
        (owner, document.name, *names),
    )
    found = {
        row["id"]: NamedDocument(row["id"], row["name"], row["collection"], row["folder"]) for row in rows
    }
    same = {**found, document.id: document}
    values = dict(zip(same, namesakes(same.values()), strict=False)) if len(same) > 1 else {}
    return values[document.id].value if document.id in values else document.name


def _value(document: Named, display_name: str, paths: Sequence[str]) -> str:
    """Returns the display name where it is the end of one path alone, else the id."""
    is_path = bool(document.folder) and display_name != document.name
    return (
        display_name
        if is_path and sum(path.endswith(f"/{display_name}") for path in paths) == 1
        else document.id
    )
