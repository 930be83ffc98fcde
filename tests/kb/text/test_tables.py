"""Rows as lines and as records."""

from __future__ import annotations

import pytest

from kb.text.tables import cell_ranges, column_names, record, row_cells, row_line


@pytest.mark.parametrize("cells", [["a", "b"], ["", "a", "", "b"], ["a"], ["a  b", "c"]])
def test_a_line_gives_its_cells_back(cells: list[str]) -> None:
    line = row_line(cells)
    assert row_cells(line) == [" ".join(cell.split()) for cell in cells]
    assert [line[start:end] for start, end in cell_ranges(line)] == row_cells(line)


def test_a_cell_does_not_look_like_two() -> None:
    assert row_cells(row_line(["fire | flood", "x\ny", ""])) == ["fire|flood", "x y"]


def test_columns_are_named_from_all_rows_of_the_header_but_its_title() -> None:
    header = [["Sales"], ["", "Year ended", "Year ended"], ["Region:", "2024", "2023"]]
    assert column_names(header[:1] + header[2:]) == ["Region", "2024", "2023"]
    assert column_names([["", "Quarter", "Year"], ["Region", "2024", "2023"]]) == [
        "Region",
        "Quarter 2024",
        "Year 2023",
    ]


def test_a_record_leaves_out_what_is_empty_and_unnamed() -> None:
    assert record(["", "2024", "2023", "Note"], ["Cash", "7", "", "x", "y"]) == "Cash; 2024: 7; Note: x; y"
