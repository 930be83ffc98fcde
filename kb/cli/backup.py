"""``backup`` and ``restore``."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from kb.cli.arguments import typed_path
from kb.cli.common import Commands, Wiring, json_option, opened, served
from kb.cli.output import print_json, say
from kb.config import expanded, load_settings
from kb.types import OWNER


def register(commands: Commands) -> None:
    backup = commands.add("backup", _backup, "make a backup and verify it; the app may go on working")
    backup.add_argument(
        "--to",
        type=typed_path,
        metavar="PLACE",
        help="a folder to make it in, or the name of a .zip file (the data folder's backups/)",
    )
    backup.add_argument("--list", action="store_true", help="list the backups in the data folder instead")
    json_option(backup)
    restore = commands.add("restore", _restore, "go back to a backup; what it replaces is kept aside")
    restore.add_argument(
        "backup", type=typed_path, metavar="BACKUP", help="the folder or .zip file that `backup` made"
    )
    json_option(restore)


def _backup(options: argparse.Namespace, wiring: Wiring) -> int:
    if options.list:
        return _list(options)
    with opened(options, wiring) as kb:
        if app := served(kb):
            from kb.cli.client import back_up

            made = back_up(app, expanded(options.to).resolve() if options.to else None)
        else:
            made = kb.maintenance.back_up(options.to, caller=OWNER).as_json()
    if options.json:
        print_json(made)
    else:
        say(f"Backed up and verified: {_in_words(made)}")
        say(made["path"])
        if made["missing"]:
            say(
                f"{len(made['missing'])} original files were missing or damaged already. `app.py check` says more."
            )
    return 0


def _list(options: argparse.Namespace) -> int:
    from kb.knowledge_base.opening import list_backups

    backups = [backup.as_json() for backup in list_backups(load_settings(home=options.home).home)]
    if options.json:
        print_json(backups)
        return 0
    for made in backups:
        say(f"{_when(made['made'])}  {made['reason']:<17}  {_in_words(made)}")
        say(f"    {made['path']}")
    say(f"{len(backups)} backups" if backups else "No backups yet. Make one: app.py backup")
    return 0


def _restore(options: argparse.Namespace, _wiring: Wiring) -> int:
    from kb.knowledge_base.opening import restore_backup

    restored = restore_backup(load_settings(home=options.home).home, expanded(options.backup))
    data = restored.backup.as_json()
    if options.json:
        print_json({**data, "aside": str(restored.aside) if restored.aside else None})
        return 0
    say(f"Restored: {_in_words(data)}, as of {_when(data['made'])}.")
    if restored.aside:
        say(f"What was there before is kept in {restored.aside}; delete it when nothing is missing.")
    return 0


def _in_words(data: dict[str, Any]) -> str:
    return (
        f"{data['rows'].get('documents', 0)} documents, {data['rows'].get('chunks', 0)} passages, "
        f"{data['blobs']} files ({data['blob_bytes'] / (1 << 20):.1f} MB)"
    )


def _when(made: str) -> str:
    return f"{datetime.fromisoformat(made).astimezone():%Y-%m-%d %H:%M}"
