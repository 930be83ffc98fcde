"""A notebook is read cell by cell: text, code and what its outputs say, never its pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.formats import parse
from kb.errors import BadInput
from kb.types import BlockKind, CellPlace, ParsedDocument

PICTURE = "iVBORw0KGgo" + "A8fQ/+" * 4000


def cell(kind: str, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": kind, "source": source.splitlines(keepends=True), "outputs": list(outputs)}


def shown(**data: Any) -> dict[str, Any]:
    names = {"png": "image/png", "plain": "text/plain", "html": "text/html"}
    return {"output_type": "display_data", "data": {names[key]: value for key, value in data.items()}}


def read(folder: Path, *cells: dict[str, Any]) -> ParsedDocument:
    notebook = {"nbformat": 4, "metadata": {"language_info": {"name": "julia"}}, "cells": cells}
    path = folder / "x.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return parse(path, "x.ipynb")


def test_cells_are_text_code_and_outputs_with_their_place(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        cell(
            "markdown",
            "# Pump test\n\nThe constant is ~~0.4~~ 0.417, see [the sheet](https://a.example/s.pdf).",
        ),
        cell("code", ""),
        cell(
            "code",
            "k = 0.417\nprint(k * 2)",
            {"output_type": "stream", "name": "stdout", "text": ["0.834\n"]},
        ),
        cell("raw", "as it is"),
    )
    assert [(block.kind, block.text, block.spans[0].place) for block in document.blocks] == [
        (BlockKind.HEADING, "Pump test", CellPlace.at(1)),
        (
            BlockKind.PARAGRAPH,
            "The constant is 0.417, see the sheet (https://a.example/s.pdf).",
            CellPlace.at(1),
        ),
        (BlockKind.CODE, "k = 0.417\nprint(k * 2)", CellPlace.at(3)),
        (BlockKind.CODE, "0.834", CellPlace.at(3)),
        (BlockKind.PARAGRAPH, "as it is", CellPlace.at(4)),
    ]
    assert (document.title, document.metadata["code"]) == ("Pump test", "julia")
    assert document.warnings == ("Struck-out text was left out (1 passage).",)


def test_pictures_are_left_out_in_every_form(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        cell("markdown", f"![a curve](data:image/png;base64,{PICTURE})"),
        cell("code", f"logo = '{PICTURE}'", shown(png=PICTURE, plain="<Figure size 640x480 with 1 Axes>")),
        cell("code", "show()", shown(html=f"<img src='data:image/png;base64,{PICTURE}'>", plain=PICTURE)),
    )
    assert document.text == "a curve\nlogo = '…'\nshow()\n…"
    assert document.warnings == ("1 picture(s) in outputs were left out.",)


def test_a_table_of_results_is_a_table(tmp_path: Path) -> None:
    page = "<style>td {}</style><table><tr><th></th><th>flow</th></tr><tr><td>0</td><td>1.2</td></tr></table>"
    document = read(tmp_path, cell("code", "df", shown(html=page, plain="   flow\n0   1.2")))
    assert document.blocks[1].kind is BlockKind.TABLE
    assert "0 | 1.2" in document.blocks[1].text


def test_outputs_are_short_and_plain(tmp_path: Path) -> None:
    trace = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "no pump",
        "traceback": ["\x1b[0;31mValueError\x1b[0m" * 50],
    }
    bar = {"output_type": "stream", "text": "10%\r50%\r\x1b[32mdone\x1b[0m\n"}
    log = {"output_type": "stream", "text": "\n".join(f"epoch {number}" for number in range(5000))}
    document = read(tmp_path, cell("code", "run()", trace, bar, log))
    lines = document.text.split("\n")
    assert lines[:4] == ["run()", "ValueError: no pump", "done", "epoch 0"]
    assert lines[-1] == "epoch 39"
    assert document.warnings == ("1 long output(s) were shortened.",)


def test_notebooks_of_version_3(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Tides"},
        {
            "cell_type": "code",
            "input": "2+2",
            "outputs": [{"output_type": "pyout", "text": "4", "png": PICTURE}],
        },
    ]
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}), encoding="utf-8")
    assert parse(path, "old.ipynb").text == "Tides\n2+2\n4"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[1, 2]",
        '{"cells": []}',
        "[" * 100_000,
        '{"cells": [{"cell_type": "code", "source": {"a": 1}}, 7, null]}',
    ],
)
def test_what_is_no_notebook_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        parse(path, "x.ipynb")
