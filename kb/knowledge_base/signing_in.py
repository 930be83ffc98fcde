"""Passwords that are tried, and the sessions that begin with them or with the word of a provider of identities."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import UTC, datetime, timedelta

from kb.errors import Denied
from kb.knowledge_base.parts import Parts
from kb.state.identities import Identity
from kb.state.people import People
from kb.state.sessions import Sessions
from kb.system.passwords import is_outdated, is_password, password_hash
from kb.system.sign_in_tries import SignInTries
from kb.types import Caller, Person

SESSION_LASTS = timedelta(days=30)
LONGEST_NAME = 64
LONGEST_PASSWORD = 256
WRONG = "The name or the password is wrong."
_RECENT = timedelta(minutes=5)
"""Since somebody signed in: for so long they need not prove again that it is they who sit there."""


class SigningIn:
    """What proves who somebody is."""

    def __init__(self, parts: Parts, *, tries: SignInTries | None = None) -> None:
        """``tries`` counts wrong passwords; None makes what does."""
        self.tries = tries or SignInTries()
        self._people = People(parts.database)
        self._sessions = Sessions(parts.database)

    def verified(self, name: str, password: str, address: str) -> tuple[Person, str]:
        """Returns whose name and password these are, and the hash; counts the try before it looks.

        Raises:
            Denied: name or password is wrong, in the same words and as late.
            RateLimited: there were too many tries.
        """
        name = unicodedata.normalize("NFC", name[:LONGEST_NAME])
        self.tries.begin(name.casefold(), address)
        found = self._people.find(name)
        is_right = is_password(password[:LONGEST_PASSWORD], found[1] if found else None)
        if found is None or not is_right:
            raise Denied(WRONG)
        self.tries.succeeded(name.casefold(), address)
        person, kept = found
        if is_outdated(kept):
            renewed = password_hash(password)
            self._people.keep_hash(person.id, kept, renewed)
            kept = renewed
        return person, kept

    def begin(self, person: Person, proof: Identity | str, lasts: timedelta = SESSION_LASTS) -> str:
        """Returns the token of a new session, which is kept nowhere; ``proof`` as for ``Sessions.begin``.

        Raises:
            Denied: the account does not have it any more.
        """
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        if not self._sessions.begin(
            token, person.id, proof, now=now.isoformat(timespec="seconds"), expires=_written(now + lasts)
        ):
            raise Denied(WRONG)
        return token

    def person(self, caller: Caller) -> Person:
        """Returns the account of whoever is signed in; raises Denied for keys, and where there is none."""
        person = self._people.of_id(caller.person_id) if caller.person_id and not caller.key else None
        if person is None:
            raise Denied("This is for people who are signed in.")
        return person

    def is_recent(self, token: str) -> bool:
        """Returns whether whoever has ``token`` signed in with it just now."""
        return self._sessions.began_since(token, _written(datetime.now(UTC) - _RECENT))


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
