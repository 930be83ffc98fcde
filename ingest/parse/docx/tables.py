"""What the properties of a Word table say about its rows and cells."""

from __future__ import annotations

from lxml import etree

from ingest.parse.docx.names import w

_WIDEST = 100
"""Columns that a cell may span or a row may skip: Word has 63."""
_OFF = frozenset({"0", "false", "off"})


def columns_of_cell(cell: etree._Element) -> int:
    """Returns how many columns a cell takes."""
    return max(1, _number(cell.find(f"{w('tcPr')}/{w('gridSpan')}")))


def skipped_columns(row: etree._Element) -> int:
    """Returns how many columns are left out before the first cell of a row."""
    return _number(row.find(f"{w('trPr')}/{w('gridBefore')}"))


def is_merged_upwards(cell: etree._Element) -> bool:
    """Returns whether a cell only goes on with the one above it."""
    merge = cell.find(f"{w('tcPr')}/{w('vMerge')}")
    return merge is not None and merge.get(w("val")) != "restart"


def is_header_row(row: etree._Element) -> bool:
    """Returns whether a row is repeated at the top of each page."""
    mark = row.find(f"{w('trPr')}/{w('tblHeader')}")
    return mark is not None and mark.get(w("val"), "1") not in _OFF


def _number(node: etree._Element | None) -> int:
    text = "" if node is None else node.get(w("val"), "")
    return min(int(text[:4]), _WIDEST) if text.isascii() and text.isdecimal() else 0
