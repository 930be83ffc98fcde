"""Whose passages are embedded next, so that no document waits for all of a longer one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from ingest.publish import Unembedded
from kb.state.job_steps import EmbeddingProgress
from kb.types import Chunk, Job

_SHARE_OF_THE_FIRST = 4
"""One in so many passages of a batch is for the document that came first, however many shorter ones come."""
_SHARE_OF_ONE = 8
"""A document counts for at most one in so many passages of a batch when it is asked whether there is enough to fill it:
so many long ones are held at a time, and shorter ones still join them."""

_SMALLEST_OF_THE_LAST = 64
"""Passages of the last batches of an import, where they would be more."""


@dataclass(slots=True)
class _Member:
    document: Unembedded
    taken: int = 0
    stored: int = 0

    @property
    def waiting(self) -> int:
        return len(self.document.lacking) - self.taken

    @property
    def is_whole(self) -> bool:
        return self.stored == len(self.document.lacking)


class Turns:
    """Documents whose chunks are stored and not all embedded yet; gives out batches of at most ``batch`` chunks.

    The document with the fewest chunks left goes first, of equal ones the one that came first, which is what lets most
    of them be found soonest; and the first of all is never left out.
    """

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.is_last = False
        """Whether nothing is read any more that could join what waits."""
        self._members: dict[Job, _Member] = {}

    def __len__(self) -> int:
        """How many documents are not whole yet."""
        return len(self._members)

    @property
    def any_waits(self) -> bool:
        """Whether there is something that ``take`` or ``whole`` would return."""
        return any(member.waiting or member.is_whole for member in self._members.values())

    @property
    def is_full(self) -> bool:
        """Whether there is enough for a batch, with more than a few long documents in it."""
        most = max(1, self.batch // _SHARE_OF_ONE)
        members = self._members.values()
        return sum(min(max(member.waiting, member.is_whole), most) for member in members) >= self.batch

    def add(self, document: Unembedded) -> None:
        """Lets a document join; its chunks are in a batch that has not been taken yet."""
        self._members[document.job] = _Member(document)

    def drop(self, jobs: Collection[Job]) -> None:
        """Forgets documents that nobody waits for any more."""
        for job in jobs:
            self._members.pop(job, None)

    def jobs(self) -> list[Job]:
        """Returns the jobs of the documents that are not whole yet, in the order in which they came."""
        return list(self._members)

    def take(self) -> list[tuple[Job, Chunk]]:
        """Returns the next batch; empty where nothing is left to embed.

        The last ones are smaller and smaller: what is embedded last is stored and published while nothing is computed.
        """
        waiting = [member for member in self._members.values() if member.waiting]
        left = sum(member.waiting for member in waiting)
        most = min(self.batch, max(_SMALLEST_OF_THE_LAST, -(-left // 2))) if self.is_last else self.batch
        part = [chunk for first in waiting[:1] for chunk in _next(first, most // _SHARE_OF_THE_FIRST)]
        for member in sorted(waiting, key=lambda member: member.waiting):
            part += _next(member, most - len(part))
        return part

    def keep(self, part: Sequence[tuple[Job, Chunk]]) -> dict[Job, EmbeddingProgress]:
        """Notes that the vectors of a batch are stored; returns how far its documents are by now."""
        for job, count in Counter(job for job, _ in part).items():
            if (member := self._members.get(job)) is not None:
                member.stored += count
        pages = {job: chunk.anchor.page or 0 for job, chunk in part}
        done = {}
        for job in pages.keys() & self._members.keys():
            member = self._members[job]
            left = len(member.document.lacking) - member.stored
            done[job] = EmbeddingProgress(member.document.chunks - left, pages[job])
        return done

    def whole(self) -> list[Job]:
        """Returns the jobs of documents of which every vector is stored, as they came, and forgets them."""
        whole = [job for job, member in self._members.items() if member.is_whole]
        self.drop(whole)
        return whole


def _next(member: _Member, most: int) -> list[tuple[Job, Chunk]]:
    """Takes at most so many chunks of a document, in their order."""
    chunks = list(islice(member.document.lacking, member.taken, member.taken + most))
    member.taken += len(chunks)
    return [(member.document.job, chunk) for chunk in chunks]
