"""What stands around the text of a page: menus, teasers, readers' comments. It goes where a text is to stand around.

A forum, a list, a table, a page of questions is content throughout, whatever its parts are called. So nothing goes that
holds much of the page, and what is beside an article goes only once an article was found: one element in which most
of the page's prose stands.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice

from lxml import etree

from ingest.parse.page.measures import INLINE, Measure, measure
from ingest.parse.page.names import (
    introduces_others,
    is_beside,
    is_comments,
    is_head_or_foot,
    is_of_news,
    is_post,
    is_site,
)
from ingest.parse.page.tree import leave_out, name_of, outermost

_ARTICLE = 800
"""Bytes of prose from which on a text is one."""
_SHORT_ARTICLE = 500
"""The same where the page says that it is an article."""
_MOSTLY = 0.6
"""The share of the page's prose that the article has, what is named as beside it set apart."""
_DEEPER = 0.75
"""The share of an element's prose that one child has for the search to go on there."""
_SITE_SHARE = 0.2
"""The share of the page's prose that a part of the site has at most: otherwise it only bears such a name."""
_LINKED = 0.3
"""The share of linked text from which on what is outside of the article leads elsewhere."""
_ANY_LINKED = 0.01
_MENU = 0.7
"""The same within the main part of the page, where lists of links may belong to the text."""
_WRITTEN = 0.4
"""The share of the page's prose that the contributions to a discussion have."""
_COMMENTS = 3
"""How many times an article's prose what readers wrote may be, for a page that does not say it is an article."""
_LOOKED_AT = 200
"""Elements of one part that are looked at for a row of teasers."""
_CARD = 900
"""Bytes of a teaser or a remark at most, on the average of a row of them."""
_CARDS = 3
_UNEVEN = 0.6
"""The share of a row that one of its cards has at most: a table that lays out a page has its text in one cell."""
_WITH_LINKS = 0.8
"""The share of them that have a link."""
_HALF = 0.5
"""The share of the prose in rows of cards that an article has at least, for the rows to be beside it."""
_HEADING = 80
_TYPES = ("Article", "NewsArticle", "BlogPosting", "Report")
_HEADINGS = frozenset({f"h{level}" for level in range(1, 7)})
_AS_HEADINGS = ("div", "p", "span", "b", "strong")
_NO_SITE = frozenset(
    {
        *(
            "body",
            "main",
            "p",
            "pre",
            "code",
            "td",
            "th",
            "tr",
            "thead",
            "tbody",
            "dt",
            "dd",
            "summary",
            "li",
        ),
        *(*_HEADINGS, "b", "em", "strong", "span", "section", "article"),
    }
)
"""Elements that are no part of a site, whatever they are called: ``<h4 class=code-header>``."""
_NEVER_BESIDE = frozenset({"body", "main", "article"})
_CELLS = frozenset({"p", "li", "dd", "dt", "tr", "pre", "blockquote", "table", "ul", "ol", "dl", *_HEADINGS})
"""Elements that are no place for an article: the search for it ends above them."""


def leave_out_frame(root: etree._Element) -> int:
    """Empties what stands around the text of the page; returns the bytes of prose in it."""
    body = root.find("body")
    if body is None:
        return 0
    frame = _Frame(body, is_article=_says_article(root))
    return frame.leave_out()


def _says_article(root: etree._Element) -> bool:
    """Returns whether the page says for programs that it is an article."""
    kind = root.find(".//meta[@property='og:type']")
    if kind is not None and kind.get("content", "").lower() == "article":
        return True
    data = " ".join(
        str(node.text or "")[:20_000] for node in root.iter("script") if "ld+json" in node.get("type", "")
    )
    return (
        any(f'"{name}"' in data for name in _TYPES) or root.find(".//*[@itemprop='articleBody']") is not None
    )


class _Frame:
    """Finds the parts of one page."""

    def __init__(self, body: etree._Element, *, is_article: bool) -> None:
        self._body = body
        self._is_article = is_article
        self._whole = measure(body)
        self._title = self._find_title()
        self._gone = 0

    def leave_out(self) -> int:
        """Empties the frame, part by part."""
        for node in outermost(self._body, self._is_site):
            self._empty(node, counts=False)
        if self._is_discussion():
            return self._gone
        headed = set(self._headed())
        beside = outermost(
            self._body, lambda node: self._may_go(node) and (node in headed or is_beside(node))
        )
        if self._is_kept_for_comments(beside):
            return self._gone
        rows = [node for node in outermost(self._body, self._are_cards) if not self._holds(node, self._title)]
        rest = measure(self._body, {*beside, *rows})
        article = self._article(rest)
        least = _SHORT_ARTICLE if self._is_article else _ARTICLE
        in_rows = sum(self._whole[node].prose for node in rows)
        if rest[article].prose < max(least, _MOSTLY * rest[self._body].prose, _HALF * in_rows):
            return self._gone
        for node in beside:
            if not self._holds(node, article):
                self._empty(node)
        if self._is_article or headed or any(is_of_news(node) for node in beside):
            self._clear_around(article)
            self._clear_leads(article)
        return self._gone

    def _find_title(self) -> etree._Element | None:
        """Returns the heading of the page: in its main part where it has one there, else the first."""
        titles = list(self._body.iter("h1"))
        inside = [
            node for node in titles if any(name_of(up) in ("main", "article") for up in node.iterancestors())
        ]
        return next(iter(inside or titles), None)

    @staticmethod
    def _is_in_main(node: etree._Element) -> bool:
        return any(name_of(up) in ("main", "article") for up in node.iterancestors())

    def _holds(self, node: etree._Element, other: etree._Element | None) -> bool:
        return other is not None and any(above is node for above in (other, *other.iterancestors()))

    def _empty(self, node: etree._Element, *, counts: bool = True) -> None:
        if counts:
            self._gone += self._whole[node].prose
        leave_out(node)

    def _is_site(self, node: etree._Element) -> bool:
        if name_of(node) in _NO_SITE or not is_site(node):
            return False
        if self._holds(node, self._title) or any(
            node.find(f".//{name}") is not None for name in ("main", "article")
        ):
            return False
        own = self._whole[node]
        if is_head_or_foot(node) and own.link_share < (_MENU if self._is_in_main(node) else _ANY_LINKED):
            return False
        if name_of(node) != "nav" and any(
            name_of(up) in ("article", "blockquote") for up in node.iterancestors()
        ):
            return own.link_share >= _LINKED or (own.prose == 0 and name_of(node) != "header")
        return (
            own.prose <= _SITE_SHARE * self._whole[self._body].prose
            and 2 * own.size <= self._whole[self._body].size
        )

    def _is_discussion(self) -> bool:
        """Returns whether the page is made of contributions of several people, as a forum is."""
        posts = [
            self._whole[node]
            for node in outermost(self._body, lambda node: is_post(node) and self._whole[node].prose > 0)
            if self._whole[node].link_share < _LINKED
            and not any(is_beside(up) for up in (node, *node.iterancestors()))
        ]
        written = sum(post.prose for post in posts)
        return len(posts) >= 2 and written >= _WRITTEN * self._whole[self._body].prose

    def _headed(self) -> list[etree._Element]:
        """Returns what a heading introduces as other articles or as the words of readers."""
        headings = [node for node in self._body.iter(*_HEADINGS, *_AS_HEADINGS) if self._introduces(node)]
        sections = [self._section(node) for node in headings]
        return [node for node in sections if node is not None and self._may_go(node)]

    def _is_kept_for_comments(self, beside: list[etree._Element]) -> bool:
        """Returns whether what others wrote is most of the page, and the page does not say that it is an article."""
        rest = self._whole[self._body].prose - sum(self._whole[node].prose for node in beside)
        written = sum(self._whole[node].prose for node in beside if is_comments(node))
        return not self._is_article and written > _COMMENTS * rest and rest < _COMMENTS * _ARTICLE

    def _may_go(self, node: etree._Element) -> bool:
        own, page = self._whole[node], self._whole[self._body]
        if name_of(node) in INLINE or self._holds(node, self._title):
            return False
        return is_comments(node) or (name_of(node) not in _NEVER_BESIDE and 2 * own.prose <= page.prose)

    def _introduces(self, node: etree._Element) -> bool:
        own = self._whole.get(node)
        if own is None or not 0 < own.size <= _HEADING or len(node) > 3:
            return False
        return introduces_others("".join(map(str, node.itertext())))

    def _section(self, heading: etree._Element) -> etree._Element | None:
        """Returns the element that a heading begins and that holds more than the heading; None where there is none."""
        node = heading
        while True:
            parent = node.getparent()
            if (
                parent is None
                or parent is self._body
                or node.getprevious() is not None
                or (parent.text or "").strip()
            ):
                return (
                    None if node is heading or self._whole[node].size == self._whole[heading].size else node
                )
            if self._whole[node].size > self._whole[heading].size:
                return node
            node = parent

    def _article(self, rest: dict[etree._Element, Measure]) -> etree._Element:
        """Returns the deepest element in which most of the prose stands, rows of teasers and remarks set apart."""
        node = self._body
        while True:
            children = [child for child in node if child in rest and name_of(child) not in _CELLS | INLINE]
            best = max(children, key=lambda child: rest[child].prose, default=None)
            if best is None or rest[best].prose < _DEEPER * rest[node].prose:
                return node
            node = best

    def _are_cards(self, node: etree._Element) -> bool:
        """Returns whether an element is a row of teasers or remarks: alike, short, each with a link."""
        children = [child for child in node if child in self._whole and self._whole[child].size]
        if len(children) < _CARDS:
            return False
        kinds = Counter((child.tag, child.get("class", "").split(" ")[0]) for child in children)
        kind, count = kinds.most_common(1)[0]
        if count < _CARDS or count < len(children) - 2:
            return False
        alike = [
            self._whole[child]
            for child in children
            if (child.tag, child.get("class", "").split(" ")[0]) == kind
        ]
        together = sum(each.size for each in alike)
        if together > _CARD * len(alike) or max(each.size for each in alike) > _UNEVEN * together:
            return False
        return sum(each.linked > 0 for each in alike) >= _WITH_LINKS * len(alike)

    def _clear_around(self, article: etree._Element) -> None:
        """Empties what is outside of the article and leads elsewhere, or is a row of cards."""
        inside = article
        while inside is not self._body:
            within = self._is_in_main(inside)
            linked = _MENU if within else _LINKED
            before, after = list(inside.itersiblings(preceding=True)), list(inside.itersiblings())
            gone = [node for node in (*before, *after) if self._leads_away(node, linked)]
            gone += [
                node for node in after if is_head_or_foot(node) and self._is_bare(node) and node not in gone
            ]
            for node in gone:
                self._empty(node)
            inside = next(inside.iterancestors())

    def _is_bare(self, node: etree._Element) -> bool:
        return node in self._whole and self._whole[node].prose == 0

    def _leads_away(self, node: etree._Element, linked: float) -> bool:
        own = self._whole.get(node)
        if own is None or own.size == 0 or self._holds(node, self._title) or name_of(node) in _HEADINGS:
            return False
        if own.link_share >= linked:
            return True
        rows = islice(node.iter(), _LOOKED_AT)
        return any(
            each in self._whole and 2 * self._whole[each].size > own.size and self._are_cards(each)
            for each in rows
        )

    def _clear_leads(self, article: etree._Element) -> None:
        """Empties paragraphs within the article that only lead to another: "Read more:" and a headline."""
        for node in list(article.iter("p", "div", "li", "span")):
            own = self._whole.get(node)
            link = node.find(".//a")
            if (
                own is None
                or link is None
                or not link.text
                or own.size > 4 * _HEADING
                or len(node.findall(".//a")) > 1
            ):
                continue
            label = "".join(map(str, link.itertext()))
            whole = "".join(map(str, node.itertext()))
            before, _, after = whole.partition(label or whole)
            if label and not after.strip() and introduces_others(before):
                self._empty(node)
