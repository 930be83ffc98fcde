"""Small PDFs for the tests, made with reportlab; each function writes one file and returns its path."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP = 72.0, WIDTH - 72.0, HEIGHT - 90.0

CHINESE_FONT = "STSong-Light"

ENGLISH = (
    "The lighthouse keeper wrote down every ship that passed the northern cape between dusk and dawn, "
    "together with the height of the waves and the direction of the wind.",
    "In the winter of the great storm he counted forty vessels in a single night, and none of them "
    "was lost, because the lamp burned without a break until the morning.",
)
CHINESE = (
    "灯塔看守人每天晚上都会记录经过北方海角的每一艘船，以及海浪的高度和风的方向，从来没有一天间断过。",
    "在那场大风暴的冬天，他一夜之间数了四十艘船，没有一艘失踪，因为灯一直亮到了第二天的早晨。",
)


def length(line: str, font: str = "Helvetica", size: float = 11) -> float:
    """The width of a line in points."""
    return float(pdfmetrics.stringWidth(line, font, size))


def wrap(text: str, font: str, size: float, width: float) -> list[str]:
    """``text`` in lines of at most ``width`` points, broken at spaces, or anywhere in Chinese."""
    parts = [word + " " for word in text.split(" ")] if " " in text else list(text)
    lines, line = list[str](), ""
    for part in parts:
        if line and pdfmetrics.stringWidth((line + part).rstrip(), font, size) > width:
            lines.append(line.rstrip())
            line = ""
        line += part
    return [*lines, line.rstrip()]


def write_paragraphs(
    canvas: Canvas,
    paragraphs: Sequence[str],
    *,
    left: float = LEFT,
    top: float = TOP,
    width: float = RIGHT - LEFT,
    font: str = "Helvetica",
    size: float = 11,
) -> float:
    """Writes paragraphs below each other; returns where the next line would stand."""
    y = top
    canvas.setFont(font, size)
    for paragraph in paragraphs:
        for line in wrap(paragraph, font, size, width):
            canvas.drawString(left, y, line)
            y -= 1.3 * size
        y -= size
    return y


def write(path: Path, *pages: Callable[[Canvas], object], encrypt: StandardEncryption | None = None) -> Path:
    """A PDF with a page for each function."""
    canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt, invariant=1)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return path


def english(path: Path) -> Path:
    """A heading and two paragraphs."""

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(LEFT, HEIGHT - 60, "The Northern Cape")
        write_paragraphs(canvas, ENGLISH)

    return write(path, page)


def chinese(path: Path) -> Path:
    """Two Chinese paragraphs in a font that is not embedded."""
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE_FONT))
    return write(path, lambda canvas: write_paragraphs(canvas, CHINESE, font=CHINESE_FONT))


def one_line(path: Path, text: str, font: str) -> Path:
    """``text`` as it is, on one line that begins at ``LEFT``."""
    if font == CHINESE_FONT:
        pdfmetrics.registerFont(UnicodeCIDFont(font))

    def page(canvas: Canvas) -> None:
        canvas.setFont(font, 11)
        canvas.drawString(LEFT, TOP, text)

    return write(path, page)


def two_columns(path: Path, *, across: bool = False) -> Path:
    """A paragraph in each of two columns; ``across`` draws them line by line over both columns."""
    columns = [wrap(text * 3, "Helvetica", 10, 200) for text in (ENGLISH[0] + " ", ENGLISH[1] + " ")]

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        places = [
            (LEFT + 240 * c, TOP - 13 * r, line)
            for c, col in enumerate(columns)
            for r, line in enumerate(col)
        ]
        for x, y, line in sorted(places, key=lambda place: -place[1]) if across else places:
            canvas.drawString(x, y, line)

    return write(path, page)


def running_lines(path: Path, pages: int = 5) -> Path:
    """Pages with a running header, a page number, and a paragraph that runs over each page's end."""

    def page(number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("Helvetica", 9)
            canvas.drawString(LEFT, HEIGHT - 40, "Annual Report of the Lighthouse Board")
            canvas.drawCentredString(WIDTH / 2, 30, f"Page {number} of {pages}")
            start = f"chapter {number} goes on here and " if number > 1 else ""
            lines = wrap(start + " ".join(ENGLISH), "Helvetica", 11, RIGHT - LEFT)[:-1]
            canvas.setFont("Helvetica", 11)
            for row, line in enumerate(lines):
                canvas.drawString(LEFT, TOP - 14 * row, line)

        return draw

    return write(path, *(page(number) for number in range(1, pages + 1)))


def double_spaced(path: Path) -> Path:
    """A page of a thesis: its lines stand more than two font sizes apart."""

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        for row, line in enumerate(wrap(" ".join(ENGLISH), "Helvetica", 11, 300)):
            canvas.drawString(LEFT, TOP - 25 * row, line)

    return write(path, page)


def overrun(path: Path) -> Path:
    """A justified paragraph, below it a command that runs over the edge of the column."""

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        lines = wrap(ENGLISH[0] + " " + ENGLISH[1], "Helvetica", 11, 260)
        for row, line in enumerate(lines):
            space = (260 - length(line)) / line.count(" ") if row < len(lines) - 1 else 0
            canvas.drawString(LEFT, TOP - 14 * row, line, wordSpace=space)
        canvas.drawString(
            LEFT,
            TOP - 14 * len(lines) - 5,
            "independence(level, data = alpha, scores = ranks, test = quadratic)",
        )

    return write(path, page)


def explained(path: Path) -> Path:
    """Two terms, each with its explanation beside it and going on below the explanation's first line."""

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        y = TOP
        for term, text in zip(("Keeper", "Storm"), ENGLISH, strict=True):
            canvas.drawString(LEFT, y, term)
            for line in wrap(text, "Helvetica", 11, RIGHT - LEFT - 90):
                canvas.drawString(LEFT + 90, y, line)
                y -= 14

    return write(path, page)


def much_code(path: Path) -> Path:
    """Four paragraphs with a heading above them, and twice as much code in smaller print."""

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(LEFT, TOP, "The lamp")
        y = write_paragraphs(canvas, [*ENGLISH, *ENGLISH, "This is how it is lit"], top=TOP - 30, width=400)
        canvas.setFont("Courier", 8)
        for number in range(40):
            canvas.drawString(
                LEFT, y - 20 - 10 * number, f"lamp[{number}] = light(wick={number}, oil=True); # burn"
            )

    return write(path, page)


def section_heads(path: Path) -> Path:
    """Twelve pages with wide margins: beside the page's number stands the section, which changes on each page."""

    def page(number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("Helvetica", 9)
            y = HEIGHT - 150
            canvas.drawString(
                LEFT, y, str(number + 6) if number % 2 else f"1.{number} Lamps of kind {number}x"
            )
            canvas.drawRightString(
                RIGHT, y, f"Part {'ABCDEFGHIJKL'[number - 1]}" if number % 2 else str(number + 6)
            )
            write_paragraphs(canvas, [f"Lamp {number} of the coast.", *ENGLISH], top=y - 40)

        return draw

    return write(path, *(page(number) for number in range(1, 13)))


def contents(path: Path) -> Path:
    """A table of contents in bold, with and without leaders, and the chapters it names."""
    titles = ("Harbours and rules", "Mooring at night", "Lamps and horns")

    def table(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 11)
        for row, title in enumerate(titles):
            entry = f"{row + 1} {title}" + (" . . . . . . . . . . . . ." if row == 1 else "")
            canvas.drawString(LEFT, TOP - 16 * row, entry)
            canvas.drawString(LEFT + length(entry, "Helvetica-Bold") + 6, TOP - 16 * row, str(row + 4))

    def chapter(number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("Helvetica-Bold", 11)
            canvas.drawString(LEFT, TOP, f"{number + 1} {titles[number]}")
            write_paragraphs(canvas, ENGLISH, top=TOP - 30)

        return draw

    return write(path, table, *(chapter(number) for number in range(3)))


def hyphenated(path: Path) -> Path:
    """Line ends within words, and at a hyphen that is meant."""
    lines = [
        "The committee discussed the inter-",
        "national agreement on the light-",
        "house and praised its well-",
        "known keeper. The lighthouse is well-known.",
    ]

    def page(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 12)
        for row, line in enumerate(lines):
            canvas.drawString(LEFT, TOP - 15 * row, line)

    return write(path, page)


ROTATED_TOP = 400.0
"""Base line of the first line of ``rotated``."""


def rotated(path: Path, degrees: int) -> Path:
    """A page that is shown upright, as tall as A4, while its contents are turned by ``degrees`` clockwise."""

    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(degrees)
        write_paragraphs(canvas, ENGLISH, top=ROTATED_TOP)

    return write(path, page)


def encrypted(path: Path, *, user: str) -> Path:
    """An encrypted file; with an empty ``user`` password every viewer opens it."""
    protection = StandardEncryption(user, ownerPassword="owner", strength=128)
    return write(path, lambda canvas: write_paragraphs(canvas, ENGLISH), encrypt=protection)


def _picture(canvas: Canvas) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(buffer, "PNG")
    buffer.seek(0)
    canvas.drawImage(ImageReader(buffer), LEFT, 200, 300, 300)


def pictures(path: Path, *, text_on_first: bool = False) -> Path:
    """Two scanned pages; the first may be a page of text instead."""
    first = (lambda canvas: write_paragraphs(canvas, ENGLISH)) if text_on_first else _picture
    return write(path, first, _picture)


def table(path: Path) -> Path:
    """A paragraph, then a table of four rows and three columns without lines."""
    rows = [
        ("Ship", "Tons", "Port"),
        ("Aurora", "1,200", "Bergen"),
        ("Borea", "850", "Oslo"),
        ("Caspar", "90", "Kiel"),
    ]

    def page(canvas: Canvas) -> None:
        y = write_paragraphs(canvas, ENGLISH[:1]) - 20
        for row in rows:
            for x, cell in zip((LEFT, LEFT + 150, LEFT + 300), row, strict=True):
                canvas.drawString(x, y, cell)
            y -= 16

    return write(path, page)


def outline(path: Path) -> Path:
    """Headings in the print of running text, known only by the outline."""

    def page(canvas: Canvas) -> None:
        canvas.setTitle("Harbour Rules")
        y = TOP
        for level, title in enumerate(("Harbours and their rules", "Mooring at night")):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title, title, level)
            canvas.setFont("Helvetica", 11)
            canvas.drawString(LEFT, y, title)
            y = write_paragraphs(canvas, ENGLISH[level : level + 1], top=y - 30) - 10

    return write(path, page)


def long(path: Path, pages: int) -> Path:
    """Many full pages."""
    paragraphs = [*ENGLISH] * 6
    return write(path, *[lambda canvas: write_paragraphs(canvas, paragraphs)] * pages)


def accents_apart(path: Path, lines: Sequence[str]) -> Path:
    """Lines whose accents are drawn by themselves over the letter before, as TeX's first fonts do.

    An accent is given after its letter: ``cafe´`` is shown as café. Each piece is a string of its own, and over
    a capital the accent stands higher, as there.
    """

    def page(canvas: Canvas) -> None:
        for row, line in enumerate(lines):
            x, y = LEFT, TOP - 15 * row
            piece = ""
            for char in line:
                if char not in "´`¨ˆ˜¸":
                    piece += char
                    continue
                letter = length(piece[-1], "Times-Roman", 12)
                whole = length(piece, "Times-Roman", 12)
                canvas.setFont("Times-Roman", 12)
                canvas.drawString(x, y, piece[:-1])
                accent = x + whole - letter / 2 - length(char, "Times-Roman", 12) / 2
                canvas.drawString(accent, y + (2.6 if piece[-1].isupper() else 0), char)
                canvas.drawString(x + whole - letter, y, piece[-1])
                x, piece = x + whole, ""
            canvas.setFont("Times-Roman", 12)
            canvas.drawString(x, y, piece)

    return write(path, page)


def type3(path: Path, text: str) -> Path:
    """``text``, escaped as in a PDF, in a font of drawings whose letters have no names, as TeX's bitmaps are."""
    content = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()
    codes = range(256)
    names = " ".join(f"/a{code}" for code in codes)
    drawings = " ".join(f"/a{code} 6 0 R" for code in codes)
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /FirstChar 0 /LastChar 255 "
        f"/Widths [{'0.5 ' * 256}] /Encoding << /Type /Encoding /Differences [0 {names}] >> "
        f"/CharProcs << {drawings} >> /Resources << >> >>"
    ).encode()
    drawing = b"0.5 0 0 0 0.4 0.7 d1 0 0 0.4 0.7 re f"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>",
        font,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawing), drawing),
    ]
    data, places = b"%PDF-1.4\n", list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    path.write_bytes(data + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end)
    return path
