"""A provider of identities that signs whoever is named in, checks what a client sends, and can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "footnote", "canary-4711-secret"
Claims = dict[str, Any]


def new_key() -> ECKey:
    return ECKey.generate_key(
        "P-256", {"kid": secrets.token_hex(4), "use": "sig", "alg": "ES256"}, private=True
    )


@dataclass
class OidcProvider:
    """What it says, and how it lies."""

    issuer: str
    person: Claims = field(default_factory=lambda: {"sub": "anna-1", "preferred_username": "anna"})
    """Who is signed in there."""
    key: ECKey = field(default_factory=new_key)
    bend: Callable[[Claims], Claims] = field(default=lambda claims: claims)
    """What becomes of the claims of an ID token before they are signed."""
    sign: Callable[[OidcProvider, Claims], str] | None = None
    """Makes the token in place of ``key``."""
    userinfo: Claims = field(default_factory=dict)
    page: bytes | None = None
    """Answers everything that is no browser's, where it is set."""
    held: threading.Event = field(default_factory=threading.Event)
    """Nothing is answered before it is set, as it is at first."""
    described: Claims = field(default_factory=dict)
    """Instead of what its description says."""
    asked: list[str] = field(default_factory=list)
    """The paths, in their order."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.held.set()

    def description(self) -> Claims:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks",
                 "userinfo_endpoint": "userinfo"}  # fmt: skip
        found = {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        return {"issuer": self.issuer, **found, **self.described}

    def token(self, form: dict[str, str], login: str) -> tuple[int, Claims]:
        """What its token endpoint answers: a code is good for one, for its client, and with its verifier alone."""
        begun = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        name, _, secret = base64.b64decode(login.partition(" ")[2]).decode().partition(":")
        if (
            begun is None
            or (unquote(name), unquote(secret)) != (CLIENT, SECRET)
            or (begun["code_challenge"], begun["code_challenge_method"]) != (challenge, "S256")
            or begun["redirect_uri"] != form["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        claims = self.bend(claims | self.person)
        token = self.sign(self, claims) if self.sign else self.signed(claims)
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": token}

    def signed(self, claims: Claims, key: ECKey | None = None) -> str:
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, key or self.key)


@contextmanager
def oidc_provider() -> Iterator[OidcProvider]:
    """A provider on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = provider = OidcProvider(f"http://127.0.0.1:{server.server_port}/office")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    @property
    def provider(self) -> OidcProvider:
        found: OidcProvider = self.server.provider  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/office")
        self.provider.asked.append(path)
        if path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            code = secrets.token_urlsafe(8)
            self.provider.codes[code] = asked
            self.send_response(302)
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()
        elif path == "/.well-known/openid-configuration":
            self._answer(200, self.provider.description())
        elif path == "/jwks":
            self._answer(200, {"keys": [self.provider.key.as_dict(private=False)]})
        elif path == "/userinfo" and self.headers["Authorization"] == "Bearer access":
            self._answer(200, self.provider.userinfo)
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        self.provider.asked.append("/token")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.provider.token(form, self.headers["Authorization"] or ""))

    def _answer(self, status: int, said: Claims) -> None:
        self.provider.held.wait(30)
        body = json.dumps(said).encode() if self.provider.page is None else self.provider.page
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
