"""What containment costs: parsing in this process against parsing in the warm sandbox.

python -m benchmarks.sandbox
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from docx import Document
from reportlab.pdfgen.canvas import Canvas

from ingest.formats import parse
from ingest.sandbox.protocol import decode_document, encode_document
from ingest.sandbox.sandbox import Sandbox
from kb.types import ParsedDocument

WORDS = ("a", "passage", "of", "words", "that", "the", "parser", "finds", "again", "on", "its", "page")


def write_text(path: Path, rng: random.Random) -> None:
    """Writes forty lines of plain text."""
    path.write_text("\n".join(sentence(rng) for _ in range(40)), encoding="utf-8")


def write_docx(path: Path, rng: random.Random) -> None:
    """Writes forty paragraphs."""
    document = Document()
    for _ in range(40):
        document.add_paragraph(sentence(rng))
    document.save(str(path))


def write_pdf(path: Path, rng: random.Random, *, pages: int) -> None:
    """Writes ``pages`` pages of 45 lines each."""
    canvas = Canvas(str(path))
    for _ in range(pages):
        for line in range(45):
            canvas.drawString(60, 780 - 16 * line, sentence(rng))
        canvas.showPage()
    canvas.save()


def sentence(rng: random.Random) -> str:
    """Returns fourteen words."""
    return " ".join(rng.choice(WORDS) for _ in range(14)) + "."


def milliseconds(call: Callable[[Path, str], ParsedDocument], path: Path) -> float:
    """Returns how long one call takes."""
    start = time.perf_counter()
    call(path, path.name)
    return (time.perf_counter() - start) * 1000


def report(sandbox: Sandbox, path: Path, *, times: int) -> None:
    """Prints one line: the best and the median of ``times`` calls each way, taken in turns.

    The best is what the work itself takes; the median also shows what else the machine was doing.
    """
    bare, boxed = [], []
    for _ in range(times):
        bare.append(milliseconds(parse, path))
        boxed.append(milliseconds(sandbox.parse, path))
    figures = ""
    for kind in (min, statistics.median):
        inside, outside = kind(boxed), kind(bare)
        figures += f"{outside:>10.1f}{inside:>10.1f}{inside - outside:>+10.1f} {inside / outside - 1:>+8.1%}"
    print(f"{path.name:<15}{figures}")


def report_wire(path: Path) -> None:
    """Prints the cost of carrying the document over: encoding, checking, building."""
    document = parse(path, path.name)
    start = time.perf_counter()
    body = encode_document(document)
    encoded = time.perf_counter()
    assert decode_document(body) == document
    decoded = time.perf_counter()
    print(
        f"carrying over {path.name}: {len(body) / 2**20:.1f} MB, encoded in {(encoded - start) * 1000:.0f} ms, "
        f"checked and built in {(decoded - encoded) * 1000:.0f} ms"
    )


def main() -> None:
    """Prints one line a file, and the cost of the wire for the largest."""
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as folder, Sandbox(workers=1) as sandbox:
        text, docx, page, book = (
            Path(folder) / name for name in ("small.txt", "small.docx", "1.pdf", "500.pdf")
        )
        write_text(text, rng)
        write_docx(docx, rng)
        write_pdf(page, rng, pages=1)
        write_pdf(book, rng, pages=500)
        print(
            f"confined by: {', '.join(sandbox.layers)}; milliseconds in process, in the sandbox, difference"
        )
        print(f"{'':<15}{'best':>30}{'':<9}{'median':>30}")
        for path, times in ((text, 60), (docx, 30), (page, 30), (book, 2)):
            report(sandbox, path, times=times)
        report_wire(book)


if __name__ == "__main__":
    main()
