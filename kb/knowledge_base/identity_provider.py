"""A provider of identities, as OpenID Connect 1.0 has it: where people are sent, and who came back.

The authorization code flow with PKCE (RFC 7636) alone: what a browser carries back is a code that is good for one, with
a secret that never left this process. An ID token counts once its signature, issuer, audience, time and nonce are
right, whichever way it came.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from kb.config.oidc import OidcSettings
from kb.errors import BackendDown, Denied
from kb.models.replies import NotJson, from_json
from kb.models.transport import QUICK_SECONDS, ModelServer
from kb.system.addresses import is_loopback, split_url

log = logging.getLogger(__name__)

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make: with a shared secret, or none, whoever knows the client could."""
_FRESH_S = 3600.0
"""For how long the provider's description and keys are kept."""
_BETWEEN_LOOKS_S = 10.0
"""Neither a key that is not known nor a provider that is away is asked about more often."""
_LEEWAY_S = 60
_MOST_BYTES = 1 << 20
_LONGEST_HINT = 4096
"""Characters of a token within an address: servers refuse addresses of twice that."""
_CODE = "authorization_code"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(slots=True)
class _Kept:
    """What was fetched."""

    value: Any = None
    fetched: float = float("-inf")
    failed: float = float("-inf")
    """When the last try did not work."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is fetched, so that it is fetched once."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a provider says of somebody."""

    claims: Mapping[str, Any]
    id_token: str


class IdentityProvider:
    """One provider. Calls wait for it, so they belong into threads of their own; safe to use from several."""

    def __init__(self, settings: OidcSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        """``settings`` name an issuer and a client."""
        self._settings = settings
        self._issuer = settings.issuer or ""
        self._client = settings.client_id or ""
        self._clock = clock
        self._kept = {"description": _Kept(), "keys": _Kept()}

    @property
    def issuer(self) -> str:
        return self._issuer

    @property
    def name(self) -> str:
        """What people call it."""
        return self._settings.name or urlsplit(self._issuer).hostname or self._issuer

    def address(self, *, state: str, nonce: str, verifier: str, redirect_uri: str) -> str:
        """Returns where a browser is sent to sign in; raises BackendDown."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        endpoint = self._endpoint("authorization_endpoint")
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client,
                "redirect_uri": redirect_uri,
                "scope": self._settings.scopes,
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    def sign_out_address(self, *, id_token: str | None, state: str, redirect_uri: str) -> str | None:
        """Returns where a browser is sent to end its session there; None where the provider does not say.

        As OpenID Connect RP-Initiated Logout 1.0 has it. ``id_token`` is what it said when they signed in; without it
        the provider asks them whether they meant it.

        Raises:
            BackendDown: it does not answer.
        """
        endpoint = self._description().get("end_session_endpoint")
        if endpoint is None:
            return None
        query = {"client_id": self._client, "post_logout_redirect_uri": redirect_uri, "state": state}
        if id_token is not None and len(id_token) <= _LONGEST_HINT:
            query["id_token_hint"] = id_token
        return f"{_safe(endpoint)}{'&' if '?' in str(endpoint) else '?'}{urlencode(query)}"

    def confirmed(self, code: str, *, nonce: str, verifier: str, redirect_uri: str) -> Confirmed:
        """Returns what the provider says of whoever brought ``code``; ``sub`` is a text.

        Raises:
            Denied: it does not take the code, or its token is not what it should be.
            BackendDown: it does not answer, or answers something else.
        """
        tokens = self._exchanged(code, verifier, redirect_uri)
        claims = self._verified(tokens.get("id_token"), nonce)
        more = self._more(tokens.get("access_token"), claims)
        return Confirmed({**more, **claims}, str(tokens["id_token"]))

    # --- The provider -------------------------------------------------------------------------

    def _exchanged(self, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        secret = self._settings.client_secret
        fields = {"grant_type": _CODE, "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        login = None
        if secret is None:
            fields["client_id"] = self._client
        else:  # RFC 6749 2.3.1: both are encoded as in a form before
            login = httpx.BasicAuth(quote(self._client, safe=""), quote(secret.get_secret_value(), safe=""))
        return self._asked(self._endpoint("token_endpoint"), fields=fields, login=login)

    def _more(self, access_token: object, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Returns what stands beside the token: some providers tell e-mail addresses and groups only there."""
        endpoint = self._description().get("userinfo_endpoint")
        wanted = ["email"] if self._settings.domains else []
        wanted += [self._settings.groups_claim] if self._settings.asks_for_groups else []
        if not isinstance(access_token, str) or endpoint is None or all(name in claims for name in wanted):
            return {}
        found = self._asked(_safe(endpoint), headers={"Authorization": f"Bearer {access_token}"})
        if found.get("sub") != claims["sub"]:  # OpenID Connect Core 5.3.2
            raise self._refused("the user info is of another person")
        return dict(found)

    def _verified(self, token: object, nonce: str) -> dict[str, Any]:
        if not isinstance(token, str):
            raise self._refused("there is no ID token")
        try:
            claims = self._decoded(token)
            self._registry().validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise self._refused(f"{type(error).__name__}: {error}") from error
        if claims.get("nonce") != nonce or not isinstance(claims.get("sub"), str):
            raise self._refused("the nonce is another, or there is no subject")
        others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (others or "azp" in claims) and claims.get("azp") != self._client:
            raise self._refused("the token is for another client")
        return claims

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )

    def _decoded(self, token: str) -> dict[str, Any]:
        """Returns the claims of a token with a good signature; with the keys of now where it names a new one."""
        try:
            return jwt.decode(token, self._keys(), algorithms=_ALGORITHMS).claims
        except InvalidKeyIdError:
            return jwt.decode(token, self._keys(newer=True), algorithms=_ALGORITHMS).claims

    def _keys(self, *, newer: bool = False) -> KeySet:
        def fetched() -> KeySet:
            found = self._asked(self._endpoint("jwks_uri"))
            try:
                return KeySet.import_key_set(_of_signatures(found))
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise BackendDown(self._nonsense) from error

        keys: KeySet = self._fresh("keys", fetched, within=_BETWEEN_LOOKS_S if newer else _FRESH_S)
        return keys

    def _endpoint(self, name: str) -> str:
        return str(self._description()[name])

    def _description(self) -> Mapping[str, Any]:
        def fetched() -> Mapping[str, Any]:
            found = self._asked(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:  # OpenID Connect Discovery 4.3
                raise BackendDown(self._nonsense)
            for name in _ENDPOINTS:
                _safe(found.get(name))
            return found

        description: Mapping[str, Any] = self._fresh("description", fetched, within=_FRESH_S)
        return description

    def _fresh(self, name: str, fetch: Callable[[], Any], *, within: float) -> Any:
        """Returns what was fetched within so many seconds, else fetches it; what is there is good while it cannot."""
        kept = self._kept[name]
        with kept.lock:
            now = self._clock()
            if kept.value is not None and now - kept.fetched < within:
                return kept.value
            if now - kept.failed < _BETWEEN_LOOKS_S:
                if kept.value is None:
                    raise BackendDown(self._away)
                return kept.value
            try:
                kept.value, kept.fetched = fetch(), now
            except BackendDown:
                kept.failed = now
                if kept.value is None:
                    raise
                log.warning("the provider of identities is away; what it said before counts")
            return kept.value

    def _asked(
        self,
        url: str,
        *,
        fields: Mapping[str, str] | None = None,
        login: httpx.BasicAuth | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """Returns the object that an address answers; raises Denied where it refuses ``fields``, else BackendDown."""
        server = ModelServer(url, who=self.name, start="Try again in a moment.", most_bytes=_MOST_BYTES)
        options = {**server.options(read_seconds=QUICK_SECONDS), "auth": login}
        try:
            with server.errors(), httpx.Client(**options) as client:
                sent = None if fields is None else dict(fields)
                answer = client.request("GET" if sent is None else "POST", url, data=sent, headers=headers)
                found = from_json(answer.content)
        except NotJson as error:
            raise BackendDown(self._nonsense) from error
        except BackendDown as error:
            log.warning("the provider of identities does not answer", extra={"reason": str(error)})
            raise BackendDown(self._away) from error
        if answer.status_code == HTTPStatus.OK and isinstance(found, dict):
            return found
        if fields is not None and answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._refused(f"{answer.status_code}: {found}")
        raise BackendDown(self._nonsense)

    def _refused(self, reason: str) -> Denied:
        log.warning("signing in by the provider was refused", extra={"reason": reason[:300]})
        return Denied(f"{self.name} did not confirm who you are. Try to sign in once more.")

    @property
    def _away(self) -> str:
        return f"{self.name} does not answer. Try again in a moment."

    @property
    def _nonsense(self) -> str:
        return f"{self.name} answered something else than a provider of identities does. The owner can look at the log."


def _safe(url: object) -> str:
    """Returns an address that secrets may be sent to; raises BackendDown for others."""
    parts = split_url(url) if isinstance(url, str) else None
    if parts is None or not isinstance(url, str) or not (parts.scheme == "https" or is_loopback(url)):
        raise BackendDown("The provider of identities names an address without HTTPS.")
    return url


def _of_signatures(found: Mapping[str, Any]) -> Any:
    """Returns a set of keys without those that encrypt, or are of a kind that nobody here knows."""
    kinds = ("RSA", "EC", "OKP")
    keys = [key for key in found["keys"] if key.get("use", "sig") == "sig" and key.get("kty") in kinds]
    return {"keys": keys}
