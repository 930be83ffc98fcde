"""Whose job is next: one of each person who waits, in turn.

Fair queuing after Nagle, *On Packet Switches With Infinite Storage* (RFC 970, 1985): each source has its own queue,
and these are served round robin, so that whoever sends much delays nobody but themselves. A job counts as one, whatever
its size. The order within one person stays that in which they asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from kb.state.sql import Connection, Row, scalar
from kb.types import JobState

# A walk from one person to the next along jobs_by_turn, a probe each, however many jobs they have waiting.
_WAITING = (
    "WITH RECURSIVE waiting (person) AS ("
    "SELECT min(person) FROM jobs WHERE state = ? AND turn = ? UNION ALL "
    "SELECT (SELECT min(person) FROM jobs WHERE state = ? AND turn = ? AND person > waiting.person) "
    "FROM waiting WHERE waiting.person IS NOT NULL) "
    "SELECT waiting.person AS person FROM waiting "
    "LEFT JOIN turns_taken ON turns_taken.turn = ? AND turns_taken.person = waiting.person "
    "WHERE waiting.person IS NOT NULL ORDER BY coalesce(latest, 0), "
    "(SELECT min(id) FROM jobs WHERE state = ? AND turn = ? AND person = waiting.person)"
)
_OF_PERSON = "FROM jobs WHERE state = ? AND turn = ? AND person = ? ORDER BY id"


def waiting_people(connection: Connection, turn: int) -> list[int]:
    """Returns who has jobs queued in ``turn``: who was served longest ago comes first, of new ones who asked first."""
    asked = (JobState.QUEUED, turn)
    rows = connection.execute(_WAITING, (*asked, *asked, turn, *asked))
    return [row["person"] for row in rows]


def next_in_turn(connection: Connection, turns: Iterable[int]) -> tuple[int, int] | None:
    """Returns the turn and the person whose oldest queued job is to be begun; None where nothing is queued."""
    for turn in sorted(set(turns)):
        if people := waiting_people(connection, turn):
            return turn, people[0]
    return None


def note_turn(connection: Connection, turn: int, person: int) -> None:
    """Keeps that a job of ``person`` was begun: all others who wait come before the next one of theirs."""
    latest = scalar(
        connection, "SELECT coalesce(max(latest), 0) + 1 FROM turns_taken WHERE turn = ?", (turn,)
    )
    connection.execute("DELETE FROM turns_taken WHERE turn = ? AND person = ?", (turn, person))
    connection.execute(
        "INSERT INTO turns_taken (turn, person, latest) VALUES (?, ?, ?)", (turn, person, latest)
    )


def in_turn(connection: Connection, turns: Iterable[int], columns: str = "document_id") -> Iterator[Row]:
    """Yields ``columns`` of the queued jobs in the order in which they will be begun, as far as it is read."""
    return chain.from_iterable(_round_robin(connection, turn, columns) for turn in sorted(set(turns)))


def _round_robin(connection: Connection, turn: int, columns: str) -> Iterator[Row]:
    asked = (JobState.QUEUED, turn)
    queues = [
        iter(connection.execute(f"SELECT {columns} {_OF_PERSON}", (*asked, person)))
        for person in waiting_people(connection, turn)
    ]
    while queues:
        if len(queues) == 1:
            yield from queues[0]
            return
        left = []
        for queue in queues:
            if (row := next(queue, None)) is not None:
                yield row
                left.append(queue)
        queues = left
