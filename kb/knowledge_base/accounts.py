"""Accounts of the people who share a library: who they are, how they sign in, and how far each reaches."""

from __future__ import annotations

import hmac
import secrets
import threading
import unicodedata
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kb.config import DEFAULT_COLLECTION
from kb.errors import BadInput, Denied, FootnoteError
from kb.knowledge_base.parts import Parts
from kb.knowledge_base.signing_in import LONGEST_NAME, LONGEST_PASSWORD, WRONG, SigningIn
from kb.state.conversations import AnswerRuns
from kb.state.identities import Identities
from kb.state.people import People
from kb.state.sessions import Sessions
from kb.state.shares import Shares
from kb.system.passwords import password_hash
from kb.text.look_alikes import is_unseen
from kb.types import OWNER, Caller, Person, Role

SESSION_RESTS = timedelta(days=7)
"""For how long a session lasts of which nothing comes."""
_SHORTEST_PASSWORD = 8
"""As NIST SP 800-63B asks for; longer is left to people, as are the characters."""
_CODE_BYTES = 9


class AccountsService:
    """People with an account, and whom a session stands for."""

    def __init__(self, parts: Parts, signing_in: SigningIn) -> None:
        self._signing_in = signing_in
        self._people = People(parts.database)
        self._sessions = Sessions(parts.database)
        self._shares = Shares(parts.database)
        self._runs = AnswerRuns(parts.database)
        self._identities = Identities(parts.database)
        self._code = ""
        self._making_owner = threading.Lock()

    # --- Accounts -----------------------------------------------------------------------------

    def all(self, *, caller: Caller) -> list[Person]:
        """Returns every account, in the order of their names."""
        caller.require_whole()
        return self._people.all()

    def add(self, name: str, password: str, role: Role, *, caller: Caller) -> Person:
        """Makes an account.

        Raises:
            BadInput: nobody can be called so, or the password is too short.
            Conflict: the name is taken, or collections of somebody who had it are still there.
            Denied: the caller is no owner.
        """
        caller.require_whole()
        return self._add(name, password, role)[0]

    def remove(self, name: str, *, caller: Caller) -> None:
        """Deletes an account with its conversations, keys, shares and sessions; its collections stay, the owners'.

        Raises:
            NotFound, Conflict: as ``People.remove`` does.
            Denied: it is not the caller's own, and the caller is no owner.
        """
        if caller.key or caller.person.casefold() != name.casefold():
            caller.require_whole()
        person = self._people.remove(name)
        self._runs.remove_all(person.identity)

    def change(
        self, name: str, *, role: Role | None = None, password: str | None = None, caller: Caller
    ) -> Person:
        """Gives an account another role, which counts from its next request on, or another password; None keeps it.

        Raises:
            NotFound, Conflict: as ``People.set_role`` does; then nothing is changed.
            BadInput: nobody can have such a password.
            Denied: the caller is no owner.
        """
        caller.require_whole()
        if password is not None:
            _require_password(password, name)
        if role is not None:
            self._people.set_role(name, role)
        if password is not None:
            self._people.set_password(name, password_hash(password))
        return self._people.get(name)

    def set_password(self, name: str, password: str, *, caller: Caller) -> None:
        """Gives an account another password, which ends its sessions; raises NotFound, BadInput, Denied."""
        caller.require_whole()
        _require_password(password, name)
        self._people.set_password(name, password_hash(password))

    def change_password(self, old: str, new: str, *, caller: Caller, address: str) -> str:
        """Changes the password of whoever is signed in, which ends their sessions; returns the token of a new one.

        Raises:
            BadInput: the new one is too short.
            Denied: the old one is wrong.
            RateLimited: it was guessed too often.
        """
        person = self._signing_in.person(caller)
        _require_password(new, person.name)
        self._signing_in.verified(person.name, old, address)
        made = password_hash(new)
        self._people.set_password(person.name, made)
        return self._signing_in.begin(person, made)

    def delete_own(self, password: str, *, caller: Caller, address: str) -> None:
        """Deletes the account of whoever is signed in, as ``remove`` does.

        Raises:
            Denied: it is not their password; of an account without one, not its name.
            Conflict: it is the last owner's.
            RateLimited: the password was guessed too often.
        """
        person = self._signing_in.person(caller)
        if self._identities.ways(person.id)[0]:
            self._signing_in.verified(person.name, password, address)
        elif password.strip() != person.name:
            raise Denied(WRONG)
        self.remove(person.name, caller=caller)

    def account(self, *, caller: Caller) -> Person | None:
        """Returns the account behind a call; None where there is none: the owner of the machine."""
        return self._people.of_id(caller.person_id) if caller.person_id else None

    # --- The first owner ----------------------------------------------------------------------

    def has_owner(self, *, caller: Caller) -> bool:
        """Returns whether some account is an owner's; raises Denied."""
        caller.require_whole()
        return any(person.role is Role.OWNER for person in self._people.all())

    def new_first_code(self, *, caller: Caller) -> str:
        """Returns the code with which the first visit makes the owner's account; none was valid before it."""
        caller.require_whole()
        self._code = secrets.token_urlsafe(_CODE_BYTES)
        return self._code

    def is_without_owner(self) -> bool:
        """Returns whether the first visit is to make the owner's account."""
        return bool(self._code) and not self.has_owner(caller=OWNER)

    def make_first_owner(self, code: str, name: str, password: str, *, address: str) -> str:
        """Makes the owner's account; returns the token of a session. The code is good for one.

        Raises:
            Denied: the code is wrong, or there is an owner.
            BadInput, Conflict: as ``add`` does; the code stays good.
            RateLimited: it was guessed too often.
        """
        with self._making_owner:
            self._signing_in.tries.begin("", address)
            if not self.is_without_owner() or not hmac.compare_digest(self._code.encode(), code.encode()):
                raise Denied("The code is wrong. It stands in the terminal in which Footnote was started.")
            self._signing_in.tries.succeeded("", address)
            made = self._add(name, password, Role.OWNER)
            self._code = ""
        return self._signing_in.begin(*made)

    # --- Sessions -----------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, *, address: str) -> str:
        """Returns the token of a new session, which is kept nowhere.

        Raises:
            Denied: name or password is wrong, in the same words and as late.
            RateLimited: there were too many tries.
        """
        return self._signing_in.begin(*self._signing_in.verified(name.strip(), password, address))

    # --- Who a session stands for -------------------------------------------------------------

    def caller_with(self, token: str, *, noted: bool = True) -> Caller | None:
        """Returns whom a session stands for, and notes that it was used if ``noted``; None where it opens nothing."""
        now = datetime.now(UTC)
        found = self._sessions.find(
            token, now=_written(now), used_since=_written(now - SESSION_RESTS, "minutes")
        )
        person = None if found is None else self._people.of_id(found.person_id)
        if found is None or person is None:
            return None
        minute = _written(now, "minutes")
        if noted and found.last_used != minute:
            with suppress(FootnoteError):  # a full disk keeps nobody out
                self._sessions.touch(token, minute)
                self._people.touch(person.id, minute)
        return replace(self.caller_for(person), origin="page")

    def caller_for(self, person: Person) -> Caller:
        """Returns a call of somebody, with all that they may see."""
        known = Caller(
            OWNER.id,
            scope=person.role.scope,
            person=person.name,
            person_id=person.id,
            identity=person.identity,
        )
        if person.role is Role.OWNER:
            return known
        reach = self._shares.reach(person.id, person.home)
        return replace(
            known,
            collections=frozenset(reach),
            writable=frozenset(name for name, role in reach.items() if role is Role.EDITOR),
            movable=frozenset(),
            home=person.home,
            unnamed=f"{person.home}{DEFAULT_COLLECTION}",
        )

    def caller_of_identity(self, identity: str) -> Caller | None:
        """Returns a call of the person under whose ``identity`` something is stored; None where they are gone."""
        person = self._people.of_identity(identity)
        return None if person is None else self.caller_for(person)

    def refreshed(self, *, caller: Caller) -> Caller:
        """Returns ``caller`` with what may be seen by now; raises Denied where the account is gone."""
        if not caller.person_id or caller.key:
            return caller
        return replace(self.caller_for(self._signing_in.person(caller)), origin=caller.origin)

    def sign_out(self, token: str) -> None:
        self._sessions.end(token)

    def sign_out_everywhere(self, *, caller: Caller) -> None:
        """Ends every session of whoever is signed in."""
        self._sessions.end_all(self._signing_in.person(caller).id)

    # --- What these share ---------------------------------------------------------------------

    def _add(self, name: str, password: str, role: Role) -> tuple[Person, str]:
        """Returns a new account, and the hash of its password."""
        _require_name(name)
        _require_password(password, name)
        made = password_hash(password)
        return self._people.add(name, made, role), made


def _written(moment: datetime, to: str = "seconds") -> str:
    return moment.isoformat(timespec=to)


def _require_name(name: str) -> None:
    kinds = {unicodedata.category(character)[0] for character in name}
    rest = {character for character in name if unicodedata.category(character)[0] not in "LMN"}
    is_seen = not any(map(is_unseen, name))
    fits = "L" in kinds and rest <= set("._-") and is_seen and not name.startswith(("-", "."))
    if not fits or len(name) > LONGEST_NAME or unicodedata.normalize("NFC", name) != name:
        raise BadInput(
            f"The name of an account is of letters, digits, '.', '_' and '-', at most {LONGEST_NAME} characters, "
            "with a letter among them, and does not begin with '.' or '-'.",
            key="account_name",
            most=str(LONGEST_NAME),
        )


def _require_password(password: str, name: str) -> None:
    if not _SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(
            f"A password has {_SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            key="password_length",
            least=str(_SHORTEST_PASSWORD),
            most=str(LONGEST_PASSWORD),
        )
    if password.casefold() == name.casefold() or len(set(password)) < 3:
        raise BadInput("This password is guessed at once. Choose another one.", key="password_guessed")
