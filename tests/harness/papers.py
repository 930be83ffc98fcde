"""Small real documents, each with a word that stands in no other, so that it can be asked for by name."""

from __future__ import annotations

import hashlib
import io
import random
from dataclasses import dataclass

import docx
from reportlab.pdfgen.canvas import Canvas

WORDS = (
    "harbour", "lantern", "winter", "ledger", "copper", "window", "granite", "meadow", "letter", "engine", "valley",
    "signal", "orchard", "bridge", "cotton", "journal", "anchor", "candle", "marble", "thunder", "saddle", "pepper",
    "ribbon", "kettle", "timber", "velvet", "barley", "compass",
)  # fmt: skip
SUFFIXES = (".txt", ".md", ".docx", ".pdf")
_SENTENCE_WORDS = 12
_PAGE_LINES = 40


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to add; ``marker`` stands in each of its paragraphs and in no other paper."""

    content: bytes
    marker: str
    broken: bool = False
    """True for a file that no parser can read: it has to end as failed."""

    @property
    def sha256(self) -> str:
        """Of its bytes, as the app keeps it."""
        return hashlib.sha256(self.content).hexdigest()


def make_paper(rng: random.Random, suffix: str, *, paragraphs: int) -> Paper:
    """A readable paper in the format of ``suffix``, one of ``SUFFIXES``."""
    marker = "q" + "".join(rng.choices("bcdfghjklmnpqrtvwxz", k=11))
    texts = [_paragraph(rng, marker) for _ in range(paragraphs)]
    return Paper(_WRITERS[suffix](texts), marker)


def make_broken(rng: random.Random) -> Paper:
    """A PDF that breaks off after its first line, followed by noise."""
    return Paper(b"%PDF-1.7\n" + rng.randbytes(300), f"broken{rng.randrange(10**9)}", broken=True)


def _paragraph(rng: random.Random, marker: str) -> str:
    sentences = [
        " ".join([marker if number == 0 else "The", *rng.choices(WORDS, k=_SENTENCE_WORDS)]) + "."
        for number in range(2)
    ]
    return " ".join(sentences)


def _plain(paragraphs: list[str]) -> bytes:
    return "\n\n".join(paragraphs).encode()


def _markdown(paragraphs: list[str]) -> bytes:
    return "\n\n".join(f"## Part {number}\n\n{text}" for number, text in enumerate(paragraphs)).encode()


def _docx(paragraphs: list[str]) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _pdf(paragraphs: list[str]) -> bytes:
    """One paragraph in two lines, as many to a page as fit."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    lines = [
        line for text in paragraphs for line in (*(f"{part}." for part in text.rstrip(".").split(". ")), "")
    ]
    for start in range(0, len(lines), _PAGE_LINES):
        for row, line in enumerate(lines[start : start + _PAGE_LINES]):
            canvas.drawString(50, 790 - 18 * row, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


_WRITERS = {".txt": _plain, ".md": _markdown, ".docx": _docx, ".pdf": _pdf}
