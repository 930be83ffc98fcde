"""Who may see which collection besides the one to whom it belongs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from kb.errors import BadInput, NotFound
from kb.knowledge_base.parts import Parts
from kb.state.shares import Shares
from kb.system.sign_in_tries import SignInTries
from kb.text.collection_names import require_collection_name
from kb.text.look_alikes import is_unseen
from kb.types import AccessScope, Caller, Group, Role, Share

_LONGEST_NAME = 64
MOST_SHARED = 1000
"""By an editor: with each of their requests, others look through all that is shared with them."""


class SharingService:
    """What is shared, and with whom. Owners share every collection, editors their own."""

    def __init__(self, parts: Parts) -> None:
        self._shares = Shares(parts.database)
        self._guesses = SignInTries()

    def share(self, collection: str, name: str, role: Role, *, caller: Caller) -> Share:
        """Shares a collection with a person or a group, as ``role`` in place of what it was shared as before.

        Raises:
            NotFound: nobody is called so.
            Conflict: an editor shares ``MOST_SHARED`` times already.
            RateLimited: an editor tried so many names that nobody has: who has an account is not theirs to find out.
            BadInput: no collection can be called so, or nobody can be made its owner.
            Denied: it is not the caller's.
        """
        collection = self._own(collection, caller)
        if role is Role.OWNER:
            raise BadInput("A collection is shared with readers and editors.")
        if caller.collections is None:
            self._shares.share(collection, name, role, given_by=caller.person_id or None)
        else:
            whose = f"account {caller.person_id}"
            self._guesses.begin(whose, whose)
            self._shares.share(collection, name, role, given_by=caller.person_id or None, most=MOST_SHARED)
            self._guesses.succeeded(whose, whose)
        return next(
            share for share in self._shares.of(collection) if share.name.casefold() == name.casefold()
        )

    def unshare(self, collection: str, name: str, *, caller: Caller) -> None:
        """Ends that; raises NotFound, Denied."""
        self._shares.unshare(self._own(collection, caller), name)

    def of(self, collection: str, *, caller: Caller) -> list[Share]:
        """Returns with whom a collection is shared, whether it exists or not; raises NotFound, Denied, BadInput."""
        return self._shares.of(self._own(collection, caller))

    def all(self, *, caller: Caller) -> list[Share]:
        """Returns what is shared of the caller's collections: of all for owners, who see all."""
        if caller.key:
            caller.require_whole()
        if caller.collections is None:
            return self._shares.all()
        return self._shares.all(home=caller.home) if caller.home else []

    def groups(self, *, caller: Caller) -> list[Group]:
        """Returns every group; raises Denied."""
        caller.require_whole()
        return self._shares.groups()

    def add_to_group(self, group: str, names: Sequence[str], *, caller: Caller) -> None:
        """Puts people into a group, which is made where there is none; raises NotFound, BadInput, Conflict."""
        caller.require_whole()
        require_group_name(group)
        self._shares.add_to_group(group, names)

    def remove_from_group(self, group: str, names: Sequence[str], *, caller: Caller) -> None:
        """Takes people out of a group, or deletes it where none are named; raises NotFound."""
        caller.require_whole()
        self._shares.remove_from_group(group, names)

    def group(self, name: str, *, caller: Caller) -> Group:
        """Returns a group by its name, without regard to capitals; raises NotFound, Denied."""
        caller.require_whole()
        return self._shares.group(name)

    def change_group(self, group: str, *, add: Sequence[str], remove: Sequence[str], caller: Caller) -> Group:
        """Puts people into a group that there is, and takes others out of it, all or none; raises NotFound, Denied."""
        caller.require_whole()
        self._shares.change_group(group, add=add, remove=remove)
        return self._shares.group(group)

    def _own(self, collection: str, caller: Caller) -> str:
        """Returns the name of a collection that is the caller's to share; raises Denied, whether it exists or not."""
        require_collection_name(collection)
        caller.require(AccessScope.WRITE)
        if caller.key or caller.collections is None:
            caller.require_whole()
            return collection
        name = caller.collection_named(collection)
        if not caller.is_own(name):
            raise NotFound(f"You have no collection {collection!r} of your own.")
        return name


def require_group_name(name: str) -> None:
    """Raises BadInput for a name that looks like another one, or that an address cannot say."""
    kinds = {unicodedata.category(character) for character in name.replace(" ", "")}
    if (
        not any(kind[0] in "LN" for kind in kinds)
        or any(kind[0] in "CZ" for kind in kinds)
        or any(map(is_unseen, name))
        or len(name) > _LONGEST_NAME
        or name != unicodedata.normalize("NFC", name).strip()
    ):
        raise BadInput(
            f"A group has a name of at most {_LONGEST_NAME} characters that are all seen, on one line, with a letter "
            "or a digit among them."
        )
