"""A person's marks on documents: tags, and whether they are searchable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kb.errors import BadInput
from kb.state.documents import no_document
from kb.state.sql import SqlDatabase
from kb.text.tags import tag_form

MAX_TAG = 60
"""Characters of a tag."""


class Labels:
    """The table ``tags`` and the column ``searchable``; each change is all or nothing."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def enable(self, document_ids: Sequence[str], *, searchable: bool) -> None:
        """Sets whether documents are searchable; raises NotFound."""
        with self._database.write() as connection:
            for document_id in document_ids:
                if not connection.execute(
                    "UPDATE documents SET enabled = ? WHERE id = ?", (int(searchable), document_id)
                ).rowcount:
                    raise no_document(document_id)

    def tag(
        self, document_ids: Sequence[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> None:
        """Adds and removes tags; one that is there already, or is not, is passed over.

        Raises:
            NotFound: one of the documents does not exist.
            BadInput: a tag is empty or too long.
        """
        added, removed = [tidy_tag(tag) for tag in add], [tidy_tag(tag) for tag in remove]
        with self._database.write() as connection:
            for document_id in document_ids:
                if not connection.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone():
                    raise no_document(document_id)
                connection.executemany(
                    "DELETE FROM tags WHERE document_id = ? AND tag = ?",
                    [(document_id, tag) for tag in removed],
                )
                connection.executemany(
                    "INSERT INTO tags (document_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    [(document_id, tag) for tag in added],
                )


def tidy_tag(tag: str) -> str:
    """Returns ``tag`` as it is stored.

    Raises:
        BadInput: nothing is left, or too much.
    """
    tidied = tag_form(tag)
    if not tidied or len(tidied) > MAX_TAG:
        raise BadInput(f"{tag!r} is no tag. A tag has 1 to {MAX_TAG} characters.")
    return tidied
