from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf
from ingest.render import PdfiumRenderer
from kb.errors import BadInput, NotFound
from kb.ports import PageRenderer
from kb.types import Anchor, Rect
from tests.ingest import pdf_samples as samples

Box = tuple[int, int, int, int]


def drawn(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def ink_box(picture: Image.Image) -> Box:
    box = picture.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    assert box
    return box


def yellow_box(picture: Image.Image) -> Box:
    red, _, blue = picture.split()
    mask = Image.merge("L", [blue.point(lambda value: 255 * (value < 150))])
    bright = red.point(lambda value: 255 * (value > 200))
    box = Image.composite(mask, Image.new("L", picture.size), bright).getbbox()
    assert box
    return box


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_marks_lie_on_the_words_however_the_page_is_turned(tmp_path: Path, degrees: int) -> None:
    path = samples.rotated(tmp_path / "a.pdf", degrees)
    rects = [rect for block in parse_pdf(path, "a.pdf").blocks for rect in Anchor.of(block.spans).rects]
    plain = drawn(PdfiumRenderer().render(path, 1, width=600))
    marked = drawn(PdfiumRenderer().render(path, 1, rects=rects, width=600))
    assert plain.width == marked.width == 600
    ink, yellow = ink_box(plain), yellow_box(marked)
    assert all(abs(a - b) <= 8 for a, b in zip(ink, yellow, strict=True))
    assert all(abs(a - b) <= 1 for a, b in zip(ink_box(marked), ink, strict=True))  # the words stay readable


def test_rectangles_of_other_pages_are_not_drawn(tmp_path: Path) -> None:
    path = samples.running_lines(tmp_path / "a.pdf", pages=3)
    renderer: PageRenderer = PdfiumRenderer()
    assert renderer.render(path, 2, rects=[Rect(1, 50, 50, 200, 80)]) == renderer.render(path, 2)


def test_a_picture_says_how_many_points_it_shows(tmp_path: Path) -> None:
    path = samples.running_lines(tmp_path / "a.pdf", pages=1)
    picture = Image.open(io.BytesIO(PdfiumRenderer().render(path, 1, width=900)))
    assert picture.width * 72 / picture.info["dpi"][0] == pytest.approx(samples.WIDTH, rel=0.001)


def test_a_mark_on_a_dark_ground_is_brighter_than_it(tmp_path: Path) -> None:
    def night(canvas: Canvas) -> None:
        canvas.rect(0, 0, samples.WIDTH, samples.HEIGHT, fill=1)

    path = samples.write(tmp_path / "a.pdf", night)
    picture = drawn(PdfiumRenderer().render(path, 1, rects=[Rect(1, 100, 100, 300, 130)], width=595))
    assert picture.getpixel((200, 115))[0] > 80  # type: ignore[index]
    assert picture.getpixel((400, 115)) == (0, 0, 0)


def test_what_cannot_be_drawn(tmp_path: Path) -> None:
    path = samples.english(tmp_path / "a.pdf")
    for page in (0, 2):
        with pytest.raises(NotFound, match=f"no page {page}"):
            PdfiumRenderer().render(path, page)
    with pytest.raises(NotFound, match="gone"):
        PdfiumRenderer().render(tmp_path / "none.pdf", 1)
    broken = tmp_path / "b.pdf"
    broken.write_bytes(b"%PDF-1.4 and nothing more")
    with pytest.raises(BadInput, match="damaged"):
        PdfiumRenderer().render(broken, 1)
