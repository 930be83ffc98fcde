"""Groups and roles that a provider of identities decides: kept in step each time somebody comes by it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from kb.config.oidc import OidcSettings, mapped
from kb.errors import BadInput, Conflict
from kb.knowledge_base.sharing import require_group_name
from kb.state.people import People
from kb.state.shares import Shares
from kb.types import Person, Role

log = logging.getLogger(__name__)


def said_groups(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """Returns the groups that a provider tells of somebody: texts alone, one or a list of them."""
    said = claims.get(claim)
    return frozenset(
        each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str) and each
    )


def _can_be_one(pair: tuple[str, str]) -> bool:
    try:
        require_group_name(pair[1])
    except BadInput:
        log.warning("no group here can be called as oidc.to_groups says", extra={"group": pair[1]})
        return False
    return True


class ProvidedGroups:
    """``oidc.to_groups`` and ``oidc.to_roles``."""

    def __init__(self, settings: OidcSettings, people: People, shares: Shares) -> None:
        self._people = people
        self._shares = shares
        self._to_groups = tuple(filter(_can_be_one, mapped(settings.to_groups)))
        self._to_roles = tuple((group, Role(role)) for group, role in mapped(settings.to_roles))
        self._role = Role(settings.role)

    def role(self, groups: frozenset[str]) -> Role:
        """Returns what somebody in ``groups`` is."""
        given = [role for group, role in self._to_roles if group in groups]
        return max(given, key=list(Role).index, default=self._role)

    def keep_in_step(self, person: Person, groups: frozenset[str]) -> Person:
        """Gives an account the role and the groups that somebody in ``groups`` of the provider has; returns it."""
        if self._to_groups:
            wanted = {here for group, here in self._to_groups if group in groups}
            refused = self._shares.keep_in_step(
                person.id, wanted, within={here for _, here in self._to_groups}
            )
            for name in sorted(refused):
                log.warning("a group of the provider has no group here", extra={"group": name})
        role = self.role(groups)
        decides_owners = any(given is Role.OWNER for _, given in self._to_roles)
        if not self._to_roles or role is person.role or (person.role is Role.OWNER and not decides_owners):
            return person
        try:
            return self._people.set_role(person.name, role)
        except Conflict:  # the last owner stays one, or nobody could let anybody in
            log.warning("the last owner is in no group of the provider that makes owners")
            return person
