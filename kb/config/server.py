"""Where the page and the API are served, and to whom."""

from __future__ import annotations

import ipaddress
from typing import Literal

from pydantic import Field, field_validator

from kb.config.section import Section, TypedPath

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ServerSettings(Section):
    """The address of the page and the API."""

    host: str = Field(
        default="127.0.0.1",
        description="The address the page listens on. Off loopback everybody needs an account.",
    )
    port: int = Field(default=7860, ge=1, le=65535, description="The port the page listens on.")
    local_accounts: Literal["mine", "all"] = Field(
        default="mine",
        description="Which accounts of this machine are answered: mine (that of the account that started it, and no "
        "other, root included), or all. Where Footnote has accounts of its own, these decide.",
    )
    accounts: bool = Field(
        default=False,
        description="Whether everybody has to sign in, on this machine, too: docs/sharing.md. Off loopback it is so "
        "in any case.",
    )
    names: str | None = Field(
        default=None,
        description="Under which names other machines reach it, with commas between them, as in notes.example.org; "
        "with another port than port, notes.example.org:8443. Its addresses and its own name are known.",
    )
    certificate: TypedPath | None = Field(
        default=None, description="A certificate with its chain (PEM): then it speaks HTTPS alone."
    )
    certificate_key: TypedPath | None = Field(
        default=None,
        description="The private key of that certificate (PEM), where it is in a file of its own.",
    )
    trusted_proxies: str | None = Field(
        default=None,
        description="Addresses or networks of reverse proxies, with commas between them, as in 10.0.0.2, "
        "192.168.0.0/24: their X-Forwarded-For, -Proto and -Host are believed, those of all others passed over.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, given: str | None) -> str | None:
        for each in listed(given):
            ipaddress.ip_network(each, strict=False)
        return given

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of ``trusted_proxies``."""
        return tuple(ipaddress.ip_network(each, strict=False) for each in listed(self.trusted_proxies))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)

    @property
    def asks_to_sign_in(self) -> bool:
        """Whether everybody needs an account."""
        return self.accounts or not self.is_loopback


def listed(given: str | None) -> tuple[str, ...]:
    """Returns the values of a setting that has commas between them."""
    return tuple(part.strip() for part in (given or "").split(",") if part.strip())


def is_loopback(host: str) -> bool:
    """Returns whether only this machine can connect to ``host``."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
