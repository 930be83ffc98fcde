"""Routes of the people who share a library, of their groups, and of what is shared with whom."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from kb.errors import BadInput
from kb.types import Group, Person, Role, Share
from kb.web.api.caller import By
from kb.web.api.cursors import Cursor, cursor_of, place_of
from kb.web.api.fields import Collection, Label
from kb.web.api.schemas import Wire
from kb.web.api.threads import PASSWORDS
from kb.web.door.sessions import session_of

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_GENERATED_BYTES = 12
_MOST_NAMED = 1000
_Password = Annotated[str, Field(max_length=1000)]
_Limit = Annotated[int, Query(ge=1, le=1000)]
_Named = TypeVar("_Named", Person, Group, Share)


class PersonIn(Wire):
    """An account that is to be made."""

    name: Label
    role: Role = Role.EDITOR
    password: _Password | None = None
    """None has one made, which the answer shows this once."""


class PersonChangesIn(Wire):
    """What changes about an account; what is left out stays."""

    role: Role | None = None
    password: _Password | None = None
    """Ends their sessions."""


class PersonOut(Wire):
    """An account."""

    name: str
    role: Role
    added: str
    last_seen: str | None
    """UTC, to the minute; null before they signed in."""


class NewPersonOut(PersonOut):
    """An account that was made."""

    password: str | None
    """The one that was made for them; null where it was given."""


class ListedPersonOut(PersonOut):
    """An account, and how much it keeps."""

    stored_bytes: int
    """Of what they added, in whosesoever collection."""


class PeopleOut(Wire):
    """Accounts in the order of their names."""

    people: list[ListedPersonOut]
    next_cursor: str | None = None
    """The ``cursor`` of the page behind this one; null on the last."""


class IdentitiesOut(Wire):
    """By which providers an account signs in."""

    issuers: list[str]
    """By their addresses, in their order."""


class GroupIn(Wire):
    """A group that is to be made, or whom an existing one is to have, too."""

    name: Label
    members: list[Label] = Field(default=[], max_length=_MOST_NAMED)


class GroupChangesIn(Wire):
    """Who is to be in a group, and who no more."""

    add: list[Label] = Field(default=[], max_length=_MOST_NAMED)
    remove: list[Label] = Field(default=[], max_length=_MOST_NAMED)


class GroupOut(Wire):
    """People with whom something can be shared together."""

    name: str
    members: list[str]


class GroupsOut(Wire):
    """Groups in the order of their names."""

    groups: list[GroupOut]
    next_cursor: str | None = None
    """The ``cursor`` of the page behind this one; null on the last."""


class ShareIn(Wire):
    """With whom a collection is to be shared."""

    name: Label
    """Of a person or a group."""
    role: Literal[Role.READER, Role.EDITOR] = Role.READER


class ShareOut(Wire):
    """That a collection is shared with somebody."""

    collection: str
    name: str
    kind: Literal["person", "group"]
    role: Role


class SharesOut(Wire):
    """With whom a collection is shared, in the order of their names."""

    shares: list[ShareOut]
    next_cursor: str | None = None
    """The ``cursor`` of the page behind this one; null on the last."""


def people_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()
    _add_identities(router, kb)  # before the routes whose names may hold a slash
    _add_people(router, kb)
    _add_groups(router, kb)
    _add_shares(router, kb)
    return router


def _add_identities(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/api/people/{name}/identities")
    def list_identities(name: Label, caller: By) -> IdentitiesOut:
        return IdentitiesOut(issuers=list(kb.identities.of(name, caller=caller)))

    @router.delete("/api/people/{name}/identities", status_code=204)
    def disconnect(
        name: Label, request: Request, caller: By, issuer: Annotated[Label | None, Query()] = None
    ) -> None:
        """Ends that an account signs in by a provider, and every session that began so.

        ``issuer`` says which, where there are several.
        Who is no owner does so for themselves, within five minutes of signing in.
        """
        kb.identities.require_recent(session_of(request.scope) or "", caller=caller)
        kb.identities.disconnect(name, issuer, caller=caller)


def _add_people(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/api/people")
    def list_people(caller: By, limit: _Limit = 100, cursor: Cursor = None) -> PeopleOut:
        found, more = _page("people", kb.accounts.all(caller=caller), limit, cursor)
        kept = kb.library.kept_by_person(caller=caller)
        people = [ListedPersonOut(**one.as_json(), stored_bytes=kept.get(one.id, 0)) for one in found]
        return PeopleOut(people=people, next_cursor=more)

    @router.post("/api/people", status_code=201)
    async def add_person(asked: PersonIn, caller: By, response: Response) -> NewPersonOut:
        """Makes an account; a password that was made for it is shown this once."""
        made = None if asked.password is not None else secrets.token_urlsafe(_GENERATED_BYTES)
        password = asked.password if made is None else made
        add = partial(kb.accounts.add, asked.name, password or "", asked.role, caller=caller)
        person = await PASSWORDS.run(add)
        response.headers["Cache-Control"] = "no-store"
        return NewPersonOut(**person.as_json(), password=made)

    @router.patch("/api/people/{name:path}")
    async def change_person(name: Label, asked: PersonChangesIn, caller: By) -> PersonOut:
        """Gives an account another role or another password, which ends its sessions."""
        if asked.role is None and asked.password is None:
            raise BadInput("Say what is to change: `role` or `password`.")
        change = partial(kb.accounts.change, name, role=asked.role, password=asked.password, caller=caller)
        return PersonOut.model_validate((await PASSWORDS.run(change)).as_json())

    @router.delete("/api/people/{name:path}", status_code=204)
    def remove_person(name: Label, caller: By) -> None:
        kb.accounts.remove(name, caller=caller)


def _add_groups(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/api/groups")
    def list_groups(caller: By, limit: _Limit = 100, cursor: Cursor = None) -> GroupsOut:
        found, more = _page("groups", kb.sharing.groups(caller=caller), limit, cursor)
        return GroupsOut(groups=[_group(one) for one in found], next_cursor=more)

    @router.post("/api/groups", status_code=201)
    def add_group(asked: GroupIn, caller: By) -> GroupOut:
        """Makes a group where there is none, and puts people into it."""
        kb.sharing.add_to_group(asked.name, asked.members, caller=caller)
        return _group(kb.sharing.group(asked.name, caller=caller))

    @router.patch("/api/groups/{name:path}")
    def change_group(name: Label, asked: GroupChangesIn, caller: By) -> GroupOut:
        """Puts people into a group, and takes others out of it; nothing is done where one of them has no account."""
        return _group(kb.sharing.change_group(name, add=asked.add, remove=asked.remove, caller=caller))

    @router.delete("/api/groups/{name:path}", status_code=204)
    def remove_group(name: Label, caller: By) -> None:
        kb.sharing.remove_from_group(name, (), caller=caller)


def _add_shares(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/api/collections/{collection:path}/shares")
    def list_shares(
        collection: Collection, caller: By, limit: _Limit = 100, cursor: Cursor = None
    ) -> SharesOut:
        shares = kb.sharing.of(collection, caller=caller)
        found, more = _page("shares", shares, limit, cursor)
        return SharesOut(shares=[ShareOut.model_validate(one.as_json()) for one in found], next_cursor=more)

    @router.put("/api/collections/{collection:path}/shares")
    def share(collection: Collection, asked: ShareIn, caller: By) -> ShareOut:
        """Shares a collection with a person or a group, in place of what it was shared as before."""
        shared = kb.sharing.share(collection, asked.name, Role(asked.role), caller=caller)
        return ShareOut.model_validate(shared.as_json())

    @router.delete("/api/collections/{collection:path}/shares", status_code=204)
    def unshare(collection: Collection, caller: By, name: Annotated[Label, Query()]) -> None:
        """Ends that; ``name`` is of the person or the group."""
        kb.sharing.unshare(collection, name, caller=caller)


def _page(
    listed: str, rows: Sequence[_Named], limit: int, cursor: str | None
) -> tuple[list[_Named], str | None]:
    """Returns the rows behind ``cursor`` in the order of their names, and the cursor of what is behind them."""
    after = place_of(listed, cursor)
    ordered = sorted(rows, key=lambda row: row.name.casefold())
    if after is not None:
        ordered = [row for row in ordered if row.name.casefold() > str(after[0])]
    found = ordered[:limit]
    return found, cursor_of(listed, (found[-1].name.casefold(),) if len(ordered) > limit else None)


def _group(group: Group) -> GroupOut:
    return GroupOut(name=group.name, members=list(group.members))
