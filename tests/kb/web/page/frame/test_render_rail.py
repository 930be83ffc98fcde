"""The rail: groups by age, titles as text, and screens that have an address and a word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kb.types import Conversation
from kb.web.door.page_addresses import is_page
from kb.web.page.frame import render_rail
from kb.web.page.screens import ICONS, SCREENS
from kb.web.page.words.frame import EN, ZH, FrameWords

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def asked(title: str, days_ago: float) -> Conversation:
    updated = (NOW - timedelta(days=days_ago)).isoformat(timespec="milliseconds")
    return Conversation(f"id-{title[:5]}", title, updated, updated, 1)


def test_conversations_stand_under_today_this_week_and_older() -> None:
    found = [asked("now", 0), asked("morning", 0.4), asked("yesterday", 1), asked("last month", 30)]
    markup = render_rail.conversations(found, EN, now=NOW)
    order = [markup.index(f">{part}<") for part in ("Today", "now", "This week", "yesterday", "Older")]
    assert order == sorted(order)
    assert markup.count("<h2>") == 3


def test_titles_of_conversations_are_text() -> None:
    hostile = Conversation('"><script>', '<img src=x onerror="x">', NOW.isoformat(), NOW.isoformat(), 1)
    markup = render_rail.conversations([hostile], EN, now=NOW)
    assert "<script" not in markup
    assert "<img" not in markup


def test_a_time_that_is_none_is_old() -> None:
    assert "Older" in render_rail.conversations([Conversation("i", "t", "a", "<b>", 1)], EN, now=NOW)


@pytest.mark.parametrize("words", [EN, ZH])
def test_every_screen_has_an_address_an_icon_and_a_word(words: FrameWords) -> None:
    markup = render_rail.rail(SCREENS, words)
    for screen in SCREENS:
        assert is_page(screen.path)
        assert screen.id in ICONS
        assert f"<span>{words.screen(screen.id)}</span>" in markup
