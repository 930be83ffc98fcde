"""Conversations and their runs: every question, and what has become of it so far."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import UTC, datetime

from kb.errors import BadInput, NotFound
from kb.state.chunks import Chunks
from kb.state.conversation_list import ConversationList
from kb.state.conversation_outline import ConversationOutline, record_cited
from kb.state.documents import Documents
from kb.state.namesakes import told_apart
from kb.state.sql import Row, SqlDatabase, at_most
from kb.state.stored_answers import answer_from_json, answer_to_json, as_tuple, searched_to_json
from kb.text.query_syntax import parse_question
from kb.types import (
    OWNER,
    Answer,
    AnswerRun,
    AnswerRunState,
    Caller,
    Chunk,
    Document,
    DocumentState,
    Filters,
    Hit,
    Question,
    Searched,
)

_INTERRUPTED = "Footnote was ended while this was being answered. Ask again for the rest."
_TITLE_CHARACTERS = 120


class AnswerRuns:
    """The tables ``conversations`` and ``requests``.

    Of the passages only their numbers are kept, so that a document that is deleted takes its words with it;
    what stays are the quotes of footnotes, as a part of the answer.
    """

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._chunks = Chunks(database)
        self._documents = Documents(database)
        self.outline = ConversationOutline(database)
        self.listed = ConversationList(database)

    # --- While it is answered -----------------------------------------------------------------

    def begin(
        self,
        question: Question,
        *,
        conversation_id: str | None = None,
    ) -> AnswerRun:
        """Stores a question before anything is done about it; without a conversation it begins one.

        Raises:
            NotFound: whoever asks has no such conversation.
        """
        request_id, now, owner = secrets.token_urlsafe(16), _now(), question.caller.conversations_id
        with self._database.write() as connection:
            if conversation_id is None:
                conversation_id = secrets.token_urlsafe(16)
                title = " ".join((question.text or question.as_typed).split())[:_TITLE_CHARACTERS]
                connection.execute(
                    "INSERT INTO conversations (id, title, added, updated, owner) VALUES (?, ?, ?, ?, ?)",
                    (conversation_id, title, now, now, owner),
                )
            # two of one millisecond are told apart by the sequence
            if not connection.execute(
                "UPDATE conversations SET updated = ?, "
                "sequence = (SELECT coalesce(max(sequence), 0) + 1 FROM conversations) "
                "WHERE id = ? AND owner = ?",
                (now, conversation_id, owner),
            ).rowcount:
                raise _no_conversation(conversation_id)
            connection.execute(
                "INSERT INTO requests "
                "(id, conversation_id, position, state, question, asked, wanted_model, added) "
                "SELECT ?, ?, coalesce(max(position), 0) + 1, ?, ?, ?, ?, ? FROM requests WHERE conversation_id = ?",
                (
                    request_id,
                    conversation_id,
                    AnswerRunState.RUNNING,
                    question.as_typed,
                    _question_to_json(question),
                    question.model,
                    now,
                    conversation_id,
                ),
            )
        return self.get(request_id, owner=owner)

    def save(self, request: AnswerRun) -> None:
        """Stores what there is of an answer, until it has ended: what comes later than its end came too late.

        Nothing happens where its conversation was deleted meanwhile.
        """
        with self._database.write() as connection:
            saved = connection.execute(
                "UPDATE requests SET state = ?, searched = ?, notices = ?, text = ?, answer = ?, error = ? "
                "WHERE id = ? AND state = ?",
                (
                    request.state,
                    searched_to_json(request.searched) if request.searched else None,
                    json.dumps(request.notices, ensure_ascii=False),
                    request.text,
                    answer_to_json(request.answer) if request.answer else None,
                    request.error,
                    request.id,
                    AnswerRunState.RUNNING,
                ),
            )
            if request.answer and saved.rowcount:
                record_cited(connection, request.id, request.answer)

    def end_interrupted(self) -> int:
        """Ends the runs of a process that died: the question and the part that was written stay.

        For the one process that holds the data folder, when it starts. Returns how many there were.
        """
        with self._database.write() as connection:
            return connection.execute(
                "UPDATE requests SET state = ?, error = ? WHERE state = ?",
                (AnswerRunState.FAILED, _INTERRUPTED, AnswerRunState.RUNNING),
            ).rowcount

    # --- Reading ------------------------------------------------------------------------------

    def get(
        self, request_id: str, *, owner: str = OWNER.id, seen: Collection[str] | None = None
    ) -> AnswerRun:
        """Returns one run; of its passages those in the collections ``seen``, None for all.

        Raises:
            NotFound: ``owner`` has none with this id.
        """
        row = (
            self._database.read()
            .execute(
                "SELECT requests.* FROM requests JOIN conversations ON conversations.id = conversation_id "
                "WHERE requests.id = ? AND owner = ?",
                (request_id, owner),
            )
            .fetchone()
        )
        if row is None:
            raise NotFound(
                f"There is no request {request_id[:80]!r}; its conversation may have been deleted."
            )
        return self._request(row, owner, seen)

    def of(
        self,
        conversation_id: str,
        *,
        newest: int | None = None,
        before: str | None = None,
        owner: str = OWNER.id,
        seen: Collection[str] | None = None,
    ) -> list[AnswerRun]:
        """Returns the runs of a conversation, in order, with their passages as ``get`` does.

        Of those that were asked ``before`` a run with this id only the ``newest`` so many; None leaves none out.

        Raises:
            NotFound: ``owner`` has no such conversation.
        """
        connection = self._database.read()
        if not connection.execute(
            "SELECT 1 FROM conversations WHERE id = ? AND owner = ?", (conversation_id, owner)
        ).fetchone():
            raise _no_conversation(conversation_id)
        rows = connection.execute(
            "SELECT * FROM requests WHERE conversation_id = ? AND (? IS NULL OR position < "
            "(SELECT position FROM requests WHERE id = ? AND conversation_id = ?)) "
            "ORDER BY position DESC LIMIT ?",
            (conversation_id, before, before, conversation_id, at_most(-1 if newest is None else newest)),
        )
        return [self._request(row, owner, seen) for row in reversed(rows.fetchall())]

    def label(
        self,
        conversation_id: str,
        *,
        title: str | None = None,
        pinned: bool | None = None,
        owner: str = OWNER.id,
    ) -> None:
        """Calls a conversation ``title`` from now on, and pins it or lets it go; None leaves each as it is.

        Raises:
            BadInput: nothing is left of the title.
            NotFound: ``owner`` has no such conversation.
        """
        named = None if title is None else " ".join(title.split())[:_TITLE_CHARACTERS]
        if named == "":
            raise BadInput("A conversation cannot be without a name.")
        with self._database.write() as connection:
            if not connection.execute(
                "UPDATE conversations SET title = coalesce(?, title), pinned = coalesce(?, pinned) "
                "WHERE id = ? AND owner = ?",
                (named, None if pinned is None else int(pinned), conversation_id, owner),
            ).rowcount:
                raise _no_conversation(conversation_id)

    def remove(self, conversation_id: str, *, owner: str = OWNER.id) -> list[str]:
        """Deletes a conversation; returns the ids of its runs that are still being answered.

        Raises:
            NotFound: ``owner`` has no such conversation.
        """
        with self._database.write() as connection:
            running = connection.execute(
                "SELECT id FROM requests WHERE conversation_id = ? AND state = ?",
                (conversation_id, AnswerRunState.RUNNING),
            ).fetchall()
            if not connection.execute(
                "DELETE FROM conversations WHERE id = ? AND owner = ?", (conversation_id, owner)
            ).rowcount:
                raise _no_conversation(conversation_id)
        return [row["id"] for row in running]

    def remove_all(self, owner: str) -> None:
        """Deletes the conversations of somebody who is gone, those of their keys for some collections included."""
        of_keys = f"{owner}/key/"
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM conversations WHERE owner = ? OR substr(owner, 1, ?) = ?",
                (owner, len(of_keys), of_keys),
            )

    def _request(self, row: Row, owner: str, seen: Collection[str] | None) -> AnswerRun:
        answer = answer_from_json(row["answer"], row["text"]) if row["answer"] else None
        return AnswerRun(
            id=row["id"],
            conversation_id=row["conversation_id"],
            question=replace(_question(row), caller=Caller(owner)),
            state=AnswerRunState(row["state"]),
            added=row["added"],
            searched=self._searched(row["searched"], answer, seen) if row["searched"] else None,
            notices=tuple(json.loads(row["notices"])),
            text=row["text"],
            answer=answer,
            error=row["error"],
        )

    def _searched(self, text: str, answer: Answer | None, seen: Collection[str] | None) -> Searched:
        """Returns the passages that are still there for whoever sees ``seen``; the places of the others are kept."""
        stored = json.loads(text)
        found = self._chunks.findable([source["chunk"] for source in stored["sources"]])
        documents = {
            document.id: document
            for document in self._documents.existing(
                {chunk.document_id for chunk in found.values()}, collections=seen
            )
        }
        quotes = {citation.n: citation.quote for citation in answer.citations} if answer else {}
        hits = []
        for rank, source in enumerate(stored["sources"], start=1):
            chunk = found.get(source["chunk"])
            document = documents.get(chunk.document_id) if chunk else None
            if chunk is None or document is None:
                chunk = Chunk(quotes.get(rank, ""), id=source["chunk"], document_id=source["document"])
                document = _gone(source["document"], source["name"])
            hits.append(Hit(chunk, document, source["score"], rank, source["scores"]))
        return Searched(
            stored["question"],
            told_apart(hits),
            stored["dropped"],
            stored["timings_ms"],
            context=stored.get("context", ""),
        )


def _gone(document_id: str, name: str) -> Document:
    return Document(document_id, name, "", DocumentState.DELETING, sha256="", bytes=0, added="")


def _no_conversation(conversation_id: str) -> NotFound:
    return NotFound(f"There is no conversation {conversation_id[:80]!r}; it may have been deleted.")


def _question_to_json(question: Question) -> str:
    """Returns the fields without a column of their own, save the history, which is the conversation's."""
    stored = {
        "text": question.text,
        "filters": asdict(question.filters),
        "collections": question.collections,
        "searched": question.searched,
    }
    return json.dumps(stored, ensure_ascii=False)


def _question(row: Row) -> Question:
    typed, model = row["question"], row["wanted_model"]
    if row["asked"] is None:
        return _question_of_a_former_version(typed, row["collection"], model)
    stored = json.loads(row["asked"])
    filters = {name: as_tuple(value) for name, value in stored["filters"].items()}
    return Question(
        stored["text"],
        filters=Filters(**filters),
        collections=tuple(stored["collections"]),
        model=model,
        searched=stored["searched"],
        typed="" if typed == stored["text"] else typed,
    )


def _question_of_a_former_version(typed: str, collection: str | None, model: str | None) -> Question:
    """Returns the question of a row that kept its filters within its text, unreadable ones included."""
    question = Question(typed, collections=(collection,) if collection else (), model=model)
    try:
        return parse_question(question)
    except BadInput:
        return question


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
