"""By which providers of identities people sign in to their accounts, and out there again."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from kb.errors import BackendDown, BadInput, Denied
from kb.knowledge_base.parts import Parts
from kb.knowledge_base.signing_in import SigningIn
from kb.state.api_keys import hashed
from kb.state.identities import Identities
from kb.state.people import People
from kb.state.sessions import Sessions
from kb.types import AccessScope, Caller

if TYPE_CHECKING:
    from kb.knowledge_base.provided_sign_in import ProvidedSignIn

log = logging.getLogger(__name__)

_MOST_REMEMBERED = 5_000
"""Sessions of which is known what the provider said; of others it asks whether they meant to sign out."""


@dataclass(frozen=True, slots=True)
class SignInWays:
    """How somebody can sign in."""

    has_password: bool
    is_connected: bool
    """Whether by the provider that is set."""


class IdentitiesService:
    """The provider that ``[oidc]`` names, and the identities with which accounts are connected."""

    def __init__(self, parts: Parts, signing_in: SigningIn) -> None:
        self._database = parts.database
        self._people = People(parts.database)
        self._sessions = Sessions(parts.database)
        self._identities = Identities(parts.database)
        self._signing_in = signing_in
        self._oidc = parts.settings.oidc
        self._lock = threading.Lock()
        self._id_tokens: OrderedDict[str, str] = OrderedDict()
        """Hash of a session's token -> what the provider said when it began. In memory: it names the person."""

    def provider_name(self) -> str:
        """Returns what people call the provider by which they can sign in; empty where none is set."""
        return self._provided.name if self._oidc.is_set else ""

    # --- Signing in ---------------------------------------------------------------------------

    def begin(
        self, *, browser: str, redirect_uri: str, after: str, address: str, caller: Caller | None
    ) -> str:
        """Returns the provider's address for ``browser``, as ``ProvidedSignIn.begin`` does, which says what it raises.

        ``caller`` is whose account is to be connected; None signs in.
        """
        person_id = 0 if caller is None else self._signing_in.person(caller).id
        return self._provided.begin(
            browser=browser, redirect_uri=redirect_uri, after=after, address=address, person_id=person_id
        )

    def finish(
        self, *, state: str, code: str, issuer: str | None, browser: str, caller: Caller
    ) -> tuple[str, str]:
        """Returns the token of a new session, and where they wanted to go. ``caller`` is who is signed in by now.

        Raises:
            Denied, Conflict, BackendDown: as ``ProvidedSignIn.finish`` does.
        """
        came = self._provided.finish(
            state=state, code=code, issuer=issuer, browser=browser, person_id=caller.person_id
        )
        token = self._signing_in.begin(came.person, came.identity, timedelta(hours=self._oidc.hours))
        with self._lock:
            self._id_tokens[hashed(token)] = came.id_token
            if len(self._id_tokens) > _MOST_REMEMBERED:
                self._id_tokens.popitem(last=False)
        return token, came.after

    def require_proof(self, password: str, *, token: str, address: str, caller: Caller) -> None:
        """Does nothing for whoever signed in with ``token`` just now, or knows the password of their account.

        Raises:
            Denied: neither is so.
            RateLimited: the password was guessed too often.
        """
        person = self._signing_in.person(caller)
        if self._signing_in.is_recent(token):
            return
        if not self._identities.ways(person.id)[0]:
            raise Denied("Sign out, and in again, first.")
        self._signing_in.verified(person.name, password, address)

    def is_recent(self, token: str, *, caller: Caller) -> bool:
        """Returns whether whoever is signed in did so just now, so that no proof is asked for."""
        self._signing_in.person(caller)
        return self._signing_in.is_recent(token)

    def require_recent(self, token: str, *, caller: Caller) -> None:
        """Does nothing for owners, and for whoever signed in with ``token`` just now; raises Denied for the rest."""
        if caller.collections is None and caller.scope.includes(AccessScope.ADMIN):
            return
        if caller.key or not self._signing_in.is_recent(token):
            raise Denied("Sign in anew first: this is done within five minutes of signing in.")

    # --- Accounts -----------------------------------------------------------------------------

    def ways(self, *, caller: Caller) -> SignInWays:
        """Returns how whoever is signed in can sign in."""
        has_password, issuers = self._identities.ways(self._signing_in.person(caller).id)
        return SignInWays(has_password, self._oidc.issuer in issuers)

    def of(self, name: str, *, caller: Caller) -> tuple[str, ...]:
        """Returns the providers by which an account signs in, by their addresses.

        Raises:
            Denied: it is not the caller's own, and the caller is no owner.
            NotFound: there is no such account.
        """
        self._require_own(name, caller)
        return self._identities.ways(self._people.get(name).id)[1]

    def disconnect(self, name: str, issuer: str | None = None, *, caller: Caller) -> None:
        """Ends that an account signs in by a provider, with every session that began so; None is the only one.

        Raises:
            Denied: as ``of`` does.
            NotFound: there is no such account, or it is not connected so.
            BadInput: it is connected with several, and none is named.
            Conflict: nobody could sign in to it any more.
        """
        self._require_own(name, caller)
        person = self._people.get(name)
        issuers = self._identities.ways(person.id)[1]
        if issuer is None and len(issuers) > 1:
            raise BadInput(f"Say which provider is meant: {', '.join(issuers)}.")
        chosen = issuer or next(iter(issuers), "")
        self._identities.disconnect(
            person.id, chosen, in_use=self._oidc.issuer if self._oidc.is_set else None
        )

    # --- Signing out --------------------------------------------------------------------------

    def ends_there(self, token: str) -> bool:
        """Returns whether whoever signs out of this session signs out at the provider, too: it began there."""
        is_wanted = self._oidc.is_set and self._oidc.sign_out_there
        return is_wanted and self._sessions.issuer(token) == self._oidc.issuer

    def sign_out_address(self, token: str, *, redirect_uri: str, state: str) -> str | None:
        """Returns where a browser goes to end its session at the provider; None where that is not known.

        ``token`` is of a session that began there, and may have ended.
        """
        with self._lock:
            id_token = self._id_tokens.pop(hashed(token), None)
        try:
            return self._provided.sign_out_address(id_token=id_token, state=state, redirect_uri=redirect_uri)
        except BackendDown:  # here they are signed out whatever becomes of it
            log.warning("the provider of identities was not told of somebody who signed out")
            return None

    def _require_own(self, name: str, caller: Caller) -> None:
        if caller.key or caller.person.casefold() != name.casefold():
            caller.require_whole()

    @cached_property
    def _provided(self) -> ProvidedSignIn:
        # imported here: it brings libraries that no command needs
        from kb.knowledge_base.provided_sign_in import ProvidedSignIn

        if not self._oidc.is_set:
            raise Denied("Nobody signs in so here.")
        return ProvidedSignIn(self._oidc, self._database)
