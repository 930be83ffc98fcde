"""Fields and content controls of a DOCX: what their boxes, lists and links say.

A complex field is a row of runs: begin, its code, separate, its result, end. Only results are shown, and only where
every field around them shows its result, too: the code of an IF holds both of its branches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from ingest.parse.docx.looks import is_on
from ingest.parse.docx.names import value, w, w14
from ingest.parse.look.formatting import EMPTY, TICKED

_HYPERLINK = re.compile(r'[ \t]*+HYPERLINK[ \t]++(?:"([^"]+)"|([^\s"\\]\S*))', re.IGNORECASE)
_PLACE = re.compile(r'\\l[ \t]++"?([^"\s]+)', re.IGNORECASE)
_LONGEST_CODE = 4000


@dataclass(slots=True)
class Field:
    """A complex field that has begun."""

    code: str = ""
    in_result: bool = False
    start: int = 0
    """The number of pieces of text before its result."""

    def add_code(self, text: str) -> None:
        """Adds to the code, which Word spreads over runs; no more of it than an address may be long."""
        if len(self.code) < _LONGEST_CODE:
            self.code += text[:_LONGEST_CODE]


def link_of_code(code: str) -> str:
    """Returns the address of a ``HYPERLINK`` field; "" for another field, or a link within the document."""
    found = _HYPERLINK.match(code)
    address = (found[1] or found[2]) if found else ""
    if not address or address.startswith("\\"):
        return ""
    place = _PLACE.search(code)
    return f"{address}#{place[1]}" if place else address


def form_value(begin: etree._Element) -> str:
    """Returns what a form field of Word 97 shows by itself: its box, or the entry that was chosen; else "".

    What was typed into a text field is its result, which is ordinary text.
    """
    data = begin.find(w("ffData"))
    if data is None:
        return ""
    box = data.find(w("checkBox"))
    if box is not None:
        state = box.find(w("checked"))
        return TICKED if is_on(box.find(w("default")) if state is None else state) else EMPTY
    choices = data.find(w("ddList"))
    if choices is None:
        return ""
    entries = [entry.get(w("val"), "") for entry in choices.findall(w("listEntry"))]
    chosen = value(choices, w("result")) or value(choices, w("default")) or "0"
    place = int(chosen) if chosen.isdecimal() and len(chosen) < 6 else 0
    return entries[place] if place < len(entries) else ""


def box_of_control(control: etree._Element) -> str:
    """Returns the box of a ``w:sdt`` that is a check box; "" for any other control."""
    box = control.find(f"{w('sdtPr')}/{w14('checkbox')}")
    if box is None:
        return ""
    state = box.find(w14("checked"))
    ticked = state is not None and (state.get(w14("val")) or "1").lower() in ("1", "true", "on")
    return TICKED if ticked else EMPTY


def is_unanswered(control: etree._Element) -> bool:
    """Returns whether a ``w:sdt`` shows its prompt, such as "Choose an item", because nobody filled it in."""
    return is_on(control.find(f"{w('sdtPr')}/{w('showingPlcHdr')}"))
