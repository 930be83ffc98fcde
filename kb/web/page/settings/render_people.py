"""The elements in which people are listed and collections shared, which their scripts fill -> markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from kb.types import Caller, Role
from kb.web.page.words.people import PeopleWords


def share(caller: Caller, words: PeopleWords) -> str:
    """Returns the button that shares the collection to which the library is narrowed.

    Empty for whoever has no collections to share: readers, and where nobody signs in.
    """
    if not caller.person or not caller.scope.includes(Role.EDITOR.scope):
        return ""
    return f'<footnote-share data-home="{escape(caller.home)}" data-words="{_said(words)}"></footnote-share>'


def people(collections: Sequence[str], words: PeopleWords) -> str:
    """Returns the accounts, the groups, and who sees which of the ``collections``."""
    named = escape(json.dumps(list(collections), ensure_ascii=False))
    return f'<footnote-people class="people" data-collections="{named}" data-words="{_said(words)}"></footnote-people>'


def _said(words: PeopleWords) -> str:
    return escape(json.dumps(asdict(words), ensure_ascii=False))
