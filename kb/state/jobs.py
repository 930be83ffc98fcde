"""The queue of work: a job is held by a lease that its worker renews while it lives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from kb.errors import Cancelled
from kb.state.commits import Commits
from kb.state.dialect import SKIP_LOCKED
from kb.state.fair_turns import next_in_turn, note_turn
from kb.state.sql import Connection, Row, SqlDatabase, marks, scalar
from kb.types import DocumentState, Job, JobKind, JobState

LEASE_SECONDS = 30.0
"""A worker that has not renewed its lease for this long is taken to be dead."""

IMPORTS = (JobKind.IMPORT, JobKind.EMBED, JobKind.RECHUNK)
"""Jobs that need parsers and the model."""
CLEANUPS = (JobKind.DELETE, JobKind.CLEAR)
"""Jobs that delete, and need neither."""

TURNS = {JobKind.DELETE: 0, JobKind.CLEAR: 0, JobKind.IMPORT: 1, JobKind.EMBED: 2, JobKind.RECHUNK: 2}
"""What a person waits for comes before what nobody watches."""


class Jobs:
    """The tables ``jobs``, ``queue`` and ``turns_taken``, as a worker uses them.

    ``clock`` returns seconds since 1970 and is shared by all workers of a data folder.
    """

    def __init__(self, database: SqlDatabase, *, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    @property
    def commits(self) -> Commits:
        """After each of which there may be another job."""
        return self._database.commits

    # --- Taking and keeping -------------------------------------------------------------------

    def claim(self, owner: str, *, limit: int, kinds: Collection[JobKind] = IMPORTS) -> list[Job]:
        """Leases up to ``limit`` jobs that nobody holds, in their turn, and begins one attempt of each.

        What is more urgent comes first; of the same urgency one of each person who waits, and theirs in their order.
        No import is given out while a person has paused all of them.
        """
        now = self._clock()
        turns = sorted({TURNS[kind] for kind in kinds})
        if not _any_to_begin(self._database.read(), turns, now):
            return []  # asked many times a second: no transaction, which all other writers would wait for
        with self._database.write() as connection:
            paused = scalar(connection, "SELECT paused FROM queue")
            if paused and not set(kinds) & set(CLEANUPS):
                return []
            connection.execute(
                "UPDATE jobs SET state = ?, lease_owner = NULL WHERE state IN (?, ?) AND lease_until < ?",
                (JobState.QUEUED, JobState.RUNNING, JobState.WAITING, now),
            )
            claimed: list[Job] = []
            while len(claimed) < limit and (following := next_in_turn(connection, turns)) is not None:
                row = connection.execute(
                    "UPDATE jobs SET state = ?, lease_owner = ?, lease_until = ?, attempts = attempts + 1, "
                    "reason = NULL WHERE id = (SELECT id FROM jobs WHERE state = ? AND turn = ? AND person = ? "
                    f"ORDER BY id LIMIT 1 {SKIP_LOCKED}) RETURNING *",
                    (JobState.RUNNING, owner, now + LEASE_SECONDS, JobState.QUEUED, *following),
                ).fetchone()
                if row is None:
                    break
                note_turn(connection, *following)
                claimed.append(_job(row))
        return claimed

    def renew(self, owner: str) -> None:
        """Extends the leases of ``owner`` by another ``LEASE_SECONDS``."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE jobs SET lease_until = ? WHERE lease_owner = ?",
                (self._clock() + LEASE_SECONDS, owner),
            )

    def held(self, owner: str) -> set[tuple[int, int]]:
        """Returns (id, attempts) of every job that ``owner`` holds: whatever else it works on was taken from it."""
        rows = self._database.read().execute("SELECT id, attempts FROM jobs WHERE lease_owner = ?", (owner,))
        return {(row["id"], row["attempts"]) for row in rows}

    # --- Giving back --------------------------------------------------------------------------

    def release(self, owner: str) -> None:
        """Releases the leases of ``owner``, so that another worker may take its jobs at once.

        That its worker lives to do so clears the parsers it had running of having ended it.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, lease_owner = NULL, lease_until = 0, parses = 0 WHERE lease_owner = ?",
                (JobState.QUEUED, owner),
            )
            _queue_unread(connection)

    def wait(self, owner: str, *, reason: str, seconds: float, fault: bool = False) -> int:
        """Lets what ``owner`` holds wait for ``seconds``, because of what the sentence ``reason`` says.

        ``fault`` counts it as an error of ours. Returns how many there were.
        """
        with self._database.write() as connection:
            waiting = connection.execute(
                "UPDATE jobs SET state = ?, reason = ?, lease_owner = NULL, lease_until = ?, parses = 0, "
                "faults = faults + ? WHERE lease_owner = ?",
                (JobState.WAITING, reason, self._clock() + seconds, int(fault), owner),
            ).rowcount
            _queue_unread(connection)
        return waiting

    def release_dead(self, is_dead: Callable[[str], bool]) -> None:
        """Releases the leases of owners that ``is_dead`` says are no more, and lets what waits be tried at once.

        For a process that starts. Who lives keeps what it holds; who may live, on another machine, keeps it until
        its lease ends.
        """
        with self._database.write() as connection:
            owners = connection.execute(
                "SELECT DISTINCT lease_owner AS owner FROM jobs WHERE lease_owner IS NOT NULL"
            ).fetchall()
            for owner in [row["owner"] for row in owners if is_dead(row["owner"])]:
                connection.execute(
                    "UPDATE jobs SET state = ?, lease_owner = NULL, lease_until = 0 WHERE lease_owner = ?",
                    (JobState.QUEUED, owner),
                )
            connection.execute(
                "UPDATE jobs SET state = ?, lease_until = 0 WHERE state = ?",
                (JobState.QUEUED, JobState.WAITING),
            )
            _queue_unread(connection)

    # --- What there is to do ------------------------------------------------------------------

    def waiting(self, kinds: Collection[JobKind] = IMPORTS) -> int:
        """Returns how many jobs of these kinds could be begun now or are under way."""
        turns = sorted({TURNS[kind] for kind in kinds})
        count: int = scalar(
            self._database.read(),
            f"SELECT count(*) FROM jobs WHERE turn IN ({marks(turns)}) "
            "AND (state IN (?, ?) OR (state = ? AND lease_until < ?))",
            (*turns, JobState.QUEUED, JobState.RUNNING, JobState.WAITING, self._clock()),
        )
        return count

    def explain(self, reason: str | None) -> None:
        """Records the reason that holds all imports up, for a person to read; None once nothing does."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE queue SET reason = ? WHERE coalesce(reason, '') <> coalesce(?, '')", (reason, reason)
            )


# --- For the other writers of kb.state, within their transactions ------------------------------


def enqueue(
    connection: Connection,
    document_id: str,
    kind: JobKind,
    *,
    person: int | None = None,
    not_before: float | None = None,
) -> None:
    """Queues ``kind`` for a document, behind all others of ``person``, in place of any other job of it.

    ``person`` is the account that asked for it, 0 whoever holds the data folder; None who asked for the former job.
    ``not_before``, seconds since 1970, lets it wait until then, or until the next start; None does not.
    """
    former = connection.execute(
        "DELETE FROM jobs WHERE document_id = ? RETURNING person", (document_id,)
    ).fetchone()
    if person is None:
        person = former["person"] if former else 0
    state = JobState.QUEUED if not_before is None else JobState.WAITING
    connection.execute(
        "INSERT INTO jobs (kind, document_id, turn, state, person, lease_until) VALUES (?, ?, ?, ?, ?, ?)",
        (kind, document_id, TURNS[kind], state, person, not_before or 0.0),
    )


def is_held(connection: Connection, job: Job) -> bool:
    """Returns whether the worker that took ``job`` still has it: checked within every transaction it writes."""
    found = connection.execute(
        "SELECT 1 FROM jobs WHERE id = ? AND lease_owner = ? AND attempts = ?",
        (job.id, job.owner, job.attempts),
    ).fetchone()
    return found is not None


def require_held(connection: Connection, job: Job) -> None:
    """Raises Cancelled where the job was cancelled, paused or given to somebody else meanwhile."""
    if not is_held(connection, job):
        raise Cancelled("The document was cancelled, paused or removed while it was worked on.")


def _any_to_begin(connection: Connection, turns: Sequence[int], now: float) -> bool:
    """Returns whether there is a job to claim, or one whose lease has ended and which is to be queued again."""
    found = scalar(
        connection,
        f"SELECT EXISTS (SELECT 1 FROM jobs WHERE state = ? AND turn IN ({marks(turns)})) "
        "OR EXISTS (SELECT 1 FROM jobs WHERE state IN (?, ?) AND lease_until < ?)",
        (JobState.QUEUED, *turns, JobState.RUNNING, JobState.WAITING, now),
    )
    return bool(found)


def _queue_unread(connection: Connection) -> None:
    """Queues documents again whose parser has ended without a result."""
    connection.execute(
        "UPDATE documents SET state = ? WHERE state = ? "
        "AND id NOT IN (SELECT document_id FROM jobs WHERE lease_owner IS NOT NULL)",
        (DocumentState.QUEUED, DocumentState.PARSING),
    )


def _job(row: Row) -> Job:
    return Job(
        id=row["id"],
        kind=JobKind(row["kind"]),
        document_id=row["document_id"],
        attempts=row["attempts"],
        owner=row["lease_owner"],
        parses=row["parses"],
        faults=row["faults"],
    )
