"""Office formulas (OMML) in one line, as a person would type them: ``(x-c)/v^2``, ``sum_(i=1)^n x_i``."""

from __future__ import annotations

from lxml import etree

from ingest.parse.docx.names import m

_VAL = m("val")


def linear(node: etree._Element) -> str:
    """Returns the formula in ``node`` (``m:oMath`` or any part of one)."""
    write = _WRITERS.get(_local(node))
    if write is not None:
        return write(node)
    if node.tag == m("t"):
        return node.text or ""
    return "".join(linear(child) for child in node if isinstance(child.tag, str))


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname if node.tag.startswith(m("")) else ""


def _part(node: etree._Element, name: str) -> str:
    found = node.find(m(name))
    return "" if found is None else linear(found)


def _group(text: str) -> str:
    """Returns ``text`` in brackets unless it is one name or number."""
    return text if text.isalnum() or (text[:1] == "(" and text[-1:] == ")") else f"({text})"


def _property(node: etree._Element, name: str, default: str) -> str:
    found = node.find(f"*/{m(name)}")
    return default if found is None else found.get(_VAL, default)


def _fraction(node: etree._Element) -> str:
    return f"{_group(_part(node, 'num'))}/{_group(_part(node, 'den'))}"


def _script(node: etree._Element) -> str:
    low, high = _part(node, "sub"), _part(node, "sup")
    base = _part(node, "e")
    if "/" in base:
        base = _group(base)
    return base + (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "")


def _pre_script(node: etree._Element) -> str:
    return f"_{_group(_part(node, 'sub'))}^{_group(_part(node, 'sup'))}{_part(node, 'e')}"


def _root(node: etree._Element) -> str:
    degree = _part(node, "deg")
    return f"√({degree + '&' if degree else ''}{_part(node, 'e')})"


def _nary(node: etree._Element) -> str:
    low, high = _part(node, "sub"), _part(node, "sup")
    limits = (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "")
    return f"{_property(node, 'chr', '∫')}{limits} {_part(node, 'e')}"


def _delimited(node: etree._Element) -> str:
    inner = _property(node, "sepChr", "|").join(linear(part) for part in node.findall(m("e")))
    return _property(node, "begChr", "(") + inner + _property(node, "endChr", ")")


def _function(node: etree._Element) -> str:
    return f"{_part(node, 'fName')} {_part(node, 'e')}"


def _limit_low(node: etree._Element) -> str:
    return f"{_part(node, 'e')}_{_group(_part(node, 'lim'))}"


def _limit_high(node: etree._Element) -> str:
    return f"{_part(node, 'e')}^{_group(_part(node, 'lim'))}"


def _matrix(node: etree._Element) -> str:
    rows = (" & ".join(linear(cell) for cell in row.findall(m("e"))) for row in node.findall(m("mr")))
    return f"[{'; '.join(rows)}]"


_WRITERS = {
    "f": _fraction,
    "sSup": _script,
    "sSub": _script,
    "sSubSup": _script,
    "sPre": _pre_script,
    "rad": _root,
    "nary": _nary,
    "d": _delimited,
    "func": _function,
    "limLow": _limit_low,
    "limUpp": _limit_high,
    "m": _matrix,
}
