"""What is told of a conversation without reading its answers: which documents they cite, and what was asked."""

from __future__ import annotations

from kb.state.sql import Connection, SqlDatabase
from kb.types import OWNER, Answer

DOCUMENTS = (
    "(SELECT count(DISTINCT document_id) FROM cited_documents JOIN requests ON requests.id = request_id "
    "WHERE conversation_id = conversations.id)"
)
"""How many documents of the library the answers of a conversation cite, as a column of ``conversations``."""


def record_cited(connection: Connection, request_id: str, answer: Answer) -> None:
    """Stores which documents an answer cites, as far as they are in the library still."""
    for document in {citation.document_id for citation in answer.citations}:
        connection.execute(
            "INSERT INTO cited_documents (request_id, document_id) SELECT ?, id FROM documents WHERE id = ?",
            (request_id, document),
        )


class ConversationOutline:
    """The runs of a conversation by their ids and questions alone."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def questions(self, conversation_id: str, *, owner: str = OWNER.id) -> list[tuple[str, str]]:
        """Returns (id of the run, question as it was typed), in order; empty where there is no such conversation."""
        rows = self._database.read().execute(
            "SELECT requests.id, question FROM requests JOIN conversations ON conversations.id = conversation_id "
            "WHERE conversation_id = ? AND owner = ? ORDER BY position",
            (conversation_id, owner),
        )
        return [(row["id"], row["question"]) for row in rows]

    def latest(self, conversation_id: str, *, owner: str = OWNER.id) -> str | None:
        """Returns the id of the newest run; None where ``owner`` has no such conversation."""
        row = (
            self._database.read()
            .execute(
                "SELECT requests.id FROM requests JOIN conversations ON conversations.id = conversation_id "
                "WHERE conversation_id = ? AND owner = ? ORDER BY position DESC LIMIT 1",
                (conversation_id, owner),
            )
            .fetchone()
        )
        return None if row is None else str(row["id"])
