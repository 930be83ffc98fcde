"""Merged cells of Word tables are where a reader sees them."""

from __future__ import annotations

from pathlib import Path

import docx

from ingest.parse.docx.document import parse_docx
from kb.types import BlockKind


def test_merged_cells_and_tables_in_cells(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=5, cols=3)
    for place, text in enumerate(
        ("Region", "Branch", "Opens", "North", "Kiel", "8", "", "Husum", "9", "South", "Ulm")
    ):
        table.cell(place // 3, place % 3).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(4, 0).merge(table.cell(4, 1)).text = "West and East"
    inner = table.cell(3, 2).add_table(rows=2, cols=2)
    for place, text in enumerate(("May", "10", "June", "11")):
        inner.cell(place // 2, place % 2).text = text
    path = tmp_path / "a.docx"
    document.save(str(path))
    (block,) = (block for block in parse_docx(path, "a.docx").blocks if block.kind is BlockKind.TABLE)
    assert block.text.split("\n") == [
        "Region | Branch | Opens",
        "North | Kiel | 8",
        "North | Husum | 9",
        "South | Ulm | May: 10; June: 11",
        "West and East | West and East",
    ]
    assert block.header_rows == 1
