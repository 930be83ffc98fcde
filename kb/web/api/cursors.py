"""Cursors of lists: what a program passes back as it came, to get the page behind the last one."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated

from fastapi import Query

from kb.errors import BadInput
from kb.types import NO_PLACE, ListPlace
from kb.web.api.fields import MAX_NAME

_MOST_KEYS = 4
_MOST_CHARACTERS = 8 * MAX_NAME
"""Of a cursor: a name of a document in it may take four bytes a character, and a third more as letters."""

Cursor = Annotated[
    str | None,
    Query(
        max_length=_MOST_CHARACTERS,
        description="`next_cursor` of the page before; left out to begin.",
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]*$"},
    ),
]


def cursor_of(listed: str, place: ListPlace | None) -> str | None:
    """Returns a cursor for the list ``listed``: its name and its order, for which alone the cursor will be taken.

    None where there is no place to go on behind.
    """
    if place is None:
        return None
    written = json.dumps([listed, *place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def place_of(listed: str, cursor: str | None) -> ListPlace | None:
    """Returns the place that a cursor stands for; None without one.

    Raises:
        BadInput: it is none of ours, or another list's.
    """
    if not cursor:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        json.dumps(values, ensure_ascii=False).encode()  # half a character cannot be compared with anything
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadInput(NO_PLACE) from error
    if not isinstance(values, list) or not 2 <= len(values) <= _MOST_KEYS + 1 or values[0] != listed:
        raise BadInput(NO_PLACE)
    if not all(_is_key(value) for value in values):
        raise BadInput(NO_PLACE)
    return tuple(values[1:])


def _is_key(value: object) -> bool:
    """Returns whether a list may have compared ``value``."""
    return isinstance(value, str) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    )
