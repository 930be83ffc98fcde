"""What people think of answers."""

from __future__ import annotations

from collections.abc import Sequence

from kb.errors import BadInput
from kb.state.ratings import Ratings, place_in_list
from kb.system.redact import without_our_keys
from kb.types import AccessScope, Caller, ListPlace, Rating, RatingValue

LONGEST_REASON = 2000


class RatingsService:
    """A caller's ratings of their answers."""

    def __init__(self, ratings: Ratings) -> None:
        self._ratings = ratings

    def rate(self, request_id: str, rating: RatingValue, *, reason: str = "", caller: Caller) -> None:
        """Stores a rating in the place of the one before.

        Raises:
            NotFound: there is no such answer.
            BadInput: the reason is too long.
            Denied: the caller's key may only read.
        """
        caller.require_own(AccessScope.WRITE)
        if len(reason) > LONGEST_REASON:
            raise BadInput(f"A reason has at most {LONGEST_REASON} characters; this one has {len(reason)}.")
        self._ratings.rate(
            request_id, rating, reason=without_our_keys(reason.strip()), owner=caller.conversations_id
        )

    def withdraw(self, request_id: str, *, caller: Caller) -> None:
        """Deletes a rating; raises NotFound, and Denied as ``rate`` does."""
        caller.require_own(AccessScope.WRITE)
        self._ratings.withdraw(request_id, owner=caller.conversations_id)

    def all(
        self,
        *,
        caller: Caller,
        conversation_id: str | None = None,
        rating: RatingValue | None = None,
        limit: int = 200,
        offset: int = 0,
        after: ListPlace | None = None,
    ) -> list[Rating]:
        """Returns the ratings, the latest first, of one conversation or of one kind where these are given.

        ``after``, as ``place`` gave it, leaves those behind it; raises BadInput for what is no place.
        """
        return self._ratings.all(
            owner=caller.conversations_id,
            conversation_id=conversation_id,
            rating=rating,
            limit=limit,
            offset=offset,
            after=after,
        )

    def place(self, shown: Sequence[Rating]) -> ListPlace | None:
        """Returns what to go on behind after ``shown``; None where nothing was."""
        return place_in_list(shown[-1]) if shown else None
