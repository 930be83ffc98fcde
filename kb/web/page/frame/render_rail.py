"""The rail beside every screen -> markup: what was asked before, and the way to the screens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from html import escape
from urllib.parse import quote

from kb.types import Conversation
from kb.web.page.format import flat
from kb.web.page.screens import ICONS, Screen
from kb.web.page.words.frame import FrameWords

_MARK = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">'
    '<rect width="32" height="32" rx="8" fill="var(--accent)"/>'
    '<path d="M8 10h11M8 16h8M8 22h12" stroke="var(--on-accent)" stroke-width="2.4" stroke-linecap="round"/>'
    '<circle cx="23.5" cy="9.5" r="2.8" fill="var(--on-accent)"/></svg>'
)
_DOTS = '<circle cx="5" cy="10" r=".6"/><circle cx="10" cy="10" r=".6"/><circle cx="15" cy="10" r=".6"/>'
_WEEK = timedelta(days=7)


def rail(screens: Sequence[Screen], words: FrameWords, *, person: str = "") -> str:
    """Returns the rail without conversations, which its script brings.

    ``person`` is who is signed in; empty where nobody has to.
    """
    account = _account(person, words) if person else ""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    find = escape(words.search_conversations)
    narrow = _button("narrow", words.narrow, "M12.5 5 7.5 10l5 5")
    close = _button("close", words.close_menu, "M5 5l10 10M15 5 5 15")
    return (
        f'<footnote-rail data-words="{said}"><nav class="rail" aria-label="{escape(words.navigation)}">'
        f'<div class="rail-head"><a class="brand" href="/" data-go data-new>{_MARK}<span>Footnote</span></a>'
        f"{narrow}{close}</div>"
        f'<a class="anew" id="anew" href="/" data-go data-new>{_icon("M10 4v12M4 10h12")}'
        f"<span>{escape(words.new_question)}</span><kbd>Ctrl K</kbd></a>"
        f'<input type="search" class="find" placeholder="{find}" aria-label="{find}" '
        f'autocomplete="off" maxlength="200">'
        f'<div class="list" id="conversations" aria-label="{escape(words.conversations)}" role="region"></div>'
        f'<ul class="screens">{_menu(words)}{"".join(_entry(screen, words) for screen in screens)}{account}</ul></nav>'
        f'<div class="veil" data-act="close"></div></footnote-rail>'
        f'<p id="lost" role="alert" hidden>{escape(words.connection_lost)}</p>'
    )


def _button(act: str, label: str, path: str) -> str:
    said = escape(label)
    return f'<button type="button" data-act="{act}" aria-label="{said}" title="{said}">{_icon(path)}</button>'


def _icon(path: str) -> str:
    return _drawn(f'<path d="{path}"/>')


def _drawn(shapes: str) -> str:
    return f'<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{shapes}</svg>'


def _menu(words: FrameWords) -> str:
    """Returns the entry that opens the conversations where there is no room for them beside the screen."""
    return (
        f'<li class="menu"><button type="button" data-act="open-menu" aria-expanded="false">'
        f"{_icon('M4 6h12M4 10h12M4 14h7')}<span>{escape(words.open_menu)}</span></button></li>"
    )


def _entry(screen: Screen, words: FrameWords) -> str:
    word = escape(words.screen(screen.id))
    return (
        f'<li><a href="{screen.path}" data-go data-screen="{screen.id}" title="{word}">{_drawn(ICONS[screen.id])}'
        f"<span>{word}</span></a></li>"
    )


def _account(person: str, words: FrameWords) -> str:
    """Returns the way to the page of the account, which is none of the screens."""
    name = escape(person)
    return (
        f'<li><a href="/account" title="{escape(words.account)}">{_drawn(ICONS["account"])}'
        f'<span dir="auto">{name}</span></a></li>'
    )


def conversations(found: Sequence[Conversation], words: FrameWords, *, now: datetime) -> str:
    """Returns the pinned conversations, then the others by how long ago they were asked something.

    ``found`` is in that order.
    """
    groups: dict[str, list[Conversation]] = {}
    for one in found:
        groups.setdefault(_group(one, words, now), []).append(one)
    return "".join(
        f"<h2>{escape(name)}</h2><ul>{''.join(_conversation(one, words) for one in ones)}</ul>"
        for name, ones in groups.items()
    )


def none_found(words: FrameWords) -> str:
    """Returns what stands in place of the conversations where the search found none."""
    return f'<p class="empty">{escape(words.none_found)}</p>'


def _group(one: Conversation, words: FrameWords, now: datetime) -> str:
    if one.pinned:
        return words.pinned
    try:
        updated = datetime.fromisoformat(one.updated).astimezone(now.tzinfo)
    except ValueError:
        return words.older
    if updated.date() >= now.date():
        return words.today
    return words.this_week if now - updated < _WEEK else words.older


def _cites(one: Conversation, words: FrameWords) -> str:
    """Returns how many documents a conversation rests on; nothing for none."""
    if not one.documents:
        return ""
    said = words.cites_one if one.documents == 1 else words.cites.format(count=one.documents)
    return (
        f'<span class="cites" title="{escape(said)}"><span aria-hidden="true">{one.documents}</span>'
        f'<span class="aside">{escape(said)}</span></span>'
    )


def _conversation(one: Conversation, words: FrameWords) -> str:
    title = escape(flat(one.title))
    more = escape(words.more.format(name=flat(one.title)))
    return (
        f'<li data-conversation="{escape(one.id)}" data-title="{title}"{" data-pinned" if one.pinned else ""}>'
        f'<a href="/c/{quote(one.id, safe="")}" data-go dir="auto" title="{title}">{title}</a>{_cites(one, words)}'
        f'<button type="button" data-act="conversation" aria-haspopup="menu" aria-expanded="false" '
        f'aria-label="{more}">{_drawn(_DOTS)}</button></li>'
    )
