"""What a worker writes about the document it works on, each time only if it still holds the job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kb.state.chunk_exchange import drop_former, drop_staged, exchange, keep_as_it_was, stage
from kb.state.chunks import delete_chunks, replace_chunks
from kb.state.dialect import FROM_TABLE
from kb.state.jobs import enqueue, is_held, require_held
from kb.state.passage_edits import stored_edits, with_edits
from kb.state.sql import Connection, SqlDatabase, scalar
from kb.text.word_count import word_count
from kb.types import DocumentState, Job, JobKind, Origin, PreparedDocument

_AT_ONCE = 500
"""Chunks that are deleted in one transaction: what other writers wait for."""


@dataclass(frozen=True, slots=True)
class EmbeddingProgress:
    """How far the embedding of a document has come."""

    chunks: int
    page: int = 0
    """The page of the last chunk; 0 where there are none."""


class ForgetFile(Protocol):
    """Takes a document away from its file."""

    def __call__(self, sha256: str, origin: Origin, *, is_last: bool) -> None:
        """``origin`` is no document any more; with the last one of ``sha256`` the file goes, too."""
        ...


class Steps:
    """The steps of a job, in the order in which they happen.

    A worker whose job was cancelled, paused, or given to another because it seemed dead learns of
    it here: the check and the write are one transaction.
    """

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def begin_parsing(self, job: Job) -> None:
        """Records, before a parser begins, that it does: should the process die of the file, this stays.

        Raises:
            Cancelled: the job was taken away.
        """
        with self._database.write() as connection:
            require_held(connection, job)
            connection.execute("UPDATE jobs SET parses = parses + 1 WHERE id = ?", (job.id,))
            connection.execute(
                "UPDATE documents SET state = ?, reason = NULL WHERE id = ?",
                (DocumentState.PARSING, job.document_id),
            )

    def queue_rechunk(self, chunker_version: str) -> int:
        """Queues published documents of another chunker version; returns how many.

        They stay as they are, and are found, until they have been read again. What is under way with one comes first.
        """
        with self._database.write() as connection:
            outdated = connection.execute(
                "SELECT id FROM documents WHERE live = 1 AND state = ? AND (cut IS NULL OR cut <> ?) "
                "AND NOT EXISTS (SELECT 1 FROM jobs WHERE document_id = documents.id) ORDER BY sequence",
                (DocumentState.READY, chunker_version),
            ).fetchall()
            for row in outdated:
                enqueue(connection, row["id"], JobKind.RECHUNK)
        return len(outdated)

    def store_chunks(self, job: Job, prepared: PreparedDocument) -> None:
        """Stores the chunks of a parsed document and moves it to EMBEDDING, in one transaction.

        One that is found already goes on being found by the chunks that it has, until ``make_ready``.

        Raises:
            Cancelled: the job was taken away.
        """
        with self._database.write() as connection:
            require_held(connection, job)
            chunks = with_edits(prepared.chunks, stored_edits(connection, job.document_id))
            cut, tokens = prepared.chunker_version, prepared.chunk_tokens
            if scalar(connection, "SELECT live FROM documents WHERE id = ?", (job.document_id,)):
                stage(connection, job.document_id, chunks, cut=cut, tokens=tokens)
            else:
                replace_chunks(connection, job.document_id, chunks)
                connection.execute(
                    "UPDATE documents SET cut = ?, cut_tokens = ? WHERE id = ?",
                    (cut, tokens, job.document_id),
                )
            connection.execute(
                "UPDATE documents SET state = ?, reason = ?, title = ?, pages = ?, language = ?, chunks = ?, "
                "words = ?, chunks_done = 0, pages_done = 0 WHERE id = ?",
                (
                    DocumentState.EMBEDDING,
                    " ".join(prepared.warnings) or None,
                    prepared.title,
                    prepared.pages,
                    prepared.language,
                    len(chunks),
                    sum(word_count(chunk.text) for chunk in chunks),
                    job.document_id,
                ),
            )
            connection.execute("UPDATE jobs SET parses = 0 WHERE id = ?", (job.id,))

    def progress(
        self,
        done: Mapping[Job, EmbeddingProgress],
        *,
        chunks_per_second: float | None = None,
        embedded: Iterable[Job] = (),
    ) -> None:
        """Records how far the documents are, and the speed of late; jobs that were taken away are passed over.

        Those of ``embedded`` are moved to INDEXING, as ``set_indexing`` does.
        """
        with self._database.write() as connection:
            for job in _held(connection, done):
                connection.execute(
                    "UPDATE documents SET chunks_done = ?, "
                    "pages_done = CASE WHEN pages_done < ? THEN ? ELSE pages_done END WHERE id = ?",
                    (done[job].chunks, done[job].page, done[job].page, job.document_id),
                )
            if chunks_per_second is not None:
                connection.execute("UPDATE queue SET chunks_per_second = ?", (chunks_per_second,))
            _set_indexing(connection, embedded)

    def set_indexing(self, jobs: Iterable[Job]) -> None:
        """Moves embedded documents to INDEXING; a warning from parsing stays as their reason."""
        with self._database.write() as connection:
            _set_indexing(connection, jobs)

    def make_ready(self, jobs: Iterable[Job]) -> None:
        """Publishes documents and ends their jobs; what they replace is retired in the same transaction.

        So are the chunks by which those were found that are cut anew.
        """
        with self._database.write() as connection:
            for job in _held(connection, jobs):
                exchange(connection, job.document_id)
                connection.execute(
                    "UPDATE documents SET state = ?, live = 1, chunks_done = chunks, pages_done = coalesce(pages, 0), "
                    "replaces = NULL WHERE id = ?",
                    (DocumentState.READY, job.document_id),
                )
                connection.execute("DELETE FROM jobs WHERE id = ?", (job.id,))
                _retire_older_versions(connection, job.document_id)

    def fail(self, job: Job, reason: str, *, unreadable: bool = False) -> None:
        """Ends an import without success: whatever it had stored goes, an older version stays.

        ``unreadable``: the same bytes would fail again.

        A document that should have been chunked or embedded anew stays as it was, with the reason. A job that was
        taken away is passed over.
        """
        with self._database.write() as connection:
            if not is_held(connection, job):
                return
            if job.kind in (JobKind.RECHUNK, JobKind.EMBED):
                keep_as_it_was(
                    connection,
                    job.document_id,
                    f"Its passages are those of an earlier version: {reason}",
                )
                connection.execute("DELETE FROM jobs WHERE document_id = ?", (job.document_id,))
            else:
                end_import(connection, job.document_id, DocumentState.FAILED, reason, unreadable=unreadable)

    def await_moves(self) -> bool:
        """Returns whether documents were moved that the derived indexes have not followed yet."""
        found = self._database.read().execute("SELECT 1 FROM moves WHERE indexed_in IS NOT NULL LIMIT 1")
        return found.fetchone() is not None

    def delete_pending(self, job: Job, *, forget_file: ForgetFile, limit: int = _AT_ONCE) -> bool:
        """Deletes up to ``limit`` chunks of a document; True while there is more to do.

        With the last of them go the row of a document that is being deleted and, if no other
        document has the same bytes, its file: ``forget_file`` is told of it within the
        transaction, so that nobody can add the same bytes between the question and the removal.

        Raises:
            Cancelled: the job was taken away.
        """
        with self._database.write() as connection:
            require_held(connection, job)
            drop_staged(connection, job.document_id)
            if drop_former(connection, job.document_id, limit=limit):
                return True
            if delete_chunks(connection, job.document_id, limit=limit):
                return True
            connection.execute("DELETE FROM jobs WHERE id = ?", (job.id,))
            if job.kind is JobKind.DELETE:
                _forget(connection, job.document_id, forget_file)
        return False


def end_import(
    connection: Connection,
    document_id: str,
    state: DocumentState,
    reason: str | None,
    *,
    unreadable: bool = False,
) -> None:
    """Ends an import as FAILED or CANCELLED; what it had stored is left to a job of its own."""
    connection.execute(
        "UPDATE documents SET state = ?, reason = ?, unreadable = ?, live = 0, chunks = 0, chunks_done = 0, "
        "pages_done = 0 WHERE id = ?",
        (state, reason, int(unreadable), document_id),
    )
    stored = connection.execute(
        "SELECT 1 FROM chunks WHERE document_id = ? LIMIT 1", (document_id,)
    ).fetchone()
    if stored:
        enqueue(connection, document_id, JobKind.CLEAR)
    else:
        connection.execute("DELETE FROM jobs WHERE document_id = ?", (document_id,))


def retire(
    connection: Connection, document_id: str, *, person: int | None = None, not_before: float | None = None
) -> None:
    """Acknowledges that a document is deleted, as ``person`` wished: from here on nothing finds it.

    What is stored of it is kept until ``not_before``, seconds since 1970; None keeps nothing.
    """
    connection.execute(
        "UPDATE documents SET state = ?, reason = NULL, live = 0 WHERE id = ?",
        (DocumentState.DELETING, document_id),
    )
    enqueue(connection, document_id, JobKind.DELETE, person=person, not_before=not_before)


def _set_indexing(connection: Connection, jobs: Iterable[Job]) -> None:
    for job in _held(connection, jobs):
        connection.execute(
            "UPDATE documents SET state = ? WHERE id = ?", (DocumentState.INDEXING, job.document_id)
        )


def _held(connection: Connection, jobs: Iterable[Job]) -> list[Job]:
    return [job for job in jobs if is_held(connection, job)]


def _retire_older_versions(connection: Connection, document_id: str) -> None:
    """Retires all published documents at one place but the one that was added last."""
    versions = connection.execute(
        "SELECT other.id AS id FROM documents AS this JOIN documents AS other "
        "ON other.owner = this.owner AND other.collection = this.collection AND other.source = this.source "
        "AND other.path_key = this.path_key AND other.live = 1 "
        "WHERE this.id = ? ORDER BY other.sequence DESC",
        (document_id,),
    ).fetchall()
    for older in versions[1:]:
        retire(connection, older["id"])


def _forget(connection: Connection, document_id: str, forget_file: ForgetFile) -> None:
    gone = connection.execute(
        f"DELETE FROM documents {FROM_TABLE} WHERE id = ? RETURNING sha256, name, collection, path, source, owner",
        (document_id,),
    ).fetchone()
    if gone is not None:
        shared = scalar(
            connection, f"SELECT count(*) FROM documents {FROM_TABLE} WHERE sha256 = ?", (gone["sha256"],)
        )
        origin = Origin(gone["name"], gone["collection"], gone["path"], gone["source"], gone["owner"])
        forget_file(gone["sha256"], origin, is_last=not shared)
