"""Reads a PDF: PDFium for the text and its positions, pypdf as a fallback on doubtful pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.look.formatting import LeftOut
from ingest.parse.normalise import normalise_text, squeeze
from ingest.parse.pdf.annotations import attachments, marks_of
from ingest.parse.pdf.blocks import Group, make_block
from ingest.parse.pdf.bombs import MAX_UNPACKED, has_bomb
from ingest.parse.pdf.characters import MAX_CHARACTERS as MAX_PAGE_CHARACTERS
from ingest.parse.pdf.drop_caps import join_drop_caps
from ingest.parse.pdf.fallback import with_second_opinion
from ingest.parse.pdf.font_names import names_in_fonts
from ingest.parse.pdf.form_fields import XFA_NOTICE, fields_of
from ingest.parse.pdf.glyphs import LostLetters
from ingest.parse.pdf.headings import Outline, join_broken, mark_headings, outline_key
from ingest.parse.pdf.legibility import Legibility
from ingest.parse.pdf.lines import Line, Page, read_page
from ingest.parse.pdf.lost_letters import with_letters
from ingest.parse.pdf.reading_order import in_reading_order
from ingest.parse.pdf.rescue import rescued
from ingest.parse.pdf.ruled_tables import groups_of_page
from ingest.parse.pdf.running_lines import take_margins
from ingest.parse.pdf.sections import end_of_sections, ended_sections
from ingest.parse.pdf.tables import complete_tables, table_block
from ingest.parse.pdf.text import WORDS
from kb.errors import BadInput
from kb.types import Block, BlockKind, ParsedDocument, PdfPlace, Span

MAX_PAGES = 10_000
MAX_CHARACTERS = 20_000_000
"""Of a whole document; what comes after either limit is left out, with a warning."""
_MAX_DAMAGED = 100
"""Pages in a row that cannot be read: then the file lies about how many it has."""
_MAX_OUTLINE = 5_000

_XFA = (pdfium_c.FORMTYPE_XFA_FULL, pdfium_c.FORMTYPE_XFA_FOREGROUND)
_METADATA = ("title", "author", "subject", "keywords")
_USE_OCR = (
    "Text recognition is not available here: run OCR over the file, for example `ocrmypdf in.pdf out.pdf`, "
    "and add the result."
)

_CUT_OFF = "The file is cut off or damaged: only the pages that were found whole in it were read."
_NO_LETTERS = (
    "the fonts do not say which characters they show. Run OCR over the file, for example "
    "`ocrmypdf --force-ocr in.pdf out.pdf`, and add the result."
)

_NOTHING = re.compile(r"\W*(?:anonymous|unspecified|unknown)?\W*", re.IGNORECASE)
_NO_TITLE = re.compile(
    r"untitled|microsoft \w+ - |.*\.(?:docx?|pdf|indd|qxd|tex|dvi|pptx?)$|\W*$", re.IGNORECASE
)


def parse_pdf(path: Path, name: str) -> ParsedDocument:
    """Returns the text of a PDF in reading order, every line with its rectangle.

    Raises:
        BadInput: the file is no PDF, is damaged beyond repair, wants a password, or holds no text.
    """
    document, whole = _open(path, name)
    try:
        if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
            document.init_forms()  # draws the fields, so that what was filled in can be read
        lost = LostLetters()
        pages = list(_pages(document, lost))
        promised = len(document)
        attached = tuple(attachments(document))
        if document.get_formtype() in _XFA:
            attached = (XFA_NOTICE, *attached)
        outline = _outline(document)
        metadata = _metadata(document)
    finally:
        document.close()
    _check_text(pages, name)
    pages = with_second_opinion(path, pages)
    illegible = _illegible(pages)
    if len(illegible) == sum(bool(page.lines) for page in pages):
        raise BadInput(f"{name} holds text whose letters are no language: {_NO_LETTERS}")
    left_out = LeftOut(struck=sum(page.struck for page in pages), hidden=sum(page.hidden for page in pages))
    cut_off = () if whole else (_CUT_OFF,)
    warnings = (*cut_off, *_warnings(pages, promised, illegible), *left_out.warnings(), *attached)
    notes = [note for page in pages for note in page.notes]
    pages = with_letters(pages, lost, names_in_fonts(path) if lost.glyphs else {})
    pages, margins = take_margins([page for page in pages if page.number not in illegible])
    vocabulary = _vocabulary(pages)
    groups = complete_tables([group for page in pages for group in _groups(page, vocabulary)])
    mark_headings(groups, outline)
    blocks = list(_blocks(join_broken(groups), outline, pages, vocabulary))
    blocks += notes
    blocks += [_margin_block(line) for line in margins]
    title = _title(metadata.pop("title", ""), blocks)
    return ParsedDocument(tuple(blocks), pages[-1].number, title, metadata, warnings)


def _groups(page: Page, vocabulary: frozenset[str]) -> list[Group]:
    return groups_of_page(page, in_reading_order(join_drop_caps(page.lines, vocabulary)), vocabulary)


def _blocks(
    groups: Sequence[Group], outline: Outline, pages: Sequence[Page], vocabulary: frozenset[str]
) -> Iterator[Block]:
    outlined = {
        place for place, group in enumerate(groups) if group.level and outline_key(group.text) in outline
    }
    ended = ended_sections(groups, outlined, height=median(page.height for page in pages))
    for place, group in enumerate(groups):
        if place in ended:
            yield end_of_sections(ended[place])
        yield table_block(group) if group.kind is BlockKind.TABLE else make_block(group, vocabulary)


def _open(path: Path, name: str) -> tuple[pdfium.PdfDocument, bool]:
    """Returns the document, and whether the file is whole."""
    if not path.stat().st_size:
        raise BadInput(f"{name} is empty: it has no bytes at all.")
    if has_bomb(path):
        raise BadInput(
            f"{name} was left alone: a part of it unpacks to more than {MAX_UNPACKED >> 20} MB, which no page "
            "of text does. If you trust it, print it to a new PDF and add that."
        )
    try:
        return pdfium.PdfDocument(path), True
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise BadInput(
                f"{name} is protected by a password. Save a copy without the password and add that."
            ) from error
        if error.err_code == pdfium_c.FPDF_ERR_SECURITY:
            raise BadInput(
                f"{name} is protected by a method that is not known here. Save an unprotected copy and add that."
            ) from error
        found = _rescue(path)
        if found is not None:
            return found, False
        raise BadInput(
            f"{name} is not a PDF, or it is cut off or damaged beyond repair. Open it in a PDF viewer: "
            "if it shows there, print it to a new PDF and add that."
        ) from error


def _rescue(path: Path) -> pdfium.PdfDocument | None:
    """Returns the pages that are whole in a damaged file; None where there are none."""
    data = rescued(path)
    try:
        return None if data is None else pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return None


def _pages(document: pdfium.PdfDocument, lost: LostLetters) -> Iterator[Page]:
    """Yields the pages that can be read, within the limits, each closed before the next is opened."""
    damaged = characters = 0
    for index in range(min(len(document), MAX_PAGES)):
        try:
            page = _read(document, index, lost)
        except pdfium.PdfiumError:
            damaged += 1
            if damaged >= _MAX_DAMAGED:
                return
            continue
        damaged = 0
        characters += sum(len(line.text) for line in page.lines)
        yield page
        if characters > MAX_CHARACTERS:
            return


def _read(document: pdfium.PdfDocument, index: int, lost: LostLetters) -> Page:
    page = document[index]
    try:
        fields, marks = fields_of(page), marks_of(page, index + 1)
        if _has_fields(page):
            pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
            page.close()
            page = document[index]  # PDFium reads what it has drawn into the page only when it loads it anew
        return read_page(page, index + 1, lost, fields, marks)
    finally:
        page.close()


def _has_fields(page: pdfium.PdfPage) -> bool:
    """Returns whether form fields or text boxes lie on the page: their words are not part of the page's own text."""
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), 2_000)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        subtype = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
        if subtype in (pdfium_c.FPDF_ANNOT_WIDGET, pdfium_c.FPDF_ANNOT_FREETEXT):
            return True
    return False


def _illegible(pages: Sequence[Page]) -> frozenset[int]:
    """Returns the numbers of the pages whose letters are not those that they show.

    A page of codes or formulas in a font without names is one of them only where no other page shows that
    such fonts read well in this document.
    """
    kinds = {page.number: page.legibility for page in pages if page.lines}
    left_out = {Legibility.ILLEGIBLE}
    if Legibility.ILLEGIBLE in kinds.values() or Legibility.READABLE not in kinds.values():
        left_out.add(Legibility.DOUBTFUL)
    return frozenset(number for number, kind in kinds.items() if kind in left_out)


def _warnings(pages: Sequence[Page], promised: int, illegible: Collection[int]) -> Iterator[str]:
    """Yields warnings about what was left out; ``promised`` is the file's own number of pages."""
    read = {page.number for page in pages}
    last = max(read, default=0)
    if last < promised:
        yield f"Only the first {last:,} of its {promised:,} pages were read."
    missing = [number for number in range(1, last + 1) if number not in read]
    if missing:
        yield f"{_named(missing)} damaged and could not be read."
    wordless = [page.number for page in pages if page.pictured and not page.lines]
    if wordless:
        yield f"{_named(wordless)} without text, only pictures, and cannot be searched. {_USE_OCR}"
    if illegible:
        yield f"{_named(sorted(illegible))} left out, since the letters there are no language: {_NO_LETTERS}"
    cut = [page.number for page in pages if page.cut]
    if cut:
        yield f"{_named(cut)} too long: only the first {MAX_PAGE_CHARACTERS:,} characters were read."


def _named(numbers: Sequence[int]) -> str:
    """Returns ``Page 3 is`` or ``Pages 3, 5-9 are``; long lists are truncated."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    names = ["-".join(map(str, part)) for part in ranges]
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"Page {numbers[0]} is" if len(numbers) == 1 else f"Pages {', '.join(names[:20])}{more} are"


def _check_text(pages: Sequence[Page], name: str) -> None:
    if not pages:
        raise BadInput(
            f"{name} is damaged: none of its pages can be read. Open it in a PDF viewer: if it shows there, "
            "print it to a new PDF and add that."
        )
    texts = [page.text for page in pages if page.lines]
    stamped = len(texts) > 1 and len(set(texts)) == 1  # the name of a layer, a mark of the scanner
    if (not texts or stamped) and any(page.pictured for page in pages):
        raise BadInput(f"{name} has no text, only pictures, as a scanned document has. {_USE_OCR}")
    if not texts:
        raise BadInput(f"{name} has no text: its pages are empty.")


def _outline(document: pdfium.PdfDocument) -> dict[str, int]:
    """Returns the depth of each entry of the outline, by its words."""
    depths: dict[str, int] = {}
    for entry in islice(document.get_toc(max_depth=8), _MAX_OUTLINE):
        try:
            key = outline_key(normalise_text(entry.get_title()))
        except UnicodeDecodeError:  # half a character in a damaged file
            continue
        if key:
            depths.setdefault(key, min(entry.level + 1, 6))
    return depths


def _metadata(document: pdfium.PdfDocument) -> dict[str, str]:
    """Returns title, author, subject and keywords, as far as the file states them."""
    given = {key: squeeze(normalise_text(_stated(document, key))) for key in _METADATA}
    return {key: value[:500] for key, value in given.items() if value and not _NOTHING.fullmatch(value)}


def _stated(document: pdfium.PdfDocument, key: str) -> str:
    """Returns a value of the file's metadata; "" where there is none, or half a character."""
    try:
        return str(document.get_metadata_value(key.capitalize()))
    except UnicodeDecodeError:
        return ""


def _title(stated: str, blocks: Sequence[Block]) -> str | None:
    """Returns the title that the file states, unless a program left it there; else the heading it opens with."""
    if stated and not _NO_TITLE.match(stated):
        return stated
    opening = (block for block in blocks[:5] if block.kind is BlockKind.HEADING and block.level == 1)
    return next((block.text for block in opening), None)


def _vocabulary(pages: Sequence[Page]) -> frozenset[str]:
    """Returns the words of the document, in lower case."""
    return frozenset(
        word.lower() for page in pages for line in page.lines for word in WORDS.findall(line.text)
    )


def _margin_block(line: Line) -> Block:
    return Block(BlockKind.MARGIN, line.text, (Span(0, len(line.text), PdfPlace((line.rect,))),))
