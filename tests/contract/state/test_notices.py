"""Notices stay until somebody puts them away."""

from __future__ import annotations

import pytest

from kb.errors import NotFound
from kb.state.notices import Notices
from tests.state import State


def test_a_sentence_is_kept_once_until_it_is_put_away(state: State) -> None:
    notices = Notices(state.database)
    for text in ("First.", "Second.", "First."):
        notices.add(text)
    assert [notice.text for notice in notices.all()] == ["Second.", "First."]
    newest = notices.all()[0]
    notices.dismiss(newest.id)
    with pytest.raises(NotFound, match=str(newest.id)):
        notices.dismiss(newest.id)
    notices.add("Second.")
    again = notices.all()[0]
    assert (again.text, again.id == newest.id) == ("Second.", False), "it happened again"
