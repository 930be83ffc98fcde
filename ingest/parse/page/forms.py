"""What is filled in on a page: fields by their values, boxes by their state, lists by what was chosen."""

from __future__ import annotations

from lxml import etree

from ingest.parse.look.formatting import EMPTY, TICKED
from ingest.parse.page.tree import leave_out, name_of, replace_by

_TYPED = frozenset(
    {"", "text", "email", "tel", "number", "date", "datetime-local", "month", "week", "time", "url"}
)
_BOXES = frozenset({"checkbox", "radio"})
_CONTROLS = frozenset({"input", "select", "textarea"})
_FRAME = frozenset({"nav", "header", "footer"})
_AROUND_A_BOX = frozenset({"label", "td", "th"})
"""A box in a cell has its words in the next one."""
_LONGEST = 20_000
"""Characters of one value."""


def read_forms(root: etree._Element) -> None:
    """Puts the values of fields in their places; prompts, passwords and what a page hides in fields are no values."""
    labelled = {
        node.get("for", "") for node in root.iter("label") if "".join(map(str, node.itertext())).strip()
    }
    for node in list(root.iter(*_CONTROLS)):
        text = "" if _is_in_frame(node) else _value(node, labelled)
        if text:
            replace_by(node, f" {text[:_LONGEST]} ")
        else:
            leave_out(node)


def _value(node: etree._Element, labelled: set[str]) -> str:
    name = name_of(node)
    if name == "select":
        return _chosen(node)
    if name == "textarea":
        return "".join(map(str, node.itertext())).strip()
    kind = node.get("type", "").strip().lower()
    if kind in _BOXES:
        if not _is_labelled(node, labelled):
            return ""
        return TICKED if "checked" in node.attrib else EMPTY
    return node.get("value", "").strip() if kind in _TYPED else ""


def _chosen(node: etree._Element) -> str:
    """Returns the entries of a list that were chosen; "" where it shows its first one, which is mostly a prompt."""
    chosen = [option for option in node.iter("option") if "selected" in option.attrib]
    texts = [
        " ".join("".join(map(str, option.itertext())).split())
        for option in chosen
        if option.get("value") != "" and "disabled" not in option.attrib
    ]
    return ", ".join(text for text in texts if text)


def _is_labelled(node: etree._Element, labelled: set[str]) -> bool:
    """Returns whether words stand beside a box: one without is a trick of the page, to open a menu."""
    if node.get("role") == "button" or node.get("aria-haspopup"):
        return False
    if node.get("id", "-") in labelled or (node.tail or "").strip():
        return True
    parent, following = node.getparent(), node.getnext()
    if parent is not None and name_of(parent) in _AROUND_A_BOX:
        return True
    return following is not None and (following.text or "").strip() != ""


def _is_in_frame(node: etree._Element) -> bool:
    """Returns whether a field belongs to the page and not to what is on it: a search, a choice of language."""
    return any(
        name_of(above) in _FRAME or above.get("role") in ("search", "navigation")
        for above in node.iterancestors()
    )
