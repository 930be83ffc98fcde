"""What a reader of the final Word document sees is there once, in order; what nobody should see is not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest.parse.docx.document import parse_docx
from kb.errors import BadInput
from kb.types import BlockKind, ParagraphPlace, ParsedDocument
from tests.data.make_samples import SOURCES, paragraph, table, text_box, text_run, write_docx


def read(folder: Path, body: str, **parts: str) -> ParsedDocument:
    return parse_docx(write_docx(folder / "x.docx", body, parts), "x.docx")


@pytest.fixture(scope="module")
def word() -> ParsedDocument:
    return parse_docx(SOURCES / "word.docx", "word.docx")


def texts(document: ParsedDocument, kind: BlockKind) -> list[str]:
    return [block.text for block in document.blocks if block.kind is kind]


def test_tracked_changes_fields_and_comments(word: ParsedDocument) -> None:
    assert "The bridge opens in April on page 12." in word.text
    for unseen in ("March", "PAGEREF", "Are you sure?"):
        assert unseen not in word.text
    assert word.warnings == ("1 comment(s) in the margin were left out.",)


def test_a_text_box_is_read_once_after_its_paragraph(word: ParsedDocument) -> None:
    assert word.text.count("In the box") == 1
    assert "Beside a box\nIn the box" in word.text


def test_headings_by_translated_inherited_and_outline_styles(word: ParsedDocument) -> None:
    headings = [(block.level, block.text) for block in word.blocks if block.kind is BlockKind.HEADING]
    assert headings == [(1, "The Footbridge"), (1, "Survey"), (1, "Loads"), (2, "Fine print")]
    assert word.title == "The Footbridge"


def test_a_note_follows_its_paragraph_and_separators_are_no_notes(word: ParsedDocument) -> None:
    kinds = [block.kind for block in word.blocks]
    place = kinds.index(BlockKind.FOOTNOTE)
    assert word.blocks[place - 1].text == "The mast stands alone."
    assert texts(word, BlockKind.FOOTNOTE) == ["Raised in 1887."]


def test_headers_and_footers_once_each(word: ParsedDocument) -> None:
    assert texts(word, BlockKind.MARGIN) == ["Harbour Office", "Page 1"]


def test_spans_cover_every_row_and_count_up(word: ParsedDocument) -> None:
    for block in word.blocks:
        assert all(block.text[span.start : span.end] for span in block.spans)
    places = [span.place for block in word.blocks for span in block.spans]
    numbers = [place.first for place in places if isinstance(place, ParagraphPlace)]
    assert numbers == sorted(numbers)
    assert len(numbers) == len(places)
    grid = next(block for block in word.blocks if block.kind is BlockKind.TABLE)
    assert [grid.text[span.start : span.end] for span in grid.spans] == grid.text.split("\n")


def test_a_heading_of_a_whole_paragraph_is_none(tmp_path: Path) -> None:
    level = '<w:outlineLvl w:val="0"/>'
    body = paragraph("Short", properties=level) + paragraph("long " * 100, properties=level)
    assert [block.kind for block in read(tmp_path, body).blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH]


def test_list_items_by_style_name_and_taken_back(tmp_path: Path) -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="L{n}"><w:name w:val="List Bullet {n}"/>'
        f'<w:pPr><w:numPr><w:numId w:val="{n}"/></w:numPr></w:pPr></w:style>'
        for n in (2, 3)
    )
    body = (
        paragraph("two", style="L2")
        + paragraph("three", style="L3")
        + paragraph("none", style="L3", properties='<w:numPr><w:numId w:val="0"/></w:numPr>')
    )
    found = [(block.kind, block.level) for block in read(tmp_path, body, styles=styles).blocks]
    item = BlockKind.LIST_ITEM
    assert found == [(item, 2), (item, 3), (BlockKind.PARAGRAPH, 0)]


def test_styles_that_inherit_in_a_circle_end(tmp_path: Path) -> None:
    styles = "".join(
        f'<w:style w:styleId="{a}"><w:name w:val="{a}"/><w:basedOn w:val="{b}"/></w:style>'
        for a, b in (("A", "B"), ("B", "A"))
    )
    assert read(tmp_path, paragraph("text", style="A"), styles=styles).text == "text"


def test_a_note_that_names_itself_ends(tmp_path: Path) -> None:
    mark = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    note = f'<w:footnote w:id="1">{paragraph(text_run("note") + mark)}</w:footnote>'
    assert read(tmp_path, paragraph(text_run("body") + mark), footnotes=note).text == "body\nnote"


def test_notes_in_a_table_follow_the_table(tmp_path: Path) -> None:
    cell = paragraph(text_run("cell") + '<w:r><w:endnoteReference w:id="1"/></w:r>')
    note = f'<w:endnote w:id="1">{paragraph("note")}</w:endnote>'
    document = read(tmp_path, table((cell, "b"), ("c", "d")), endnotes=note)
    assert document.text == "cell | b\nc | d\nnote"


def test_text_boxes_within_tables_stay_in_their_cell(tmp_path: Path) -> None:
    cell = paragraph(text_run("cell") + text_box("box"))
    assert read(tmp_path, table((cell, "b"))).text == "cell box | b"


def test_deleted_rows_moved_text_and_symbols(tmp_path: Path) -> None:
    body = paragraph(
        "<w:moveFrom w:id='1'><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>done</w:t><w:br/><w:t>non</w:t>'
        "<w:noBreakHyphen/><w:t>stop</w:t><w:tab/><w:t>go</w:t></w:r>"
    )
    assert read(tmp_path, body).text == "☒done\nnon-stop go"


def test_the_strict_variant_of_the_format(tmp_path: Path) -> None:
    path = tmp_path / "strict.docx"
    body = paragraph("Strict text", properties='<w:outlineLvl w:val="0"/>')
    write_docx(path, body)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            strict = content.replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/",
                b"http://purl.oclc.org/ooxml/wordprocessingml/",
            ).replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/",
                b"http://purl.oclc.org/ooxml/officeDocument/",
            )
            archive.writestr(name, strict)
    (block,) = parse_docx(path, "strict.docx").blocks
    assert (block.kind, block.text) == (BlockKind.HEADING, "Strict text")


def test_pictures_alone_are_named_as_the_reason(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"only 1 picture.*OCR"):
        read(tmp_path, paragraph(""), image="<w:x/>")


def test_no_body_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    write_docx(path, "")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/other.xml", "<x/>")
    with pytest.raises(BadInput, match="no body text"):
        parse_docx(path, "x.docx")
