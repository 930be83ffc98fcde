"""Where the links of a page lead: the address behind a text, as far as it says more than how the site is built."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from ingest.parse.look.addresses import Addresses, readable, urlsplit_or_none
from ingest.parse.page.tree import name_of
from kb.system.public_address import public_address

_SAVED = re.compile(
    r"<!--\s*+(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*+)(https?://[^\s>]+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z]+:", re.IGNORECASE)
_HEAD = 4000
"""Characters in which a browser notes where it saved the page from."""
_OWN_IN_BLOCK = 3
"""Links to the page's own site in one paragraph; more are how a wiki joins its words."""
_OWN_ON_PAGE = 150
_BLOCKS = frozenset(
    {"p", "li", "td", "th", "dd", "dt", "blockquote", "figcaption", "div", "section", "article", "body"}
)
_NO_PLACE = frozenset({*(f"h{level}" for level in range(1, 7)), "pre", "code", "kbd", "samp", "summary"})
_PAGE_NAME = re.compile(
    r"(?:^|/|\.(?:x?html?|php|aspx?|jsp))(?:[?#].*)?$|^[^.?#]*+(?:[?#].*)?$", re.IGNORECASE
)
"""The address of another page beside this one: without the folder that it was saved from it leads nowhere."""


def page_address(root: etree._Element, text: str) -> str:
    """Returns where the page was saved from, as far as it says so; else "". Whoever was logged in there is not said:
    each link within the site would repeat it.
    """
    return public_address(_said_address(root, text))


def _said_address(root: etree._Element, text: str) -> str:
    base = root.find(".//base[@href]")
    if base is not None and urlsplit_or_none(base.get("href", "")):
        return base.get("href", "")
    if saved := _SAVED.search(text[:_HEAD]):
        return saved[1]
    for path, name in ((".//link[@rel='canonical']", "href"), (".//meta[@property='og:url']", "content")):
        node = root.find(path)
        if node is not None and urlsplit_or_none(node.get(name, "")):
            return node.get(name, "")
    return ""


def write_addresses(root: etree._Element, page: str) -> None:
    """Writes the addresses of links after their texts. Headings keep their words alone: they stand over passages."""
    addresses = Addresses(page)
    links = [(node, node.get("href", "").strip()) for node in root.iter("a") if node.get("href")]
    links = [(node, target) for node, target in links if not _is_here(target, page)]
    own = [node for node, target in links if _is_own(target, page)]
    blocks = Counter(_block(node) for node in own)
    wiki = len(own) > _OWN_ON_PAGE
    for node, target in links:
        block = _block(node)
        if block is None or (_is_own(target, page) and (wiki or blocks[block] > _OWN_IN_BLOCK)):
            continue
        if address := addresses.after("".join(map(str, node.itertext())), target):
            node.append(_text_node(address))


def _text_node(text: str) -> etree._Element:
    node = etree.Element("span")
    node.text = text
    return node


def _is_own(target: str, page: str) -> bool:
    """Returns whether a link stays on the site: relative, or of the page's host."""
    host = urlsplit_or_none(target.strip())
    return not re.match(r"\s*[a-z]+:", target, re.IGNORECASE) or (
        bool(host) and host == urlsplit_or_none(page)
    )


def _is_here(target: str, page: str) -> bool:
    """Returns whether a link leads to the page itself, or to one beside it when nobody knows where that is."""
    address = readable(target, page)
    if not page and not _SCHEME.match(target):
        return not address or (not target.startswith("/") and _PAGE_NAME.search(target) is not None)
    return not address or (bool(page) and address.partition("#")[0] == page.partition("#")[0])


def _block(node: etree._Element) -> etree._Element | None:
    """Returns the nearest block around a link; None within a heading or code."""
    for above in node.iterancestors():
        if name_of(above) in _NO_PLACE:
            return None
        if name_of(above) in _BLOCKS:
            return above
    return node
