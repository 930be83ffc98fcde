"""Jupyter notebooks -> the blocks of their cells: text as Markdown, code as code, and what its outputs say.

Pictures are left out, in whatever form a notebook holds them: an answer cannot quote base64.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.parse.encoding import read_text
from ingest.parse.html import blocks_of_fragment
from ingest.parse.look.formatting import LeftOut
from ingest.parse.markdown import first_heading, read_markdown
from ingest.parse.text import Line, lines_block, numbered_lines
from kb.errors import BadInput
from kb.types import Block, BlockKind, CellPlace, ParsedDocument

_MOST_LINES = 40
_MOST_CHARACTERS = 4000
"""Of one output: a table of results is read, a log of a training run is not."""
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{200,}")
"""What no word, path or number is as long as."""
_REPR = re.compile(r"\s*<[^<>\n]{1,300}>\s*")
"""``<Figure size 640x480 with 1 Axes>``: the name of an object, which says nothing."""
_TABLE = re.compile(r"<table\b", re.IGNORECASE)


def parse_notebook(path: Path, name: str) -> ParsedDocument:
    """Returns the cells of a notebook in order; ``CellPlace`` counts all of them, empty ones too.

    Raises:
        BadInput: the file is no notebook, too large, or holds nothing but white space.
    """
    decoded = read_text(path, name)
    try:
        notebook = json.loads(decoded.text)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{name} is damaged: it is no JSON ({error}). Open it in Jupyter and save it anew."
        ) from error
    cells = list(_cells(notebook))
    if not cells:
        raise BadInput(f"{name} holds no cells: it is no notebook, or an empty one.")
    reader = _Reader()
    for number, cell in enumerate(cells, start=1):
        reader.cell(cell, number)
    metadata = {"encoding": decoded.encoding, "code": _language(notebook)}
    return ParsedDocument(
        tuple(reader.blocks),
        title=first_heading(reader.blocks),
        metadata={key: text for key, text in metadata.items() if text},
        warnings=(*decoded.warnings, *reader.warnings()),
    )


def _cells(notebook: Any) -> Iterator[dict[str, Any]]:
    """Yields the cells; notebooks of version 3 have them in worksheets."""
    if not isinstance(notebook, dict):
        return
    sheets = notebook.get("worksheets")
    for sheet in sheets if isinstance(sheets, list) else [notebook]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        yield from (cell for cell in (cells if isinstance(cells, list) else []) if isinstance(cell, dict))


def _language(notebook: dict[str, Any]) -> str:
    """Returns the programming language that the notebook names; "" where it names none."""
    metadata = notebook.get("metadata")
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        found = metadata.get(part) if isinstance(metadata, dict) else None
        if isinstance(found, dict) and isinstance(found.get(key), str):
            return str(found[key])
    return ""


class _Reader:
    """Collects the blocks of one notebook."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._left_out = LeftOut()
        self._pictures = 0
        self._shortened = 0

    def warnings(self) -> Iterator[str]:
        """Yields what a person should know of what was not read."""
        yield from self._left_out.warnings()
        if self._pictures:
            yield f"{self._pictures} picture(s) in outputs were left out."
        if self._shortened:
            yield f"{self._shortened} long output(s) were shortened."

    def cell(self, cell: dict[str, Any], number: int) -> None:
        """Adds the blocks of one cell."""
        kind = cell.get("cell_type")
        source = _text(cell.get("source", cell.get("input")))
        if kind == "heading":  # of version 3
            self._markdown(f"# {source}", number)
        elif kind == "markdown":
            self._markdown(source, number)
        else:
            self._verbatim(source, number, BlockKind.CODE if kind == "code" else BlockKind.PARAGRAPH)
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else []:
            if isinstance(output, dict):
                self._output(output, number)

    def _markdown(self, source: str, number: int) -> None:
        read = read_markdown(source)
        self._left_out.struck += read.text.left_out.struck
        self._add(read.blocks, number)

    def _verbatim(self, text: str, number: int, kind: BlockKind = BlockKind.CODE) -> None:
        """Adds text line by line, without colours, progress bars and base64."""
        text = _BASE64.sub("…", _COLOURS.sub("", text)).replace("\r\n", "\n")
        shown = "\n".join(line.rpartition("\r")[2] for line in text.split("\n"))
        lines = [Line(line.number, line.text) for line in numbered_lines(shown.strip("\n")) if line.text]
        if lines:
            self._add([lines_block(lines, kind)], number)

    def _add(self, blocks: Iterable[Block], number: int) -> None:
        place = CellPlace.at(number)
        for block in blocks:
            spans = tuple(replace(span, place=place) for span in block.spans)
            self.blocks.append(replace(block, spans=spans))

    def _output(self, output: dict[str, Any], number: int) -> None:
        kind = output.get("output_type")
        if kind == "stream":
            self._short(_text(output.get("text")), number)
        elif kind in ("error", "pyerr"):
            self._short(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}", number)
        else:
            data = output.get("data")
            self._data(data if isinstance(data, dict) else _old_data(output), number)

    def _data(self, data: dict[str, Any], number: int) -> None:
        """Adds one of the forms in which an output is given: a table, else text; a picture has no words."""
        page, plain = _text(data.get("text/html")), _text(data.get("text/plain"))
        if markdown := _text(data.get("text/markdown")):
            self._markdown(markdown, number)
        elif _TABLE.search(page):
            self._table(page, plain, number)
        elif plain.strip() and not _REPR.fullmatch(plain):
            self._short(plain, number)
        self._pictures += any(form.startswith("image/") for form in data)

    def _table(self, page: str, plain: str, number: int) -> None:
        """Adds a table of results as one; one that the page cannot tell is read as it was printed."""
        blocks = blocks_of_fragment(_BASE64.sub("…", page)) if len(page) <= 50 * _MOST_CHARACTERS else []
        if blocks and sum(len(block.text) for block in blocks) <= _MOST_CHARACTERS:
            self._add(blocks, number)
        else:
            self._short(plain, number)

    def _short(self, text: str, number: int) -> None:
        """Adds the beginning of an output."""
        text = _BASE64.sub("…", text)
        lines = text.strip("\n").split("\n")
        short = "\n".join(lines[:_MOST_LINES])[:_MOST_CHARACTERS]
        self._shortened += len(lines) > _MOST_LINES or len("\n".join(lines)) > _MOST_CHARACTERS
        self._verbatim(short, number)


def _old_data(output: dict[str, Any]) -> dict[str, Any]:
    """Returns the forms of an output of version 3 under the names that version 4 gives them."""
    names = {
        "text": "text/plain",
        "html": "text/html",
        "png": "image/png",
        "jpeg": "image/jpeg",
        "svg": "image/svg+xml",
    }
    return {new: output[old] for old, new in names.items() if old in output}


def _text(value: Any) -> str:
    """Returns a text that a notebook holds as one string or as its lines; "" for anything else."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""
