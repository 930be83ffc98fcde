"""Takes over what a reverse proxy says of the request that it passes on, where the owner trusts that proxy."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.config.server import Network


class TrustedProxies:
    """Puts client, scheme and host of a request of a trusted proxy as it says they are; passes others as they are."""

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if scope["type"] != "lifespan" and client and self._is_trusted(client[0]):
            scope = self._as_said(scope)
        await self._app(scope, receive, send)

    def _as_said(self, scope: Scope) -> Scope:
        """Returns the scope of the request as the proxy got it.

        Of several values the last one is that of the proxy next to us; of clients, the last that is no proxy.
        """
        headers = Headers(scope=scope)
        scheme = (_values(headers, "x-forwarded-proto") or [scope["scheme"]])[-1].lower()
        hosts = _values(headers, "x-forwarded-host")
        clients = [each for each in _values(headers, "x-forwarded-for") if _is_address(each)]
        client = next((each for each in reversed(clients) if not self._is_trusted(each)), scope["client"][0])
        changed = {
            **scope,
            "scheme": scheme if scheme in ("http", "https") else scope["scheme"],
            "client": (client, 0 if clients else scope["client"][1]),
            "headers": list(scope["headers"]),
        }
        if hosts:
            MutableHeaders(scope=changed)["host"] = hosts[-1]
        return changed

    def _is_trusted(self, address: str) -> bool:
        if not _is_address(address):
            return False
        return any(ipaddress.ip_address(address) in network for network in self._networks)


def _values(headers: Headers, name: str) -> list[str]:
    return [part.strip() for part in ",".join(headers.getlist(name)).split(",") if part.strip()]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
