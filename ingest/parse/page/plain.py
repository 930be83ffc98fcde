"""Makes a page plain before its blocks are read: what is shown stays, what formatting says is in the words."""

from __future__ import annotations

from lxml import etree

from ingest.parse.look.formatting import LeftOut, lowered, raised
from ingest.parse.page.forms import read_forms
from ingest.parse.page.frame import leave_out_frame
from ingest.parse.page.links import page_address, write_addresses
from ingest.parse.page.panels import words_of
from ingest.parse.page.tree import leave_out, name_of, replace_by
from ingest.parse.page.visible import show_and_hide

_LONGEST_CAP = 3
"""Letters of a drop cap, its quotation mark included."""


def make_plain(root: etree._Element, text: str = "") -> LeftOut:
    """Changes the tree of a page in place, and returns how much was left out.

    ``text`` is the page as it was read: browsers note there where they saved it from. Without it the markup is part
    of another text, and nothing stands around it.
    """
    left_out = show_and_hide(root)
    if text:
        left_out.around = leave_out_frame(root)
    read_forms(root)
    _write_raised(root)
    _join_drop_caps(root)
    write_addresses(root, page_address(root, text))
    return left_out


def _write_raised(root: etree._Element) -> None:
    """Types superscripts and subscripts as on one line. Marks that lead to a note on the page are left out."""
    for node in list(root.iter("sup", "sub")):
        content = "".join(map(str, node.itertext()))
        before = _text_before(node)
        if node.tag == "sub":
            replace_by(node, lowered(before, content))
        elif content.strip().isdecimal() and _is_note_mark(node) and before.strip():
            leave_out(node)
        elif (typed := raised(before, content)) != content:
            replace_by(node, typed)


def _is_note_mark(node: etree._Element) -> bool:
    anchors = [node.getparent(), *node.iter("a")]
    return any(
        anchor is not None and name_of(anchor) == "a" and anchor.get("href", "").startswith("#")
        for anchor in anchors
    )


def _text_before(node: etree._Element) -> str:
    """Returns the text right before an element within its line; "" at the beginning of one."""
    while True:
        previous = node.getprevious()
        if previous is not None:
            if previous.tail or previous.tag == "br":
                return str(previous.tail or "")
            return "".join(map(str, previous.itertext()))
        parent = node.getparent()
        if parent is None or parent.text:
            return "" if parent is None else str(parent.text)
        if name_of(parent) not in ("a", "b", "i", "em", "strong", "span"):
            return ""
        node = parent


def _join_drop_caps(root: etree._Element) -> None:
    """Joins a first letter that stands apart with its word: a block of its own, or a picture of it."""
    for node in list(root.iter("div", "p", "span", "img", "figure")):
        words = words_of(node)
        if not (
            words & {"dropcap", "firstletter"} or {"drop", "cap"} <= words or {"first", "letter"} <= words
        ):
            continue
        letter = node.get("alt", "") if node.tag == "img" else "".join(map(str, node.itertext()))
        letter = letter.strip()
        if not 0 < len(letter) <= _LONGEST_CAP:
            continue
        following = node.getnext()
        if node.tag not in ("span", "img") and not (node.tail or "").strip() and following is not None:
            first = following
            while first.text is None and len(first):
                first = first[0]
            first.text = letter + (first.text or "").lstrip()
            leave_out(node)
        else:
            replace_by(node, letter)
