"""What of a page is not shown, or is struck out, and goes before its blocks are read."""

from __future__ import annotations

from lxml import etree

from ingest.parse.look.formatting import LeftOut
from ingest.parse.page.panels import Panels, open_heads
from ingest.parse.page.rules import Rules, inline_hides
from ingest.parse.page.tree import leave_out, name_of, outermost

_NEVER_SHOWN = frozenset(
    {"html", "head", "body", "script", "style", "template", "noscript", "link", "meta", "title"}
)
"""Elements whose hiding means nothing: a page waits for its fonts, and scripts are never shown."""
_CONTENT = ("p", "h1", "h2", "main", "article", "table")
_MOST_BY_SHEET = 300
"""Characters that a style sheet alone may hide. More are content that a script shows: which one, the sheet does not
tell."""


def show_and_hide(root: etree._Element) -> LeftOut:
    """Opens what a click opens, empties what is hidden or struck out, and returns how much of it there was."""
    rules, panels = Rules.of(root), Panels(root)
    left_out = LeftOut()
    for panel in [node for node in root.iter(etree.Element) if _is_hidden(node) and panels.opens(node)]:
        panels.show(panel)
    open_heads(root)
    for node in outermost(root, lambda node: _is_hidden(node) or _is_hidden_by_sheet(node, rules, panels)):
        left_out.hidden += _holds_prose(node)
        leave_out(node)
    for node in outermost(root, rules.strikes):
        left_out.struck += bool("".join(map(str, node.itertext())).strip())
        leave_out(node)
    return left_out


def _is_hidden(node: etree._Element) -> bool:
    """Returns whether the element says of itself that it is not shown."""
    if name_of(node) in _NEVER_SHOWN:
        return False
    if "hidden" in node.attrib or inline_hides(node.get("style", "")):
        return True
    # Said to programs that read aloud: of signs beside a text, and of the whole page behind a dialog.
    return node.get("aria-hidden") == "true" and not any(
        node.find(f".//{tag}") is not None for tag in _CONTENT
    )


def _is_hidden_by_sheet(node: etree._Element, rules: Rules, panels: Panels) -> bool:
    if not rules.hides(node) or name_of(node) in _NEVER_SHOWN:
        return False
    left = _MOST_BY_SHEET
    for text in node.itertext():
        left -= len(text)
        if left < 0:
            return False
    return not panels.opens(node)


def _holds_prose(node: etree._Element) -> bool:
    """Returns whether a person would want to know that it was left out: words, and not those of a menu."""
    if name_of(node) in ("input", "select", "svg", "nav", "form", "dialog", "button", "menu"):
        return False
    return len("".join(map(str, node.itertext())).split()) > 5 and node.find(".//a") is None
