"""A benchmark knows where a passage stands, whatever the reading of its file left out."""

from __future__ import annotations

from pathlib import Path

from benchmarks.passage_places import SourceText
from ingest.chunk import chunk_document
from ingest.formats import parse
from kb.types import Chunk
from tests.doubles.hash_embedder import HashEmbedder

TEXT = (
    "# A  title\r\n\r\nSome **bold** words\r\nare   wrapped\u00a0here. The same. The same.\r\n\r\n"
    "| Plan | Price |\r\n|---|---|\r\n" + "".join(f"| P{n} |  {n} EUR |\r\n" for n in range(40)) + "\r\n"
    "<div>\r\n<p>In HTML,\r\nover lines.</p>\r\n</div>\r\n\r\n* one `item`\r\n"
)


def test_every_passage_of_a_markdown_file_is_found_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(TEXT.encode())
    source = SourceText(TEXT)
    chunks = chunk_document(parse(path, "a.md"), HashEmbedder(), max_tokens=40)
    covered: set[int] = set()
    for chunk in chunks:
        ranges = source.ranges(chunk)
        assert ranges
        covered.update(place for start, end in ranges for place in range(start, end))
    missed = "".join(char for place, char in enumerate(TEXT) if place not in covered and char.isalnum())
    assert missed == "divppdiv"


def test_a_passage_without_places_is_found_as_it_stands() -> None:
    start = TEXT.index("The same")
    assert SourceText(TEXT).ranges(Chunk(TEXT[start : start + 9])) == [(start, start + 9)]
