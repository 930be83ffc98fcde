from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf
from kb.errors import BadInput
from kb.text.sentences import sentences
from kb.types import Anchor, Block, BlockKind, ParsedDocument, PdfPlace, Rect, Span
from tests.ingest import pdf_samples as samples

SHARED = Path(__file__).parents[4].parent / "shared" / "eval"

shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the shared evaluation data beside the checkout"
)


def parse(path: Path) -> ParsedDocument:
    return parse_pdf(path, path.name)


def texts(document: ParsedDocument, kind: BlockKind = BlockKind.PARAGRAPH) -> list[str]:
    return [block.text for block in document.blocks if block.kind is kind]


def rect_of(span: Span) -> Rect:
    """Its one rectangle."""
    assert isinstance(span.place, PdfPlace)
    (rect,) = span.place.rects
    return rect


def pages_of(block: Block) -> set[int]:
    return {rect_of(span).page for span in block.spans}


def text_or_refusal(path: Path) -> str:
    """The text of a damaged file, or the sentence that refuses it, which names the file."""
    try:
        return parse(path).text.strip()
    except BadInput as error:
        return str(error) if str(error).startswith(path.name) else ""


def test_paragraphs_come_out_whole_and_the_heading_with_its_level(tmp_path: Path) -> None:
    document = parse(samples.english(tmp_path / "a.pdf"))
    assert texts(document) == list(samples.ENGLISH)
    heading = document.blocks[0]
    assert (heading.kind, heading.level, heading.text) == (BlockKind.HEADING, 1, "The Northern Cape")
    assert (document.pages, document.title, document.warnings) == (1, "The Northern Cape", ())


def test_chinese_lines_are_joined_without_spaces(tmp_path: Path) -> None:
    assert texts(parse(samples.chinese(tmp_path / "a.pdf"))) == list(samples.CHINESE)


@pytest.mark.parametrize("across", [False, True])
def test_columns_are_read_one_after_the_other(tmp_path: Path, across: bool) -> None:
    document = parse(samples.two_columns(tmp_path / "a.pdf", across=across))
    first, second = ((text + " ") * 3 for text in samples.ENGLISH)
    assert texts(document) == [first.strip(), second.strip()]


def test_running_lines_leave_the_text_and_paragraphs_run_over_pages(tmp_path: Path) -> None:
    document = parse(samples.running_lines(tmp_path / "a.pdf", pages=4))
    assert texts(document, BlockKind.MARGIN) == ["Annual Report of the Lighthouse Board"]
    (paragraph,) = [block for block in document.blocks if block.kind is BlockKind.PARAGRAPH]
    assert " chapter 2 goes on here" in paragraph.text
    assert "Page" not in paragraph.text
    assert pages_of(paragraph) == {1, 2, 3, 4}
    assert document.pages == 4


def test_a_header_on_two_pages_only_stays(tmp_path: Path) -> None:
    document = parse(samples.running_lines(tmp_path / "a.pdf", pages=2))
    assert document.text.count("Annual Report") == 2


def test_lines_far_apart_are_one_paragraph_where_all_are(tmp_path: Path) -> None:
    assert texts(parse(samples.double_spaced(tmp_path / "a.pdf"))) == [" ".join(samples.ENGLISH)]


def test_a_line_that_runs_over_the_edge_makes_no_other_line_short(tmp_path: Path) -> None:
    paragraph, command = texts(parse(samples.overrun(tmp_path / "a.pdf")))
    assert paragraph == " ".join(samples.ENGLISH)
    assert command.startswith("independence(level,")


def test_an_explanation_stays_with_its_term(tmp_path: Path) -> None:
    keeper, storm = samples.ENGLISH
    assert texts(parse(samples.explained(tmp_path / "a.pdf"))) == [f"Keeper {keeper}", f"Storm {storm}"]


def test_text_among_code_in_smaller_print_is_no_heading(tmp_path: Path) -> None:
    document = parse(samples.much_code(tmp_path / "a.pdf"))
    assert texts(document, BlockKind.HEADING) == ["The lamp"]
    assert "This is how it is lit" in texts(document)


def test_what_stands_beside_the_number_of_the_page_is_no_text(tmp_path: Path) -> None:
    document = parse(samples.section_heads(tmp_path / "a.pdf"))
    running = {text.text for text in document.blocks if text.kind is BlockKind.MARGIN}
    assert {"Part A", "1.2 Lamps of kind 2x", "Part K"} <= running
    body = "\n".join(text.text for text in document.blocks if text.kind is not BlockKind.MARGIN)
    assert "Part" not in body
    assert "of kind" not in body
    assert [f"Lamp {number} of the coast." in body for number in range(1, 13)] == [True] * 12


def test_entries_of_a_table_of_contents_are_no_headings(tmp_path: Path) -> None:
    document = parse(samples.contents(tmp_path / "a.pdf"))
    assert texts(document, BlockKind.HEADING) == [
        "1 Harbours and rules",
        "2 Mooring at night",
        "3 Lamps and horns",
    ]
    assert "2 Mooring at night ... 5" in document.text
    assert [pages_of(block) for block in document.blocks if block.kind is BlockKind.HEADING] == [
        {2},
        {3},
        {4},
    ]


def test_hyphens_of_line_ends_go_and_others_stay(tmp_path: Path) -> None:
    (text,) = texts(parse(samples.hyphenated(tmp_path / "a.pdf")))
    assert text == (
        "The committee discussed the international agreement on the lighthouse and praised its "
        "well-known keeper. The lighthouse is well-known."
    )


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_rectangles_are_those_of_the_page_as_it_is_shown(tmp_path: Path, degrees: int) -> None:
    document = parse(samples.rotated(tmp_path / "a.pdf", degrees))
    assert texts(document) == list(samples.ENGLISH)
    rect = rect_of(document.blocks[0].spans[0])
    line = samples.wrap(samples.ENGLISH[0], "Helvetica", 11, samples.RIGHT - samples.LEFT)[0]
    left, foot, right = samples.LEFT, samples.ROTATED_TOP, samples.LEFT + samples.length(line)
    short, long = samples.WIDTH, samples.HEIGHT
    expected = {  # the base line, then the two ends of the line
        0: (rect.y1, long - foot, (rect.x0, rect.x1), (left, right)),
        90: (rect.x0, foot, (rect.y0, rect.y1), (left, right)),
        180: (rect.y0, foot, (rect.x0, rect.x1), (short - right, short - left)),
        270: (rect.x1, short - foot, (rect.y0, rect.y1), (long - right, long - left)),
    }
    base, expected_base, ends, expected_ends = expected[degrees]
    assert base == pytest.approx(expected_base, abs=4)
    assert ends == pytest.approx(expected_ends, abs=2)


SHORT = (
    "The lamp burned. Nobody was lost (so they say.) Who counted the ships? A man.",
    "灯亮着。没有船失踪！谁在数船？一个人。",
)


@pytest.mark.parametrize(("text", "font"), [(SHORT[0], "Helvetica"), (SHORT[1], samples.CHINESE_FONT)])
def test_a_sentence_that_ends_within_a_line_has_a_place_of_its_own(
    tmp_path: Path, text: str, font: str
) -> None:
    path = tmp_path / "a.pdf"
    samples.one_line(path, text, font)
    (block,) = parse(path).blocks
    assert block.text == text
    said = [text[start:end] for start, end in sentences(text)]
    assert [block.text[span.start : span.end] for span in block.spans] == said
    place = samples.LEFT
    for span, sentence in zip(block.spans, said, strict=True):
        assert rect_of(span).x0 == pytest.approx(place, abs=1.5)
        assert rect_of(span).x1 == pytest.approx(place + samples.length(sentence, font), abs=2.5)
        place += samples.length(sentence + (" " if " " in text else ""), font)
    rects = [rect_of(span) for span in block.spans]
    assert {(rect.y0, rect.y1) for rect in rects} == {(rects[0].y0, rects[0].y1)}
    (whole,) = Anchor.of(block.spans).rects
    assert (whole.x0, whole.x1) == (rects[0].x0, rects[-1].x1)


def test_spans_ascend_and_cover_every_letter(tmp_path: Path) -> None:
    for make in (samples.english, samples.chinese, samples.table, samples.hyphenated):
        for block in parse(make(tmp_path / "a.pdf")).blocks:
            covered, end = "", 0
            for span in block.spans:
                assert span.start >= end
                assert rect_of(span)
                covered += block.text[span.start : span.end]
                end = span.end
            assert covered.replace(" ", "") == block.text.replace(" ", "").replace("|", "").replace("\n", "")


def test_rows_of_a_table_are_lines(tmp_path: Path) -> None:
    document = parse(samples.table(tmp_path / "a.pdf"))
    assert texts(document, BlockKind.TABLE) == [
        "Ship | Tons | Port\nAurora | 1,200 | Bergen\nBorea | 850 | Oslo\nCaspar | 90 | Kiel"
    ]


def test_the_outline_names_headings_that_look_like_text(tmp_path: Path) -> None:
    document = parse(samples.outline(tmp_path / "a.pdf"))
    headings = [(block.text, block.level) for block in document.blocks if block.kind is BlockKind.HEADING]
    assert headings == [("Harbours and their rules", 1), ("Mooring at night", 2)]
    assert document.title == "Harbour Rules"


def test_half_a_character_in_outline_and_title_is_no_reason_to_refuse(tmp_path: Path) -> None:
    path = samples.outline(tmp_path / "a.pdf")
    data, half = path.read_bytes(), b"<FEFFD800>"
    for title in (b"(Harbours and their rules)", b"(Harbour Rules)"):
        assert title in data
        data = data.replace(title, half.ljust(len(title)))
    path.write_bytes(data)
    document = parse(path)
    assert document.title is None
    assert texts(document, BlockKind.HEADING) == ["Mooring at night"]


def test_lines_without_height_are_read(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(samples.LEFT, samples.TOP)
        text.setFont("Helvetica", 11)
        text.setTextTransform(1, 0, 0, 1e-7, samples.LEFT, samples.TOP)
        text.textOut("A line that was pressed flat")
        canvas.drawText(text)
        samples.write_paragraphs(canvas, samples.ENGLISH, top=samples.TOP - 60)

    assert texts(parse(samples.write(tmp_path / "a.pdf", page)))[-2:] == list(samples.ENGLISH)


def test_a_password_is_named_and_an_empty_one_is_used(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a.pdf is protected by a password. Save a copy"):
        parse(samples.encrypted(tmp_path / "a.pdf", user="secret"))
    assert texts(parse(samples.encrypted(tmp_path / "b.pdf", user=""))) == list(samples.ENGLISH)


def test_pictures_without_text_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no text, only pictures.*ocrmypdf"):
        parse(samples.pictures(tmp_path / "a.pdf"))
    document = parse(samples.pictures(tmp_path / "b.pdf", text_on_first=True))
    assert texts(document) == list(samples.ENGLISH)
    assert [warning.partition(",")[0] for warning in document.warnings] == ["Page 2 is without text"]


def test_an_empty_page_is_no_scan(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="pages are empty"):
        parse(samples.write(tmp_path / "a.pdf", lambda _: None))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no bytes"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "not a PDF"),
        (b"a line of text", "not a PDF"),
    ],
)
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        parse(path)


def _pdf_with_stream(path: Path, stream: bytes) -> Path:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>",
        b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%b\nendstream" % (len(stream), stream),
    ]
    body = b"".join(b"%d 0 obj%b endobj\n" % (number, data) for number, data in enumerate(objects, 1))
    path.write_bytes(b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF")
    return path


def test_a_stream_that_unpacks_without_end_is_left_alone(tmp_path: Path) -> None:
    bomb = zlib.compress(zlib.compress(b" " * 100_000_000, 9), 9)
    with pytest.raises(BadInput, match="unpacks to more than 32 MB"):
        parse(_pdf_with_stream(tmp_path / "a.pdf", bomb))


@pytest.mark.parametrize(
    "make", [samples.english, samples.chinese, samples.table, samples.two_columns, samples.outline]
)
def test_a_file_cut_anywhere_is_refused_or_read(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    whole = make(tmp_path / "a.pdf").read_bytes()
    path = tmp_path / "b.pdf"
    for part in range(1, 12):
        path.write_bytes(whole[: len(whole) * part // 12])
        assert text_or_refusal(path)


@shared
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("habibi.pdf", "حَبيبي"),  # PDFium guesses Greek letters
        ("docling_right_to_left_02.pdf", "الأولويوخت"),  # lam-alef is one glyph
        ("libreoffice-form.pdf", "Alice"),  # filled into a field
        ("pdfjs_vertical.pdf", "あいうえお"),
        ("pypdf_test_Orient.pdf", "(L) This is box text on left written vertically to starboard"),
    ],
)
def test_words_that_are_easily_lost(name: str, words: str) -> None:
    text = parse(SHARED / "docs" / "files" / name).text
    assert words in text, text


@shared
def test_paragraphs_of_the_articles_come_out_whole_on_their_pages() -> None:
    folder = SHARED / "e2e"
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    gold = {
        (q["doc"], q["paragraph"]): "".join(q["gold_text"].split()) for q in queries if q.get("gold_text")
    }
    whole = right = total = 0
    for entry in map(json.loads, (folder / "manifest.jsonl").read_text("utf-8").splitlines()):
        if entry["format"] != "pdf":
            continue
        blocks = {"".join(block.text.split()): block for block in parse(SHARED / entry["path"]).blocks}
        for paragraph, (first, last) in entry["paragraph_pages"].items():
            total += 1
            if block := blocks.get(gold[entry["id"], paragraph]):
                whole += 1
                right += (min(pages_of(block)), max(pages_of(block))) == (first, last)
    assert whole >= 0.9 * total
    assert right >= 0.95 * whole


@shared
@pytest.mark.parametrize(
    "path", sorted((SHARED / "hostile" / "files").glob("*.pdf")), ids=lambda path: path.name
)
def test_hostile_files_are_refused_or_read(path: Path) -> None:
    assert text_or_refusal(path)
