"""A provider of identities (OpenID Connect) by which people sign in instead of with a password."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from kb.config.section import Key, Section
from kb.system.addresses import is_loopback, split_url


class OidcSettings(Section):
    """Signing in by Keycloak, Authentik, Google, or another provider of OpenID Connect."""

    issuer: str | None = Field(
        default=None,
        description="The provider's address, by https, below which /.well-known/openid-configuration stands, as in "
        "https://login.example.org/realms/office: docs/sharing.md.",
    )
    client_id: str | None = Field(default=None, description="What the provider calls this Footnote.")
    client_secret: Key = Field(
        default=None,
        description="The secret that the provider gave with it; none for a public client.",
        json_schema_extra={"address": "issuer"},
    )
    name: str | None = Field(
        default=None,
        max_length=60,
        description="What the button says after Sign in with; none is the provider's host name.",
    )
    scopes: str = Field(
        default="openid profile email",
        description="What is asked for, with blanks between; some providers tell groups only for one of their own.",
    )
    everybody: bool = Field(
        default=False, description="Whether whoever the provider lets sign in may come, and gets an account."
    )
    domains: str | None = Field(
        default=None,
        description="Whose verified e-mail address is at one of these may come, with commas between them, as in "
        "example.org, example.com.",
    )
    groups: str | None = Field(
        default=None,
        description="Who is in one of these groups of the provider may come, with commas between them.",
    )
    groups_claim: str = Field(default="groups", description="Under which name the provider tells groups.")
    role: Literal["reader", "editor"] = Field(
        default="editor", description="What a person becomes who comes for the first time: reader, or editor."
    )

    hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="For how many hours one is signed in so; then the provider is asked again whether one may come.",
    )

    @field_validator("issuer")
    @classmethod
    def _address(cls, given: str | None) -> str | None:
        """Keeps it as it is written, since tokens have to name it so; raises ValueError where it cannot be trusted."""
        parts = None if given is None else split_url(given)
        if given is None:
            return None
        if (
            parts is None
            or (parts.scheme != "https" and not is_loopback(given))
            or parts.query
            or parts.fragment
        ):
            raise ValueError("not the address of a provider")
        return given

    @property
    def is_set(self) -> bool:
        """Whether people can sign in so."""
        return bool(self.issuer and self.client_id)
