"""The number that a line has in a list."""

from __future__ import annotations

import re

from kb.text.dates import dates

_ITEM_NUMBER = re.compile(r"\(?\d{1,2}(?:[.)]\s{1,3}|[、．）]\s{0,3})(?=\S)")


def without_item_number(line: str) -> str:
    """Returns ``line`` without its number in a list: a number of the writer's, which no passage has to hold."""
    number = _ITEM_NUMBER.match(line)
    if number is None or any(date.start < number.end() for date in dates(line)):  # "3. Oktober"
        return line
    return line[number.end() :]
