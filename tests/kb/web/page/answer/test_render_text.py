"""Quotes as they are shown: by document, each with its place, and with nothing made of what stands in them."""

from __future__ import annotations

from dataclasses import replace

from kb.answer.quote.layout import Quote, laid_out
from kb.types import (
    EXTRACTIVE,
    Answer,
    Chunk,
    Document,
    DocumentState,
    Hit,
    PdfPlace,
    Question,
    Rect,
    Searched,
    Span,
)
from kb.web.page.answer import render
from kb.web.page.answer.render_text import written
from kb.web.page.answer.turns import TurnView
from kb.web.page.strings_en import EN

PAPER = Document(
    id="d1", name="paper.pdf", collection="c", state=DocumentState.READY, sha256="0", bytes=1, added=""
)  # fmt: skip
TEXT = "As others found [8], it *works* [35].\nIt costs 3 < 4 euros.\nNothing else is known."


def hit(document: Document, number: int, page: int) -> Hit:
    spans = (Span(0, len(TEXT), PdfPlace((Rect(page, 1, 2, 3, 4),))),)
    return Hit(Chunk(TEXT, spans, ("Results",), id=number, document_id=document.id), document, 1.0, number)


def quoted(*quotes: Quote, hits: tuple[Hit, ...]) -> TurnView:
    checked = laid_out(quotes, hits)
    answer = Answer(checked.text, EXTRACTIVE, "?", checked.citations, checks=checked.checks)
    return TurnView("t1", Question("?")).after(Searched("?", hits)).after(answer)


def test_quotes_stand_under_their_document_with_their_page_and_as_they_are_written() -> None:
    first, other = hit(PAPER, 1, 4), hit(replace(PAPER, id="d2", name="<b>.pdf"), 2, 7)
    view = quoted(Quote(1, ((0, 37),)), Quote(0, ((0, 37), (38, 59))), hits=(first, other))
    found = written(view, EN)
    one, two = found.blocks
    assert "<figcaption><bdi>&lt;b&gt;.pdf</bdi></figcaption>" in one
    assert "<p>As others found [8], it *works* [35].</p>" in one
    assert "page 7 · Results" in one
    assert "<p>It costs 3 &lt; 4 euros.</p>" in two
    assert "**" not in one + two
    assert [(mark.number, mark.source, mark.checks) for mark in found.marks] == [(1, 2, (0,)), (2, 1, (1,))]


def table(*lines: str, names: int) -> Hit:
    """A passage of ``lines``, of which the first ``names`` are headings or name columns."""
    spans, start = [], 0
    for number, line in enumerate(lines):
        spans.append(Span(start, start + len(line), is_heading=number < names))
        start += len(line) + 1
    return Hit(Chunk("\n".join(lines), tuple(spans), id=1, document_id=PAPER.id), PAPER, 1.0, 1)


def lines_of(hit: Hit, *numbers: int) -> Quote:
    """A quote of these lines of its passage, from 0."""
    starts = [0, *(at + 1 for at, character in enumerate(hit.chunk.text) if character == "\n")]
    lengths = [len(line) for line in hit.chunk.text.split("\n")]
    return Quote(0, tuple((starts[number], starts[number] + lengths[number]) for number in numbers))


def test_rows_that_are_quoted_with_the_names_of_their_columns_are_a_table() -> None:
    found = table("Prices", "Plan | Price", "Small | 3 < 4", "Large | 9", "Per month.", names=2)
    (block,) = written(quoted(lines_of(found, 0, 1, 3, 4), hits=(found,)), EN).blocks
    rows = "<tr><th>Plan</th><th>Price</th></tr><tr><td>Large</td><td>9</td></tr>"
    assert (
        f'<p>Prices</p><div class="table"><table><tbody>{rows}</tbody></table></div><p>Per month.</p>'
        in block
    )
    (whole,) = written(quoted(lines_of(found, 1, 2), hits=(found,)), EN).blocks
    assert "<td>3 &lt; 4</td>" in whole


def test_a_table_ends_where_the_number_of_cells_changes_and_another_begins_with_its_own_names() -> None:
    found = table("Plan | Price", "Bus | Line", "Small | 3", "a | b | c", names=2)
    (block,) = written(quoted(lines_of(found, 0, 1, 2, 3), hits=(found,)), EN).blocks
    assert block.count("<table>") == 1
    assert block.count("<th>") == 4
    assert "<p>a | b | c</p>" in block


def test_empty_cells_at_either_end_keep_the_columns_below_their_names() -> None:
    found = table(" | 2023 | 2024", "Rent | 900", "Heat | 80 | 95", names=1)
    (block,) = written(quoted(lines_of(found, 0, 1, 2), hits=(found,)), EN).blocks
    assert "<tr><th></th><th>2023</th><th>2024</th></tr><tr><td>Rent</td><td>900</td><td></td></tr>" in block
    assert block.count("<table>") == 1


def test_a_line_with_bars_below_no_names_stays_a_line() -> None:
    found = table("ps aux | grep chroma", "ls | wc", names=0)
    (block,) = written(quoted(lines_of(found, 0, 1), hits=(found,)), EN).blocks
    assert "<p>ps aux | grep chroma</p><p>ls | wc</p>" in block


def test_a_number_of_a_paper_is_no_footnote_of_ours_in_what_is_streamed_either() -> None:
    hits = tuple(hit(PAPER, n, 1) for n in range(1, 9))
    view = replace(quoted(Quote(0, ((0, 37),)), hits=hits), answer=None)
    assert [mark.source for mark in written(view, EN).marks] == [1]


def test_what_is_said_below_the_quotes_stays() -> None:
    view = quoted(Quote(0, ((38, 59),)), hits=(hit(PAPER, 1, 4),))
    assert view.answer is not None
    noted = view.after(replace(view.answer, text=view.answer.text + "\n\nNothing of the other."))
    assert "Nothing of the other." in written(noted, EN).blocks[-1]
    assert EN.answered_by_quotes in render.turn(replace(noted, request="r"), EN)
