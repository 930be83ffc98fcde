"""Rows of tables: each is found by its values, whatever the table's length or width, and shown as it stands."""

from __future__ import annotations

from ingest.chunk import chunk_document
from ingest.chunking.table_units import ROWS_TOGETHER
from kb.types import Block, BlockKind, Chunk, LinePlace, ParsedDocument, Span
from tests.doubles.hash_embedder import HashEmbedder


def table(*rows: str, header: int = 1, first: int = 1) -> Block:
    spans, start = [], 0
    for line, row in enumerate(rows, first):
        spans.append(Span(start, start + len(row), LinePlace.at(line)))
        start += len(row) + 1
    return Block(BlockKind.TABLE, "\n".join(rows), tuple(spans), header_rows=header)


def cut(*blocks: Block, max_tokens: int = 60) -> list[Chunk]:
    return chunk_document(ParsedDocument(blocks), HashEmbedder(), max_tokens=max_tokens)


STAFF = [f"Person{n} | Room {n} | {7000 + n}" for n in range(40)]


def test_every_part_of_a_long_table_names_its_columns_and_stands_on_its_rows() -> None:
    chunks = cut(Block(BlockKind.HEADING, "Staff", (), 1), table("Name | Room | Extension", *STAFF))
    assert len(chunks) == 40 / ROWS_TOGETHER
    for place, chunk in enumerate(chunks):
        rows = STAFF[place * ROWS_TOGETHER :][:ROWS_TOGETHER]
        assert chunk.text.removeprefix("Staff\n") == "\n".join(["Name | Room | Extension", *rows])
        records = chunk.indexed_text.split("\n")[-ROWS_TOGETHER:]
        number = place * ROWS_TOGETHER
        assert records[0] == f"Name: Person{number}; Room: Room {number}; Extension: {7000 + number}"
        assert chunk.text.count("\n") == chunk.indexed_text.count("\n")
        for span in chunk.spans:
            if span.place is None:  # the names of columns, repeated
                assert chunk.text[span.start : span.end] in ("Staff", "Name | Room | Extension")
                continue
            assert isinstance(span.place, LinePlace)
            expected = ["Name | Room | Extension", *STAFF][span.place.first - 1]
            assert chunk.text[span.start : span.end] == expected
    assert chunks[1].anchor.place == LinePlace(ROWS_TOGETHER + 2, 2 * ROWS_TOGETHER + 1)
    assert chunks[1].embedded_text.startswith("Staff\n")


def test_a_table_that_fits_stays_whole_with_what_is_around_it() -> None:
    (chunk,) = cut(
        Block(BlockKind.PARAGRAPH, "Prices."),
        table("Plan | Price", "Solid | 14"),
        Block(BlockKind.PARAGRAPH, "Net."),
    )
    assert chunk.text == "Prices.\nPlan | Price\nSolid | 14\nNet."
    assert chunk.indexed_text == "Prices.\n\nPlan: Solid; Price: 14\nNet."


def test_the_unit_and_the_group_above_rows_are_in_each_part() -> None:
    rows = [f"Item {n} | {n}1 | {n}2" for n in range(12)]
    statement = table("Line | 2024 | 2023", "Assets", *rows[:6], "Liabilities", *rows[6:])
    chunks = cut(
        Block(BlockKind.PARAGRAPH, "The company did well. It grew."),
        Block(BlockKind.PARAGRAPH, "(in thousands)"),
        statement,
    )
    parts = chunks[1:]
    assert all(chunk.text.startswith("(in thousands)\nLine | 2024 | 2023\n") for chunk in parts)
    assert all("(in thousands)" in chunk.embedded_text for chunk in parts)
    by_row = {row: chunk for chunk in parts for row in rows if row in chunk.text.split("\n")}
    assert "Assets > Line: Item 5; 2024: 51; 2023: 52" in by_row[rows[5]].embedded_text
    assert "Liabilities > Line: Item 6; 2024: 61" in by_row[rows[6]].embedded_text
    assert "\nAssets\n" in by_row[rows[5]].text
    assert "Liabilities" not in by_row[rows[5]].text


def test_a_row_wider_than_a_chunk_is_parts_that_say_which_row_they_are() -> None:
    names = ["Station", *(f"Month{n}" for n in range(60))]
    rows = [" | ".join([f"Station{row}", *(f"v{row}x{n}" for n in range(60))]) for row in range(3)]
    chunks = cut(table(" | ".join(names), *rows))
    assert max(chunk.tokens for chunk in chunks) <= 60
    for row in range(3):
        parts = [chunk for chunk in chunks if chunk.text.split("\n")[-1].startswith(f"Station{row} | ")]
        assert len(parts) > 1
        assert {part.anchor.place for part in parts} == {LinePlace.at(row + 2)}
        for n in range(60):
            assert sum(f"Month{n}: v{row}x{n}" in part.embedded_text.split("; ") for part in parts) == 1
    shown = chunks[1].text.split("\n")
    assert shown[0].split(" | ")[0] == "Station"
    assert len(shown[0].split(" | ")) == len(shown[1].split(" | "))


def test_a_cell_longer_than_a_chunk_keeps_the_name_of_its_row_and_column() -> None:
    words = " ".join(f"word{n}" for n in range(200))
    chunks = cut(table("Case | Story", f"Seven | {words}", "Eight | short"))
    parts = [chunk for chunk in chunks if "Case: Seven; Story: word" in chunk.embedded_text]
    assert len(parts) == len(chunks) - 1
    assert "".join(part.text.split(" | ")[-1] for part in parts).split() == words.split()
    assert max(chunk.tokens for chunk in chunks) <= 60


def test_rows_without_names_of_columns_stay_rows() -> None:
    chunks = cut(table(*STAFF, header=0))
    assert all(not chunk.indexed_text for chunk in chunks)
    assert chunks[0].text.startswith(STAFF[0])


def test_every_row_that_names_columns_is_known_as_one_where_it_stands_and_where_it_is_repeated() -> None:
    chunks = cut(table("Visitor | Adults | Adults", " | Full | Half", *STAFF, header=2))
    for chunk in chunks:
        named = [chunk.text[span.start : span.end] for span in chunk.spans if span.is_heading]
        assert named == ["Visitor | Adults | Adults", " | Full | Half"]
