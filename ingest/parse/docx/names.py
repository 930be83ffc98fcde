"""Qualified names of WordprocessingML, spelt once."""

from __future__ import annotations

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def w(name: str) -> str:
    """Returns ``name`` in the main namespace."""
    return _W + name


def r(name: str) -> str:
    """Returns ``name`` in the namespace of relations."""
    return _R + name


def m(name: str) -> str:
    """Returns ``name`` in the namespace of formulas."""
    return _M + name


def mc(name: str) -> str:
    """Returns ``name`` in the namespace of alternatives for older programs."""
    return _MC + name


def w14(name: str) -> str:
    """Returns ``name`` in the namespace of what Word 2010 added."""
    return _W14 + name


def value(parent: etree._Element | None, path: str) -> str | None:
    """Returns ``w:val`` of the element at ``path`` below ``parent``; None where there is none."""
    found = None if parent is None else parent.find(path)
    return None if found is None else found.get(w("val"))
