"""How a run of a DOCX looks, as far as it changes what is read: struck out, hidden, raised, in a symbol font.

Properties come from the document's defaults, the styles of paragraph and characters, and the run itself. Those that
the standard calls toggles (ECMA-376, 17.7.3) cancel each other between the two kinds of style.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from ingest.parse.docx.names import value, w, w14

_TOGGLES = ("strike", "vanish")
_SWITCHES = ("dstrike", "specVanish")
_FALSE = frozenset({"0", "false", "off", "none"})
_WHITE = frozenset({"FFFFFF", "FFFFFE"})
_CLEAR = frozenset({"", "auto", *_WHITE})
"""Fills on which white letters are not seen."""
_MAX_STYLE_DEPTH = 20
"""As in ``styles.py``."""
_PLAIN_TABLES = frozenset({"", "tablenormal", "tablegrid"})


@dataclass(frozen=True, slots=True)
class Look:
    """What matters of a run's formatting."""

    struck: bool = False
    hidden: bool = False
    position: str = ""
    """``superscript``, ``subscript`` or ``baseline``."""
    font: str = ""
    """In lower case; "" where nothing names one."""


Properties = Mapping[str, str]
"""Name of a run property -> its value; "true" and "false" for what is on or off."""


class Looks:
    """The run formatting of one document."""

    def __init__(self, styles: etree._Element | None, *, painted_page: bool) -> None:
        """``painted_page``: the document has a background, so white letters may be seen anywhere."""
        self._painted_page = painted_page
        nodes = [] if styles is None else styles.findall(w("style"))
        self._nodes = {node.get(w("styleId"), ""): node for node in nodes}
        self._default_of = {
            node.get(w("type"), ""): node.get(w("styleId"), "")
            for node in nodes
            if node.get(w("default"), "0").lower() not in _FALSE
        }
        defaults = None if styles is None else styles.find(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}")
        self._defaults = _properties(defaults)
        self._known: dict[str, Properties] = {}

    def look(self, run: etree._Element, paragraph_style: str | None) -> Look:
        """Returns the look of a ``w:r`` in a paragraph of this style."""
        node = run.find(w("rPr"))
        own = _properties(node)
        of_paragraph = self._style(paragraph_style or self._default_of.get("paragraph", ""))
        of_characters = self._style(value(node, w("rStyle")) or "")
        merged = {**self._defaults, **of_paragraph, **of_characters, **own}
        on = {name: merged.get(name) == "true" for name in _SWITCHES}
        for name in _TOGGLES:
            in_styles = (of_paragraph.get(name) == "true") != (of_characters.get(name) == "true")
            inherited = self._defaults.get(name) == "true" or in_styles
            on[name] = own[name] == "true" if name in own else inherited
        return Look(
            struck=on["strike"] or on["dstrike"],
            hidden=on["vanish"] or on["specVanish"] or self._is_unseen(run, merged),
            position=merged.get("vertAlign", ""),
            font=merged.get("font", ""),
        )

    def _style(self, style_id: str) -> Properties:
        """Returns the run properties of a style, those that it inherits included."""
        if style_id not in self._known:
            chain: list[Properties] = []
            name: str | None = style_id
            while name in self._nodes and len(chain) < _MAX_STYLE_DEPTH:
                node = self._nodes[name]
                chain.append(_properties(node.find(w("rPr"))))
                name = value(node, w("basedOn"))
            merged: dict[str, str] = {}
            for each in reversed(chain):
                merged |= each
            self._known[style_id] = merged
        return self._known[style_id]

    def _is_unseen(self, run: etree._Element, merged: Properties) -> bool:
        """Returns whether letters are without ink, or white where nothing says that the ground is not.

        Letters of one point are read: there are tables that real programs make of them.
        """
        if merged.get("filled") == "false":
            return True
        if merged.get("color", "") not in _WHITE or self._painted_page:
            return False
        if merged.get("shade", "") not in _CLEAR or merged.get("highlight", "none") not in ("none", "white"):
            return False
        return not any(self._is_painted(node) for node in run.iterancestors())

    def _is_painted(self, node: etree._Element) -> bool:
        """Returns whether what is around a run may have a ground of its own: a shape, a cell, a styled table."""
        if node.tag in (w("txbxContent"), w("hdr"), w("ftr")):
            return True
        properties = node.find(f"{node.tag}Pr")
        if properties is None:
            return False
        if node.tag == w("tbl") and (value(properties, w("tblStyle")) or "").lower() not in _PLAIN_TABLES:
            return True
        own = properties.find(w("shd"))
        style = self._nodes.get(value(properties, w("pStyle")) or "")
        inherited = None if style is None else style.find(f"{w('pPr')}/{w('shd')}")
        return any(shade is not None and _fill(shade) not in _CLEAR for shade in (own, inherited))


def is_on(node: etree._Element | None) -> bool:
    """Returns whether a property that is on or off is on: present, and not said to be off."""
    return node is not None and (node.get(w("val")) or "true").lower() not in _FALSE


def _properties(node: etree._Element | None) -> dict[str, str]:
    """Returns what a ``w:rPr`` says by itself."""
    found: dict[str, str] = {}
    if node is None:
        return found
    for name in (*_TOGGLES, *_SWITCHES):
        switch = node.find(w(name))
        if switch is not None:
            found[name] = "true" if is_on(switch) else "false"
    for name in ("vertAlign", "highlight"):
        if text := value(node, w(name)):
            found[name] = text
    if (color := value(node, w("color"))) is not None:
        found["color"] = color.upper()
    shade = node.find(w("shd"))
    if shade is not None:
        found["shade"] = _fill(shade)
    fonts = node.find(w("rFonts"))
    if fonts is not None and (font := fonts.get(w("ascii")) or fonts.get(w("hAnsi"))):
        found["font"] = font.lower()
    if node.find(f"{w14('textFill')}/{w14('noFill')}") is not None:
        found["filled"] = "false"
    return found


def _fill(shade: etree._Element) -> str:
    """Returns the colour of a ``w:shd``; a pattern or a theme's colour counts as one."""
    if shade.get(w("themeFill")) or shade.get(w("val"), "clear") not in ("clear", "nil"):
        return "pattern"
    fill = shade.get(w("fill"), "")
    return fill if fill == "auto" else fill.upper()
