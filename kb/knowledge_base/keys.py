"""Keys, by which programs use the library within what each may."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from kb.errors import BadInput, Denied, FootnoteError
from kb.knowledge_base.accounts import AccountsService
from kb.knowledge_base.parts import Parts
from kb.state.api_keys import ApiKeys
from kb.state.conversations import AnswerRuns
from kb.system.redact import OURS, know_secret
from kb.text.collection_names import require_collection_name
from kb.text.look_alikes import is_unseen
from kb.types import OWNER, AccessScope, ApiKey, Caller

_BYTES = 32
_LONGEST_NAME = 64
_MOST_COLLECTIONS = 100
MOST_KEYS = 50
"""Of a person who is no owner: each has limits of its own."""


class KeysService:
    """A caller's keys, and whom a key that comes with a request stands for."""

    def __init__(self, parts: Parts, accounts: AccountsService) -> None:
        """``accounts`` says how far the person reaches whose key it is."""
        self._accounts = accounts
        self._keys = ApiKeys(parts.database)
        self._runs = AnswerRuns(parts.database)

    def add(
        self,
        name: str,
        *,
        caller: Caller,
        scope: AccessScope = AccessScope.READ,
        collections: Sequence[str] | None = None,
    ) -> str:
        """Returns a new key, which is shown once and kept nowhere; ``collections=None`` is for all.

        Raises:
            BadInput: the name cannot be one.
            Conflict: it is taken, or the person has ``MOST_KEYS`` already.
            Denied: the caller has a key that may not make others, or reaches less far than the new one would.
        """
        _require_in_person(caller)
        caller.require(scope)
        _require_name(name)
        for collection in collections or ():
            require_collection_name(collection)
        if collections is not None and not 0 < len(collections) <= _MOST_COLLECTIONS:
            raise BadInput(f"A key is for all collections, or for 1 to {_MOST_COLLECTIONS} of them.")
        if collections is not None:
            collections = [caller.collection_named(collection) for collection in collections]
            for collection in collections:
                caller.require_collection(collection, scope)
        key = f"{OURS}{secrets.token_urlsafe(_BYTES)}"
        most = None if caller.collections is None else MOST_KEYS
        self._keys.add(name, key, scope=scope, collections=collections, owner=caller.own_id, most=most)
        return key

    def all(self, *, caller: Caller) -> list[ApiKey]:
        """Returns the caller's keys, in the order of their names; raises Denied."""
        _require_in_person(caller)
        return self._keys.all(owner=caller.own_id)

    def revoke(self, name: str, *, caller: Caller) -> None:
        """Ends a key at once, with the conversations that only it could read; raises NotFound."""
        _require_in_person(caller)
        number = self._keys.revoke(name, owner=caller.own_id)
        self._runs.remove_all(_alone(caller.own_id, number))

    def caller_with(self, key: str, *, noted: bool = True) -> Caller | None:
        """Returns whom ``key`` stands for, and notes that it was used if ``noted``; None where it opens nothing."""
        found = self._keys.find(key)
        if found is None:
            return None
        owner, kept = found
        know_secret(key)
        minute = datetime.now(UTC).isoformat(timespec="minutes")
        if noted and kept.last_used != minute:
            with suppress(FootnoteError):  # a full disk refuses nobody who has a key
                self._keys.touch(kept.id, minute)
        return self._caller(owner, kept)

    def refreshed(self, *, caller: Caller) -> Caller:
        """Returns ``caller`` with what may be seen by now; raises Denied where the key, or the account, is gone."""
        if not caller.key:
            return self._accounts.refreshed(caller=caller)
        found = self._keys.of_id(caller.key_id)
        now = None if found is None else self._caller(*found)
        if now is None:
            raise Denied("This key opens nothing any more.")
        return replace(now, origin=caller.origin)

    def _caller(self, owner: str, kept: ApiKey) -> Caller | None:
        """Returns a call with one of the keys of ``owner``; None where they are gone."""
        if owner == OWNER.id:
            return Caller(
                owner,
                scope=kept.scope,
                collections=None if kept.collections is None else frozenset(kept.collections),
                key=kept.name,
                key_id=kept.id,
                unnamed=_only_of(kept),
                origin="api",
            )
        person = self._accounts.caller_of_identity(owner)
        return None if person is None else _narrowed(person, kept)


def _narrowed(person: Caller, kept: ApiKey) -> Caller:
    """Returns a call of a person with one of their keys: it never reaches further than they do by now."""
    keyed = replace(
        person,
        scope=kept.scope if person.scope.includes(kept.scope) else person.scope,
        key=kept.name,
        key_id=kept.id,
        origin="api",
    )
    if kept.collections is None:
        return keyed
    visible = frozenset(person.within(kept.collections))
    return replace(
        keyed,
        identity=_alone(person.own_id, kept.id),
        collections=visible,
        writable=frozenset(filter(person.may_change, visible)),
        movable=frozenset(filter(person.may_move_out, visible)),
        home="",
        unnamed=_only_of(kept) or person.unnamed,
    )


def _only_of(kept: ApiKey) -> str:
    """Returns the collection that a key was made for, where it is one alone; else an empty text."""
    return kept.collections[0] if kept.collections is not None and len(kept.collections) == 1 else ""


def _alone(identity: str, number: int) -> str:
    """Returns under what the conversations of a key for some collections are stored."""
    return f"{identity}/key/{number}"


def _require_in_person(caller: Caller) -> None:
    """Does nothing for a person, and for a key that may do all that its owner can; raises Denied."""
    if caller.key or not caller.person:
        caller.require_whole()


def _require_name(name: str) -> None:
    """Raises BadInput for a name that an address, or a command, could not say: a key has to be revoked by it."""
    said = [unicodedata.category(character)[0] for character in name]
    fits = all(
        (kind in "LMN" or character in " ._-") and not is_unseen(character)
        for kind, character in zip(said, name, strict=True)
    )
    if (
        not fits
        or not {"L", "N"} & set(said)
        or name != name.strip()
        or name.startswith("-")
        or len(name) > _LONGEST_NAME
    ):
        raise BadInput(
            f"The name of a key is of letters, digits, '.', '_', '-' and spaces within, at most {_LONGEST_NAME} "
            "characters, and does not begin with '-'."
        )
