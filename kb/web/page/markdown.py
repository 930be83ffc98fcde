"""A model's Markdown -> safe HTML. Only ``kb.web.page.render`` calls this.

Two nets, one behind the other. Markdown is read with raw HTML and images switched off, so that what
a model writes can only become the elements that this file makes; then ``nh3`` lets through a short
list of elements and attributes, whatever came before. Partial text, while it streams, takes the
same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from kb.types import CheckedSentence, Support
from kb.web.page.strings import Strings

_MARKERS = {Support.UNSUPPORTED: "\ue000", Support.WEAK: "\ue001"}
"""Stand behind a sentence that its source does not support; private characters that we take out of the
model's own text first."""
_ANY_MARKER = re.compile("[" + "".join(_MARKERS.values()) + "]")
_FOOTNOTE = re.compile(r"\[(\d{1,3})\]|" + _ANY_MARKER.pattern)
_HALF_FOOTNOTE = re.compile(r"[\[【][\d\s,，、]*$")
_LONGEST_TARGET = 90

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "s",
    "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"class", "href", "id", "data-source", "aria-label", "target"},
    "ol": {"start"},
    "span": {"class", "title"},
}


def model_blocks(
    text: str,
    *,
    turn_id: str,
    sources: Collection[int],
    checks: Sequence[CheckedSentence] = (),
    partial: bool = False,
    strings: Strings,
) -> list[str]:
    """Returns ``text`` as HTML, a string for each of its blocks (paragraph, list, table ...).

    ``[n]`` links to ``#{turn_id}-s{n}`` where n is one of ``sources``. Sentences of ``text`` that
    ``checks`` finds weak or unsupported get a mark behind them. ``partial`` hides a footnote of which
    only half has arrived.
    """
    text = _ANY_MARKER.sub("\N{REPLACEMENT CHARACTER}", text)
    if partial:
        text = _HALF_FOOTNOTE.sub("", text)
    doubtful = [check for check in checks if check.support in _MARKERS]
    for check in reversed(doubtful):  # from the end, so that the places before stay right
        text = text[: check.end] + _MARKERS[check.support] + text[check.end :]
    env = {
        "turn": turn_id,
        "sources": frozenset(sources),
        "seen": set(),
        "strings": strings,
        "doubtful": iter(doubtful),
    }
    reader = _reader()
    return [
        nh3.clean(
            reader.renderer.render(block, reader.options, env),
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https"},
            link_rel="noopener noreferrer",
        )
        for block in _top_level(reader.parse(text, env))
    ]


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
    """Splits ``[n]`` and marks off the text; code and link targets are no text."""
    for block in state.tokens:
        if block.children is None:
            continue
        block.children = [
            part
            for token in block.children
            for part in (_parts(token, state.env) if token.type == "text" else [token])
        ]


def _parts(token: Token, env: Any) -> list[Token]:
    parts: list[Token] = []
    end = 0
    for match in _FOOTNOTE.finditer(token.content):
        found = _tokens_of(match, env["sources"])
        if found:
            parts += [_token("text", token.content[end : match.start()]), *found]
            end = match.end()
    return [*parts, _token("text", token.content[end:])]


def _tokens_of(match: re.Match[str], sources: frozenset[int]) -> list[Token]:
    """Returns one token a number; none when a number names no source, so that the text stays as it is."""
    for support, marker in _MARKERS.items():
        if match[0] == marker:
            return [_token("doubt", support.value)]
    numbers = [int(number) for number in re.findall(r"\d+", match[0])]
    return [_token("footnote", str(number)) for number in numbers] if sources.issuperset(numbers) else []


def _token(kind: str, content: str) -> Token:
    return Token(kind, "", 0, content=content)


def _render_footnote(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, env: Any) -> str:
    n = int(tokens[index].content)
    source = f"{env['turn']}-s{n}"
    first = "" if n in env["seen"] else f' id="{env["turn"]}-f{n}"'
    env["seen"].add(n)
    label = escape(env["strings"].source_n.format(n=n))
    return f'<a class="fn" href="#{source}" data-source="{source}" aria-label="{label}"{first}>{n}</a>'


def _render_doubt(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, env: Any) -> str:
    strings: Strings = env["strings"]
    kind = tokens[index].content
    word = strings.weak if kind == Support.WEAK.value else strings.unsupported
    check: CheckedSentence = next(env["doubtful"])
    return f'<span class="{kind}" title="{escape(strings.doubt(check))}">{escape(word)}</span>'


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
    shown = href if len(href) <= _LONGEST_TARGET else href[: _LONGEST_TARGET - 1] + "…"
    return f'</a> <span class="target">({escape(shown)})</span>'


def _render_heading(_self: RendererHTML, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    """Returns a heading of a lower level: those of an answer stand below those of the page."""
    level = min(int(tokens[index].tag[1:]) + 2, 5)
    return f"<{'/' if tokens[index].nesting < 0 else ''}h{level}>"
