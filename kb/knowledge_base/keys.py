"""Keys, by which programs use the library within what each may."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from kb.errors import BadInput, FootnoteError
from kb.knowledge_base.parts import Parts
from kb.state.api_keys import ApiKeys
from kb.state.conversations import AnswerRuns
from kb.system.redact import OURS, know_secret
from kb.text.collection_names import require_collection_name
from kb.types import AccessScope, ApiKey, Caller

_BYTES = 32
_LONGEST_NAME = 64
_MOST_COLLECTIONS = 100


class KeysService:
    """A caller's keys, and whom a key that comes with a request stands for."""

    def __init__(self, parts: Parts) -> None:
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
            Conflict: it is taken.
            Denied: the caller has a key that may not make others.
        """
        caller.require_whole()
        _require_name(name)
        for collection in collections or ():
            require_collection_name(collection)
        if collections is not None and not 0 < len(collections) <= _MOST_COLLECTIONS:
            raise BadInput(f"A key is for all collections, or for 1 to {_MOST_COLLECTIONS} of them.")
        key = f"{OURS}{secrets.token_urlsafe(_BYTES)}"
        self._keys.add(name, key, scope=scope, collections=collections, owner=caller.id)
        return key

    def all(self, *, caller: Caller) -> list[ApiKey]:
        caller.require_whole()
        return self._keys.all(owner=caller.id)

    def revoke(self, name: str, *, caller: Caller) -> None:
        """Ends a key at once, with the conversations that only it could read; raises NotFound."""
        caller.require_whole()
        number = self._keys.revoke(name, owner=caller.id)
        alone = Caller(caller.id, collections=frozenset(), key_id=number).conversations_id
        for conversation in self._runs.conversations(limit=-1, owner=alone):
            self._runs.remove(conversation.id, owner=alone)

    def caller_with(self, key: str) -> Caller | None:
        """Returns whom ``key`` stands for, and notes that it was used; None where it opens nothing."""
        found = self._keys.find(key)
        if found is None:
            return None
        owner, kept = found
        know_secret(key)
        minute = datetime.now(UTC).isoformat(timespec="minutes")
        if kept.last_used != minute:
            with suppress(FootnoteError):  # a full disk refuses nobody who has a key
                self._keys.touch(kept.id, minute)
        return Caller(
            owner,
            scope=kept.scope,
            collections=None if kept.collections is None else frozenset(kept.collections),
            key=kept.name,
            key_id=kept.id,
            origin="api",
        )


def _require_name(name: str) -> None:
    """Raises BadInput for a name that an address, or a command, could not say: a key has to be revoked by it."""
    said = [unicodedata.category(character)[0] for character in name]
    fits = all(kind in "LMN" or character in " ._-" for kind, character in zip(said, name, strict=True))
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
