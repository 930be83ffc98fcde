"""The tree of a page: built within bounds, and changed without moving anything in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree, html

from kb.errors import BadInput

MOST_ATTRIBUTES = 2000
"""Of one element. libxml2 compares each with all others: 60,000 take 7 s, and twice as many four times that."""

_TAG = re.compile(r"<(?:(!--)|(script|style|textarea|title|xmp)\b|[A-Za-z])", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+")
_FEW = 20 * MOST_ATTRIBUTES
"""Characters: a text that is shorter cannot hold enough attributes to matter."""


def tree_of(text: str) -> etree._Element | None:
    """Returns the page as a tree; None when there is no element in it. Reads no DTD, file or URL.

    Raises:
        BadInput: even libxml2's larger limits were not enough, so that a part would be missing; or an element has
            more attributes than any program writes.
    """
    if len(text) > _FEW and any(count > MOST_ATTRIBUTES for count in _attribute_counts(text)):
        raise BadInput(
            f"An element of the page has more than {MOST_ATTRIBUTES:,} attributes, which no real page has."
        )
    # Without huge_tree libxml2 stops at depth 256 and drops the rest of the page without a word; old
    # pages with unclosed <font> get there.
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root: etree._Element | None = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # "Document is empty"
        return None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise BadInput("Elements of the page are nested thousands deep. Print it to a PDF and add that.")
    return root


def _attribute_counts(text: str) -> Iterator[int]:
    """Yields how many attributes each tag has, in one pass over ``text``."""
    position = 0
    lowered = text.lower()
    while found := _TAG.search(text, position):
        position = found.end()
        count = 0
        while attribute := _ATTRIBUTE.match(text, position):
            count += 1
            position = attribute.end()
        yield count
        closing = "-->" if found[1] else f"</{found[2].lower()}" if found[2] else ""
        if closing:
            end = lowered.find(closing, position)
            if end < 0:
                return
            position = end


def leave_out(node: etree._Element) -> None:
    """Empties ``node`` and gives it a name that no reader looks into; the text after it stays."""
    node.tag = "template"
    node.text = None
    del node[:]


def replace_by(node: etree._Element, text: str) -> None:
    """Puts ``text`` in place of ``node``, within the line."""
    node.tag = "span"
    del node[:]
    node.text = text


def outermost(root: etree._Element, wanted: Callable[[etree._Element], bool]) -> list[etree._Element]:
    """Returns the elements below ``root`` that are ``wanted``, none of them within another; in document order."""
    found: list[etree._Element] = []
    walk = etree.iterwalk(root, events=("start",))
    for _, node in walk:
        if node is not root and isinstance(node.tag, str) and wanted(node):
            found.append(node)
            walk.skip_subtree()
    return found


def name_of(node: etree._Element) -> str:
    """Returns the name of an element in lower case without a prefix; "" for what is none."""
    return node.tag.rpartition(":")[2].lower() if isinstance(node.tag, str) else ""
