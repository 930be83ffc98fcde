"""A model's Markdown -> safe HTML. Only ``kb.web.page.answer.render_text`` calls this.

Two nets, one behind the other. Markdown is read with raw HTML and images switched off, so that what
a model writes can only become the elements that this file makes; then ``nh3`` lets through a short
list of elements and attributes, whatever came before. Partial text, while it streams, takes the
same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from kb.text.visible import shortened
from kb.types import CheckedSentence
from kb.web.page.answer.footnote_marks import (
    PRIVATE,
    Mark,
    Marking,
    bounded,
    footnote_link,
    split,
    without_bounds,
)
from kb.web.page.strings import Strings

_HALF_FOOTNOTE = re.compile(r"[\[【][\d\s,，、]*$")
_LONGEST_TARGET = 90

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "s",
    "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"class", "href", "id", "data-mark", "aria-label", "target"},
    "ol": {"start"},
    "span": {"class", "title"},
}


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as markup."""

    blocks: list[str]
    """One for each paragraph, list, table ..."""
    marks: list[Mark]
    """Its footnotes, in order."""


def model_blocks(
    text: str,
    *,
    turn_id: str,
    sources: Collection[int],
    checks: Sequence[CheckedSentence] = (),
    partial: bool = False,
    strings: Strings,
) -> Written:
    """Returns ``text`` as markup.

    ``[n]`` becomes a footnote where n is one of ``sources``. The words of sentences that ``checks`` finds weak or
    unsupported are marked, with the reason behind them. ``partial`` hides a footnote of which only half has arrived.
    """
    text = PRIVATE.sub("\N{REPLACEMENT CHARACTER}", text)
    if partial:
        text = _HALF_FOOTNOTE.sub("", text)
    marking = Marking(turn_id, frozenset(sources), checks)
    env = {"marking": marking, "strings": strings}
    reader = _reader()
    blocks = [
        nh3.clean(
            reader.renderer.render(block, reader.options, env),
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https"},
            link_rel="noopener noreferrer",
        )
        for block in _top_level(reader.parse(bounded(text, checks), env))
    ]
    return Written(blocks, marking.marks)


def _top_level(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yields the tokens of one block after the other."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


@cache
def _reader() -> MarkdownIt:
    """Returns CommonMark with tables and strikethrough; without HTML, images and link definitions."""
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    # A definition like `[1]: http://...` would turn a footnote into a link to somewhere else.
    reader.disable(["html_block", "html_inline", "image", "reference"])
    reader.validateLink = _is_web_address  # type: ignore[method-assign]
    reader.core.ruler.push("footnotes", _split_footnotes)
    reader.add_render_rule("footnote", _render_footnote)
    reader.add_render_rule("doubted", _render_doubted)
    reader.add_render_rule("doubt", _render_doubt)
    reader.add_render_rule("link_open", _render_link_open)
    reader.add_render_rule("link_close", _render_link_close)
    reader.add_render_rule("heading_open", _render_heading)
    reader.add_render_rule("heading_close", _render_heading)
    return reader


def _is_web_address(url: str) -> bool:
    """Returns whether ``url`` is http or https with a host; anything else stays text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _split_footnotes(state: StateCore) -> None:
    """Splits ``[n]`` and the ends of sentences off the text; code and link targets are no text."""
    for block in state.tokens:
        if block.children is None:
            block.content = without_bounds(block.content)
        else:
            block.children = split(block.children, state.env["marking"])


def _render_footnote(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, env: Any) -> str:
    return footnote_link(tokens[index].meta["mark"], env["strings"].source_n).lstrip()


def _render_doubted(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    return f'<span class="doubted">{escape(tokens[index].content)}</span>'


def _render_doubt(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, env: Any) -> str:
    strings: Strings = env["strings"]
    check = env["marking"].checks[tokens[index].meta["check"]]
    reason = strings.doubt(check)
    title = f"{reason} {strings.check_it}"
    return f' <span class="{check.support.value}" title="{escape(title)}">{escape(reason)}</span>'


def _render_link_open(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    href = escape(str(tokens[index].attrs.get("href", "")))
    if not href:  # `[text]()` leads nowhere
        return "<span>"
    return f'<a href="{href}" target="_blank">'


def _render_link_close(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    """Returns the end of a link and where it leads, unless its text says so already."""
    opening = next(i for i in range(index, -1, -1) if tokens[i].type == "link_open")
    href = str(tokens[opening].attrs.get("href", ""))
    text = "".join(token.content for token in tokens[opening:index])
    if not href:
        return "</span>"
    if text == href:
        return "</a>"
    return f'</a> <span class="target">({escape(shortened(href, _LONGEST_TARGET))})</span>'


def _render_heading(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    """Returns a heading of a lower level: those of an answer stand below those of the page."""
    level = min(int(tokens[index].tag[1:]) + 2, 5)
    return f"<{'/' if tokens[index].nesting < 0 else ''}h{level}>"
