"""Backups in the settings -> markup: each can be restored, and one more made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from kb.types import Backup
from kb.web.page.format import local_time
from kb.web.page.words.backups import BackupsWords

_SHOWN = 5


def backups(found: Sequence[Backup], words: BackupsWords) -> str:
    """Returns the newest backups and what can be done; their script finds its words in it."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    made = "".join(_backup(backup, words) for backup in found[:_SHOWN])
    listed = f'<ul class="backups">{made}</ul>' if made else f'<p class="hint">{escape(words.none)}</p>'
    return (
        f'<div data-backups="{said}"><h3>{escape(words.backups)}</h3>{listed}'
        f'<p><button type="button" data-act="back-up">{escape(words.back_up)}</button> '
        f'<span role="status" class="hint" data-backed-up></span></p></div>'
    )


def restart(words: BackupsWords) -> str:
    """Returns what is offered while a setting waits for the next start."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    return (
        f'<p class="restart" role="status" data-backups="{said}"><span>{escape(words.restart_hint)}</span> '
        f'<button type="button" data-act="restart">{escape(words.restart)}</button></p>'
    )


def _backup(backup: Backup, words: BackupsWords) -> str:
    when = local_time(backup.made)
    said = words.of_one if backup.documents == 1 else words.of
    what = said.format(when=when, documents=f"{backup.documents:,}")
    return (
        f'<li><span>{escape(what)} <code class="path">{escape(str(backup.path))}</code></span>'
        f'<button type="button" data-act="restore" data-path="{escape(str(backup.path))}" data-what="{escape(what)}" '
        f'aria-label="{escape(words.restore_of.format(when=when))}">{escape(words.restore)}</button></li>'
    )
