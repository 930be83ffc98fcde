"""Signing in by a provider of identities: who is sent there, who comes back, and which account is theirs."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kb.config.oidc import OidcSettings
from kb.config.server import listed
from kb.errors import Conflict, Denied
from kb.knowledge_base.identity_provider import IdentityProvider
from kb.knowledge_base.provided_groups import ProvidedGroups, said_groups
from kb.state.identities import Identities, Identity
from kb.state.people import People
from kb.state.shares import Shares
from kb.state.sql import SqlDatabase
from kb.system.sign_in_tries import network_of
from kb.text.look_alikes import is_unseen
from kb.types import Person

_PATIENCE_S = 600.0
"""For signing in at the provider; afterwards one begins anew."""
_MOST_KEPT = 5_000
_MOST_OF_ONE = 200
"""Of an address: whoever begins without end loses their own, and keeps nobody else from coming back."""
_LONGEST_NAME = 64
_MOST_NAMESAKES = 100
_EXPIRED = "This took too long, or was begun in another browser. Try to sign in once more."


@dataclass(frozen=True, slots=True)
class _Begun:
    """Somebody was sent to the provider."""

    browser: str
    """What the browser holds that was sent: nobody is signed in as somebody else by a link."""
    nonce: str
    verifier: str
    redirect_uri: str
    after: str
    person_id: int
    """Whose account is to be connected; 0 for signing in."""
    network: str
    """Where the browser is."""
    at: float


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody came back from the provider."""

    person: Person
    identity: Identity
    after: str
    """Where they wanted to go."""
    id_token: str
    """What the provider said of them, for the day on which they sign out there."""


class ProvidedSignIn:
    """One provider, and the accounts of those whom it knows. What was begun is kept in memory, and is good for one."""

    def __init__(
        self,
        settings: OidcSettings,
        database: SqlDatabase,
        *,
        provider: IdentityProvider | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``provider`` speaks with it; None makes what does."""
        self._settings = settings
        self._people = People(database)
        self._identities = Identities(database)
        self._groups = ProvidedGroups(settings, self._people, Shares(database))
        self._provider = provider or IdentityProvider(settings)
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: OrderedDict[str, _Begun] = OrderedDict()

    @property
    def name(self) -> str:
        """What people call the provider."""
        return self._provider.name

    def begin(self, *, browser: str, redirect_uri: str, after: str, address: str, person_id: int = 0) -> str:
        """Returns the address to which ``browser``, a secret that it holds, is sent; it comes back to ``redirect_uri``.

        ``address`` is where it is; ``person_id`` the account to which whoever signs in there is connected; 0 signs in.

        Raises:
            BackendDown: the provider is away.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        place = self._provider.address(state=state, nonce=nonce, verifier=verifier, redirect_uri=redirect_uri)
        network = network_of(address)
        with self._lock:
            self._begun[state] = _Begun(
                browser, nonce, verifier, redirect_uri, after, person_id, network, self._clock()
            )
            of_one = [each for each, begun in self._begun.items() if begun.network == network]
            if len(of_one) > _MOST_OF_ONE:
                del self._begun[of_one[0]]
            while len(self._begun) > _MOST_KEPT:
                self._begun.popitem(last=False)
        return place

    def sign_out_address(self, *, id_token: str | None, state: str, redirect_uri: str) -> str | None:
        """Returns as ``IdentityProvider.sign_out_address`` does."""
        return self._provider.sign_out_address(id_token=id_token, state=state, redirect_uri=redirect_uri)

    def finish(self, *, state: str, code: str, issuer: str | None, browser: str, person_id: int) -> Came:
        """Returns whose account it is, made where there was none, with the role and in the groups that are theirs.

        ``issuer`` is what came with the code (RFC 9207); None for nothing. ``person_id`` is who is signed in by now: an
        account is connected by nobody whose session has ended meanwhile; 0 is nobody.

        Raises:
            Denied: it was not begun so, the provider does not confirm it, or they may not come.
            Conflict: the account, or who signed in, is connected otherwise already.
            BackendDown: the provider is away.
        """
        with self._lock:
            begun = self._begun.pop(state, None)
        if (
            begun is None
            or not hmac.compare_digest(begun.browser.encode(), browser.encode())
            or begun.person_id not in (0, person_id)
            or self._clock() - begun.at > _PATIENCE_S
            or issuer not in (None, self._provider.issuer)
        ):
            raise Denied(_EXPIRED)
        said = self._provider.confirmed(
            code, nonce=begun.nonce, verifier=begun.verifier, redirect_uri=begun.redirect_uri
        )
        identity = Identity(self._provider.issuer, str(said.claims["sub"]))
        groups = said_groups(said.claims, self._settings.groups_claim)
        person = self._people.provided(identity)
        if begun.person_id:
            person = self._connected(begun.person_id, person, identity)
        elif not self._may_come(said.claims, groups, is_known=person is not None):
            raise Denied(
                f"{self.name} knows you, but you may not come in here. Ask the owner of the library."
            )
        person = self._groups.keep_in_step(person or self._made(said.claims, identity, groups), groups)
        return Came(person, identity, begun.after, said.id_token)

    def _connected(self, person_id: int, known: Person | None, identity: Identity) -> Person:
        if known is not None and known.id != person_id:
            raise Conflict(f"This identity of {self.name} belongs to another account.")
        if known is None:
            self._identities.connect(person_id, identity)
        found = self._people.of_id(person_id)
        if found is None:
            raise Denied(_EXPIRED)
        return found

    def _may_come(self, claims: Mapping[str, Any], said: frozenset[str], *, is_known: bool) -> bool:
        """Returns whether the owner lets them in; asked each time, so that who leaves a group stays out."""
        domains = {domain.casefold().removeprefix("@") for domain in listed(self._settings.domains)}
        groups = set(listed(self._settings.groups))
        if self._settings.everybody or not (domains or groups):
            return self._settings.everybody or is_known
        email = claims.get("email")
        verified = email if isinstance(email, str) and claims.get("email_verified") is True else ""
        is_at_one = verified.rpartition("@")[2].casefold() in domains
        return is_at_one or not groups.isdisjoint(said)

    def _made(self, claims: Mapping[str, Any], identity: Identity, groups: frozenset[str]) -> Person:
        """Returns a new account under a name that is free: a name of the provider is nobody's here."""
        base = _name(claims)
        for number in range(1, _MOST_NAMESAKES):
            name = base if number == 1 else f"{base}-{number}"
            try:
                return self._people.add_provided(name, self._groups.role(groups), identity)
            except Conflict:
                if (found := self._people.provided(identity)) is not None:  # they came in two windows at once
                    return found
        raise Denied(f"There are too many accounts called {base!r}. Ask the owner of the library.")


def _name(claims: Mapping[str, Any]) -> str:
    """Returns a name as accounts have them, made of what the provider calls somebody."""
    email = claims.get("email")
    local = email.partition("@")[0] if isinstance(email, str) else ""
    for said in (claims.get("preferred_username"), local, claims.get("name")):
        text = unicodedata.normalize("NFC", said).partition("@")[0] if isinstance(said, str) else ""
        kept = "".join(
            character if unicodedata.category(character)[0] in "LMN" or character in "._-" else "-"
            for character in text.strip()
            if not is_unseen(character)
        ).strip("-.")[: _LONGEST_NAME - 4]
        if any(unicodedata.category(character)[0] == "L" for character in kept):
            return unicodedata.normalize("NFC", kept)
    return "person"
