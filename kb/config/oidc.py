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
    to_groups: str | None = Field(
        default=None,
        description="Which groups of the provider are which groups here, with semicolons between them, as in "
        "staff = office; /lab/heads = heads. At each sign-in a person is put into these and taken out of the rest of "
        "them.",
    )
    to_roles: str | None = Field(
        default=None,
        description="Which groups of the provider make somebody what, with semicolons between them, as in "
        "guests = reader; library-admins = owner. The most of them counts at each sign-in; who is in none of them is "
        "what role says. Owners are made, and unmade, by it alone where it names owner.",
    )
    role: Literal["reader", "editor"] = Field(
        default="editor", description="What a person becomes who comes for the first time: reader, or editor."
    )
    sign_out_there: bool = Field(
        default=True,
        description="Whether Sign out ends the session at the provider, too, for who signed in by it, where it says "
        "how (OpenID Connect RP-Initiated Logout).",
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

    @field_validator("to_groups")
    @classmethod
    def _groups(cls, given: str | None) -> str | None:
        mapped(given)
        return given

    @field_validator("to_roles")
    @classmethod
    def _roles(cls, given: str | None) -> str | None:
        if any(role not in ("reader", "editor", "owner") for _, role in mapped(given)):
            raise ValueError("a role is reader, editor or owner")
        return given

    @property
    def is_set(self) -> bool:
        """Whether people can sign in so."""
        return bool(self.issuer and self.client_id)

    @property
    def asks_for_groups(self) -> bool:
        """Whether anything depends on the groups in which the provider has somebody."""
        return bool(self.groups or self.to_groups or self.to_roles)


def mapped(given: str | None) -> tuple[tuple[str, str], ...]:
    """Returns (a group of the provider, what it is here) of ``to_groups`` or ``to_roles``.

    Groups of a directory hold commas and equals signs, as in cn=staff,dc=example: the last sign of a pair counts.

    Raises:
        ValueError: a pair lacks one of the two.
    """
    pairs = [part.rpartition("=") for part in (given or "").split(";") if part.strip()]
    found = tuple((group.strip(), here.strip()) for group, _, here in pairs)
    if not all(group and here for group, here in found):
        raise ValueError("write GROUP = NAME; GROUP = NAME")
    return found
