"""Tables as text, as programs write them: whatever parts the cells, quotes them or stands above them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parse.delimited import parse_delimited
from kb.types import Block, BlockKind, LinePlace


def read(folder: Path, content: str | bytes) -> tuple[Block, ...]:
    path = folder / "blob"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return parse_delimited(path, "a.csv").blocks


STAFF = "Name | Room | Pay\nAnja | 3.13 | 1,5\nBert | 2.2 | 2,75"


@pytest.mark.parametrize(
    "content",
    [
        "Name;Room;Pay\nAnja;3.13;1,5\nBert;2.2;2,75\n",
        'Name,Room,Pay\r\nAnja,3.13,"1,5"\r\nBert,2.2,"2,75"\r\n',
        "\ufeffName\tRoom\tPay\rAnja\t3.13\t1,5\rBert\t2.2\t2,75\r",
        "Name|Room|Pay\nAnja|3.13|1,5\nBert|2.2|2,75".encode("utf-16"),
        "sep=^\nName^Room^Pay\nAnja^3.13^1,5\nBert^2.2^2,75",
        "Name:Room:Pay\nAnja:3.13:1,5\nBert:2.2:2,75",
        "'Name','Room','Pay'\n'Anja','3.13','1,5'\n'Bert','2.2','2,75'",
        'Name;Room;Pay\n"Anja" ;3.13;1,5\n\n"Bert" ;2.2;2,75\n;;\n',
    ],
)
def test_every_way_to_write_a_table_reads_alike(content: str | bytes, tmp_path: Path) -> None:
    (block,) = read(tmp_path, content)
    assert (block.kind, block.text, block.header_rows) == (BlockKind.TABLE, STAFF, 1)


def test_a_row_is_on_its_lines_even_over_several(tmp_path: Path) -> None:
    (block,) = read(tmp_path, 'id,text\n1,"hello, ""you""\nsecond | line"\n2,x\n')
    assert block.text.split("\n") == ["id | text", '1 | hello, "you" second|line', "2 | x"]
    assert [span.place for span in block.spans] == [LinePlace.at(1), LinePlace(2, 3), LinePlace.at(4)]


def test_a_quote_that_nobody_closes_swallows_no_rows(tmp_path: Path) -> None:
    (block,) = read(tmp_path, 'size,what\n7,"5 inch\n' + "".join(f"{n},tube {n}\n" for n in range(400)))
    assert len(block.spans) == 402


def test_what_stands_above_a_table_is_no_row_of_it(tmp_path: Path) -> None:
    blocks = read(
        tmp_path, "Sales report,,,\nCurrency,EUR,,\n,,,\nRegion,2021,2022,2023\nNorth,1,2,3\nSouth,4,5,6\n"
    )
    assert [block.text for block in blocks[:-1]] == ["Sales report", "Currency: EUR"]
    assert blocks[-1].text.startswith("Region | 2021")
    assert blocks[-1].header_rows == 1


def test_an_empty_line_parts_two_tables(tmp_path: Path) -> None:
    blocks = read(tmp_path, "Name,Ext\nAnja,12\nBert,13\n\nRoom,Seats,Floor\nR1,20,1\nR2,30,2\n\nR3,40,3")
    assert [(block.text.count("\n"), block.header_rows) for block in blocks] == [(2, 1), (3, 1)]


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("1,Anja Aaland,Laboratory\n2,Bertil Holm,Canteen\n3,Carla Olsen,Laboratory\n", 0),
        ("Anja|Kiel|Cook\nBert|Ulm|Clerk\nCara|Bonn|Cook\n", 0),
        ("Name|Town|Work\nAnja|Kiel|Cook\nBert|Ulm|Clerk\nCara|Bonn|Cook\n", 1),
        (",2023,2022\nRevenue,10,9\nCost,4,5\n", 1),
        ("Bach,1685,1750\nHaydn,1732,1809\nMozart,1756,1791\n", 0),
        ("Item,Price,Weight\n,EUR,kg\nRope,12,3\nSail,80,9\n", 2),
        ("编号,姓名\n1001,王芳\n1002,李伟\n", 1),
    ],
)
def test_names_of_columns_are_told_from_values(content: str, header: int, tmp_path: Path) -> None:
    assert read(tmp_path, content)[-1].header_rows == header


def test_rows_that_break_off_keep_their_columns(tmp_path: Path) -> None:
    (block,) = read(tmp_path, "name,phone,town,note\nA,1,,hello\nB,2\nC,3,Y,\nD\n")
    assert block.text.split("\n")[1:] == ["A | 1 |  | hello", "B | 2", "C | 3 | Y", "D"]


def test_a_text_with_commas_is_a_text(tmp_path: Path) -> None:
    blocks = read(
        tmp_path, "I write this to say, that it rains.\nIt is a text, of sorts, and goes on.\nReally.\n"
    )
    assert {block.kind for block in blocks} == {BlockKind.PARAGRAPH}


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (
            "Fees, in CHF\n,Members,,Guests,\n,Day,Week,Day,Week\nBoat,9,40,12,55\nBike,4,18,6,25\nSled,3,9,5,15\n",
            " | Members | Members | Guests | Guests\n | Day | Week | Day | Week",
        ),
        (
            "Shop\t2023\t\t2024\t\n\tQ1\tQ2\tQ1\tQ2\nMill\t1.5\t2.5\t3.5\t4.5\nQuay\t2.1\t3.1\t4.1\t5.1\n",
            "Shop | 2023 | 2023 | 2024 | 2024\n | Q1 | Q2 | Q1 | Q2",
        ),
        (
            "站点,雨量,,备注\n,五月,六月,\n北门,12.5,30.1,旧\n南门,11.0,28.4,新\n",
            "站点 | 雨量 | 雨量 | 备注\n | 五月 | 六月",
        ),
        ("Report,Day\n,\nNo,Road,2023,2024\n1,A,7,8\n2,B,9,9\n", "No | Road | 2023 | 2024"),
        (",2023,2022\nAuditor,Holm,Aas\nSales,7,8\nCosts,9,9\nStaff,4,5\n", " | 2023 | 2022"),
    ],
)
def test_a_name_over_several_columns_is_in_each_of_them(content: str, header: str, tmp_path: Path) -> None:
    table = read(tmp_path, content)[-1]
    assert "\n".join(table.text.split("\n")[: table.header_rows]) == header


def test_notes_below_a_table_are_no_rows_of_it(tmp_path: Path) -> None:
    table, *notes = read(
        tmp_path,
        "Boat,Seats,Fee\nHeron,4,30\nGannet,2,20\nTern,6,45\nAuk,2,18\nTotal\n\n"
        "Fees include VAT.\n* The Heron leaks, but swims.\n",
    )
    assert table.text.split("\n")[-1] == "Total"
    assert [(note.kind, note.text) for note in notes] == [
        (BlockKind.PARAGRAPH, "Fees include VAT."),
        (BlockKind.PARAGRAPH, "* The Heron leaks, but swims."),
    ]
