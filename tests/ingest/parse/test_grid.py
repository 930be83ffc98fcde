"""Cells that span rows and columns, in HTML and as such; tables in cells."""

from __future__ import annotations

import pytest

from ingest.parse.grid import Cell, filled_rows
from ingest.parse.html import blocks_of_fragment
from kb.types import Block, BlockKind


def table(markup: str) -> Block:
    (block,) = (
        block for block in blocks_of_fragment(f"<table>{markup}</table>") if block.kind is BlockKind.TABLE
    )
    return block


def test_a_group_is_in_every_row_that_it_holds_for() -> None:
    block = table(
        "<thead><tr><th>Shift<th>Line<th colspan=2>Stops</thead><tr><td rowspan=2>Early<td>7<td>Mill<td>Quay"
        "<tr><td>9<td colspan=2>not on Sundays<tr><td rowspan=0>Late<td>7<td>Quay<td>Mill<tr><td>8<td>Mill"
    )
    assert block.text.split("\n") == [
        "Shift | Line | Stops | Stops",
        "Early | 7 | Mill | Quay",
        "Early | 9 | not on Sundays | not on Sundays",
        "Late | 7 | Quay | Mill",
        "Late | 8 | Mill",
    ]
    assert block.header_rows == 1


def test_what_spans_a_whole_row_is_there_once() -> None:
    block = table("<tr><th>Plan<th>Price<tr><td colspan=2>For students<tr><td>Basic<td>9<tr><td>Plus<td>19")
    assert block.text == "Plan | Price\nFor students\nBasic | 9\nPlus | 19"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<tr><td>Calls<td>100<tr><td>Data<td>2 GB", "Calls: 100; Data: 2 GB"),
        ("<tr><th>Day<th>From<th>To<tr><td>Mon<td>8<td>17", "Day: Mon, From: 8, To: 17"),
        ("<tr><td>only this", "only this"),
    ],
)
def test_a_table_in_a_cell_is_read_in_its_place(inner: str, text: str) -> None:
    block = table(f"<tr><th>Plan<th>Included<tr><td>Basic<td><table>{inner}</table><tr><td>Plus<td>all")
    assert block.text == f"Plan | Included\nBasic | {text}\nPlus | all"


def test_a_page_that_is_laid_out_by_a_table_flows_on() -> None:
    story = "The mill stands at the river and has been turning since the year of the flood. " * 6
    blocks = blocks_of_fragment(
        f"<table><tr><td><table><tr><td>Home<td>News</table><td>x<tr><td><p>{story}</p><td></table>"
    )
    assert any(block.kind is BlockKind.PARAGRAPH and block.text == story.strip() for block in blocks)


def test_a_file_that_spans_millions_adds_few() -> None:
    rows = [[Cell("x", columns=10**9, rows=10**9)] * 50 for _ in range(2_000)]
    assert sum(map(len, filled_rows(rows))) < 500_000
