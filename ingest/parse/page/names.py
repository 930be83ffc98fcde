"""What the names of elements say: the words that those who build sites call their parts by, in whatever language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from lxml import etree

from ingest.parse.page.panels import WORD
from ingest.parse.page.tree import name_of
from kb.text.word_lists import all_word_lists

_SITE = frozenset(
    {
        *(
            "nav",
            "navbar",
            "navigation",
            "navlinks",
            "breadcrumb",
            "breadcrumbs",
            "crumbs",
            "menu",
            "submenu",
            "topbar",
        ),
        *(
            "masthead",
            "pagetop",
            "header",
            "footer",
            "foot",
            "copyright",
            "sitemap",
            "toolbar",
            "skip",
            "pagination",
        ),
        *(
            "pager",
            "cookie",
            "cookies",
            "consent",
            "gdpr",
            "share",
            "sharing",
            "social",
            "subscribe",
            "newsletter",
        ),
        *(
            "subscription",
            "signup",
            "signin",
            "login",
            "ad",
            "ads",
            "advert",
            "advertisement",
            "adsbygoogle",
            "sponsored",
        ),
        *("promo", "promotion", "popup", "modal", "paywall"),
    }
)
"""Parts of the site and none of the page."""
_HEAD_AND_FOOT = frozenset({"header", "footer", "foot", "masthead", "copyright"})
_SITE_STEMS = (
    "breadcrumb",
    "cookie",
    "newsletter",
    "footer",
    "sharedaddy",
    "subscri",
    "navbar",
    "addthis",
    "topnav",
)
_BESIDE = frozenset(
    {
        *(
            "comment",
            "comments",
            "discussion",
            "disqus",
            "respond",
            "responses",
            "related",
            "recommend",
            "recommended",
        ),
        *(
            "recommendations",
            "recirc",
            "recirculation",
            "onwards",
            "sidebar",
            "complementary",
            "widget",
            "widgets",
        ),
        *(
            "popular",
            "trending",
            "viewed",
            "teaser",
            "teasers",
            "promoted",
            "outbrain",
            "taboola",
            "ranking",
            "rank",
        ),
        *("hot", "latest", "keywords", "tags", "topics", "links", "rail", "upnext", "also"),
    }
)
"""Parts beside an article: what readers wrote, and other articles."""
_BESIDE_STEMS = ("comment", "related", "recommend", "sidebar", "teaser", "pinglun", "tuijian", "mostread")
_PAIRS = (
    {"read", "more"},
    {"read", "next"},
    {"most", "read"},
    {"more", "stories"},
    {"up", "next"},
    {"link", "rich"},
)
_OF_NEWS = frozenset(
    {
        *(
            "related",
            "recommended",
            "recommendations",
            "recirc",
            "recirculation",
            "onwards",
            "trending",
            "teaser",
        ),
        *("teasers", "outbrain", "taboola", "respond", "promoted"),
    }
)
_POSTS = frozenset(
    {
        *(
            "post",
            "message",
            "answer",
            "reply",
            "msg",
            "question",
            "topic-post",
            "forum-post",
            "message--post",
            "thing",
        ),
        *("comment-body", "topic", "lia-message", "discussion-post", "timeline-comment"),
    }
)
"""What a forum calls its contributions: whole classes, since parts of one post are called after it, too."""
_AS_POSTS = frozenset({"div", "article", "section", "li", "tr", "table", "td"})
_ATTRIBUTES = (
    "class",
    "id",
    "role",
    "data-component",
    "data-area",
    "data-gu-name",
    "data-testid",
    "data-module",
)
_LONGEST = 500
_COUNT = re.compile(r"[\d()（）\[\]:：.,，!！?？|»›>→…\s-]+")


def words(node: etree._Element) -> frozenset[str]:
    """Returns the words by which an element is named, in lower case; its own name is none of them."""
    said = " ".join(node.get(name, "") for name in _ATTRIBUTES).strip()[:_LONGEST]
    return frozenset(word.lower() for word in WORD.findall(said)) if said else frozenset()


def is_head_or_foot(node: etree._Element) -> bool:
    """Returns whether an element is named as the head or foot of something, which may be of a letter or a form."""
    return name_of(node) in ("header", "footer") or not words(node).isdisjoint(_HEAD_AND_FOOT)


def is_site(node: etree._Element) -> bool:
    """Returns whether an element is named as a part of the site: its menu, its head and foot, its advertisements."""
    if name_of(node) in ("nav", "footer", "header") or node.get("role") in ("navigation", "banner", "search"):
        return True
    named = words(node)
    return not named.isdisjoint(_SITE) or _holds_stem(named, _SITE_STEMS)


def is_beside(node: etree._Element) -> bool:
    """Returns whether an element is named as what stands beside an article."""
    if name_of(node) == "aside" and node.get("role") != "note" and "admonition" not in words(node):
        return True
    named = words(node)
    if not named.isdisjoint(_BESIDE) or _holds_stem(named, _BESIDE_STEMS):
        return True
    return any(pair <= named for pair in _PAIRS)


def is_comments(node: etree._Element) -> bool:
    """Returns whether an element is named as what readers wrote."""
    named = words(node)
    return _holds_stem(named, ("comment", "discussion", "disqus", "pinglun", "responses"))


def is_of_news(node: etree._Element) -> bool:
    """Returns whether an element is named as only parts of news sites and blogs are: comments, related articles."""
    named = words(node)
    return is_comments(node) or not named.isdisjoint(_OF_NEWS) or any(pair <= named for pair in _PAIRS)


def is_post(node: etree._Element) -> bool:
    """Returns whether an element is named as one contribution of several."""
    return name_of(node) in _AS_POSTS and not _POSTS.isdisjoint(node.get("class", "").lower().split())


def introduces_others(text: str) -> bool:
    """Returns whether a heading says that other articles or readers' words follow, in any language that has a list."""
    plain = " ".join(_COUNT.sub(" ", text.casefold()).split())
    return plain in _phrases()


@cache
def _phrases() -> frozenset[str]:
    return frozenset(phrase.casefold() for each in all_word_lists() for phrase in each.other_articles)


def _holds_stem(named: Iterable[str], stems: tuple[str, ...]) -> bool:
    return any(stem in word for word in named for stem in stems)
