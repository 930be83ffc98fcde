"""Lists of conversations, a page at a time."""

from __future__ import annotations

from kb.errors import BadInput
from kb.state.conversation_outline import DOCUMENTS
from kb.state.sql import SqlDatabase, at_most, literal
from kb.types import NO_PLACE, OWNER, Conversation, ListPlace

_KEYS = ("pinned", "updated", "sequence")


class ConversationList:
    """Reads ``conversations`` for people who look for one: the pinned first, then the last asked something."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def window(
        self,
        *,
        limit: int = 50,
        offset: int = 0,
        after: ListPlace | None = None,
        saying: str = "",
        owner: str = OWNER.id,
    ) -> list[Conversation]:
        """Returns the conversations of ``owner`` from place ``offset`` on, or behind ``after``, as ``place`` gave it.

        ``saying`` leaves those whose title, questions or answers have these characters in them, in either case.
        """
        behind = "1 = 1" if after is None else f"({', '.join(_KEYS)}) < (?, ?, ?)"
        if after is not None and len(after) != len(_KEYS):
            raise BadInput(NO_PLACE)
        pattern = f"%{literal(saying.lower())}%"
        rows = self._database.read().execute(
            "SELECT id, title, added, updated, pinned, "
            "(SELECT count(*) FROM requests WHERE conversation_id = conversations.id) AS requests, "
            f"{DOCUMENTS} AS documents "
            "FROM conversations WHERE owner = ? AND (? = '' OR lower(title) LIKE ? ESCAPE '!' OR EXISTS ("
            "SELECT 1 FROM requests WHERE conversation_id = conversations.id "
            f"AND (lower(question) LIKE ? ESCAPE '!' OR lower(text) LIKE ? ESCAPE '!'))) AND {behind} "
            f"ORDER BY {', '.join(f'{key} DESC' for key in _KEYS)} LIMIT ? OFFSET ?",
            (owner, saying, pattern, pattern, pattern, *(after or ()), at_most(limit), offset),
        )
        return [Conversation(**{**dict(row), "pinned": bool(row["pinned"])}) for row in rows]

    def place(self, conversation_id: str, *, owner: str = OWNER.id) -> ListPlace | None:
        """Returns where a conversation stands in the list; None where ``owner`` has no such conversation."""
        statement = f"SELECT {', '.join(_KEYS)} FROM conversations WHERE id = ? AND owner = ?"
        row = self._database.read().execute(statement, (conversation_id, owner)).fetchone()
        return None if row is None else tuple(row[key] for key in _KEYS)
