"""``user``, ``group`` and ``share``: who may use the library besides its owner, and what each may see of it."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from kb.cli.common import Commands, Wiring, json_option, opened
from kb.cli.output import note, print_json, say
from kb.errors import BadInput
from kb.knowledge_base.storage_limit import megabytes
from kb.types import OWNER, Role

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_SHARED = (Role.READER, Role.EDITOR)


def register(commands: Commands) -> None:
    user = commands.add(
        "user", _user, "accounts of people who share the library: user add NAME (the password is asked for)"
    )
    user.add_argument(
        "action",
        nargs="?",
        choices=("list", "add", "remove", "password", "role", "disconnect"),
        default="list",
    )
    user.add_argument("name", nargs="?", metavar="NAME", help="what the account is called")
    user.add_argument(
        "to",
        nargs="?",
        choices=[str(role) for role in Role],
        metavar="ROLE",
        help="what it is to be: of role",
    )
    user.add_argument(
        "--role",
        choices=[str(role) for role in Role],
        default=str(Role.EDITOR),
        help="reader (searches and asks), editor (has collections of its own, too), or owner (everything)",
    )
    user.add_argument(
        "--provider",
        metavar="ADDRESS",
        help="which provider of identities disconnect means, where the account signs in by several",
    )
    json_option(user)
    group = commands.add(
        "group", _group, "groups of people to share collections with: group add GROUP NAME..."
    )
    group.add_argument("action", nargs="?", choices=("list", "add", "remove"), default="list")
    group.add_argument("group", nargs="?", metavar="GROUP", help="what the group is called")
    group.add_argument(
        "names", nargs="*", metavar="NAME", help="people; remove without any deletes the group"
    )
    json_option(group)
    share = commands.add(
        "share", _share, "share a collection with a person or a group: share COLLECTION NAME --as reader"
    )
    share.add_argument("collection", nargs="?", metavar="COLLECTION")
    share.add_argument("name", nargs="?", metavar="NAME", help="of a person or a group")
    share.add_argument("--as", dest="role", choices=[str(role) for role in _SHARED], default=str(Role.READER))
    share.add_argument("--list", action="store_true", help="print what is shared with whom")
    share.add_argument("--remove", action="store_true", help="end it")
    json_option(share)


def _user(options: argparse.Namespace, wiring: Wiring) -> int:
    if options.action != "list" and not options.name:
        raise BadInput(f"Say who is meant: app.py user {options.action} NAME.")
    run = {
        "list": _list,
        "add": _add,
        "remove": _remove,
        "password": _password,
        "role": _role,
        "disconnect": _disconnect,
    }[options.action]
    with opened(options, wiring) as kb:
        run(options, kb)
    return 0


def _list(options: argparse.Namespace, kb: KnowledgeBase) -> None:
    people, kept = kb.accounts.all(caller=OWNER), kb.library.kept_by_person(caller=OWNER)
    if options.json:
        print_json([{**person.as_json(), "stored_bytes": kept.get(person.id, 0)} for person in people])
        return
    for person in people:
        size = megabytes(kept.get(person.id, 0))
        say(f"{person.name:<20} {person.role:<6} last seen: {person.last_seen or 'never'}, added {size} MB")
    if not people:
        say("There are no accounts. `app.py user add NAME --role owner` makes the first.")


def _add(options: argparse.Namespace, kb: KnowledgeBase) -> None:
    person = kb.accounts.add(options.name, _asked_password(), Role(options.role), caller=OWNER)
    if options.json:
        print_json(person.as_json())
        return
    say(f"{person.name} can sign in as {person.role}.")
    if not kb.settings.server.accounts:
        note("Accounts are asked for once `accounts = true` stands in the section [server] of footnote.toml.")


def _remove(options: argparse.Namespace, kb: KnowledgeBase) -> None:
    kb.accounts.remove(options.name, caller=OWNER)
    if options.json:
        print_json({"removed": options.name})
    else:
        say(
            f"{options.name} has no account any more. The collections of {options.name} stay, for the owners."
        )


def _password(options: argparse.Namespace, kb: KnowledgeBase) -> None:
    kb.accounts.set_password(options.name, _asked_password(), caller=OWNER)
    if options.json:
        print_json({"changed": options.name})
    else:
        say(f"{options.name} has a new password, and is signed out everywhere.")


def _role(options: argparse.Namespace, kb: KnowledgeBase) -> None:
    if options.to is None:
        raise BadInput("Say which role it is to have: app.py user role NAME ROLE.")
    person = kb.accounts.change(options.name, role=Role(options.to), caller=OWNER)
    if options.json:
        print_json(person.as_json())
    else:
        say(f"{person.name} is {person.role} now.")


def _disconnect(options: argparse.Namespace, kb: KnowledgeBase) -> None:
    kb.identities.disconnect(options.name, options.provider, caller=OWNER)
    if options.json:
        print_json({"disconnected": options.name})
    else:
        say(
            f"{options.name} signs in by a password from now on, and whoever had signed in otherwise is signed out."
        )


def _asked_password() -> str:
    """Returns the password from the terminal, typed twice unseen; else the first line of the standard input.

    Raises:
        BadInput: there is none, or the second is another.
    """
    if not sys.stdin.isatty():
        typed = sys.stdin.readline().rstrip("\r\n")
        if not typed:
            raise BadInput("There is no password on the standard input.")
        return typed
    typed = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != typed:
        raise BadInput("These were two different passwords. Nothing was changed.")
    return typed


def _group(options: argparse.Namespace, wiring: Wiring) -> int:
    if options.action != "list" and not options.group:
        raise BadInput(f"Say which group is meant: app.py group {options.action} GROUP.")
    with opened(options, wiring) as kb:
        if options.action == "add":
            kb.sharing.add_to_group(options.group, options.names, caller=OWNER)
        elif options.action == "remove":
            kb.sharing.remove_from_group(options.group, options.names, caller=OWNER)
        groups = kb.sharing.groups(caller=OWNER)
    if options.json:
        print_json([group.as_json() for group in groups])
        return 0
    for group in groups:
        say(f"{group.name:<20} {', '.join(group.members) or 'nobody'}")
    if not groups:
        say("There are no groups. `app.py group add GROUP NAME...` makes one.")
    return 0


def _share(options: argparse.Namespace, wiring: Wiring) -> int:
    is_list = options.list or options.collection is None
    if not is_list and options.name is None:
        raise BadInput("Say with whom: app.py share COLLECTION NAME --as reader.")
    with opened(options, wiring) as kb:
        if not is_list and options.remove:
            kb.sharing.unshare(options.collection, options.name, caller=OWNER)
        elif not is_list:
            kb.sharing.share(options.collection, options.name, Role(options.role), caller=OWNER)
        shares = kb.sharing.all(caller=OWNER)
    if options.json:
        print_json([share.as_json() for share in shares])
        return 0
    for share in shares:
        kind = "group " if share.is_group else ""
        say(f"{share.collection:<20} {kind}{share.name} as {share.role}")
    if not shares:
        say("Nothing is shared. `app.py share COLLECTION NAME --as reader` shares a collection.")
    return 0
