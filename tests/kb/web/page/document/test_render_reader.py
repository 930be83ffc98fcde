"""Passages of a document as a page to read."""

from __future__ import annotations

from dataclasses import replace

from kb.types import Chunk, LinePlace, ParagraphPlace, Place, Span
from kb.web.page.document.render_reader import reader, reading
from kb.web.page.words.reader import EN


def chunk(*lines: str, path: tuple[str, ...] = (), places: tuple[Place, ...] = (), number: int = 1) -> Chunk:
    """A passage of ``lines``, each of which is a paragraph of its own unless ``places`` say otherwise."""
    text = "\n".join(lines)
    spans, start = [], 0
    for n, line in enumerate(lines):
        spans.append(Span(start, start + len(line), places[n] if places else ParagraphPlace.at(n + 1)))
        start += len(line) + 1
    return Chunk(text, tuple(spans), path, id=number, document_id="d", position=number - 1)


def test_headings_are_those_that_the_passages_below_name_and_short_lines_at_the_top() -> None:
    first = chunk("Ferry", "Times and prices.", "Prices", "A ticket costs three euros.")
    second = chunk("Children travel free.", "More.", path=("Ferry", "Prices"), number=2)
    html = reading([first], after=second)
    assert "<h2>Ferry</h2><p>Times and prices.</p><h3>Prices</h3><p>A ticket" in html
    assert 'data-chunk="1" data-position="0"' in html
    assert "<h" not in reading([second])
    assert "<h4>Winter</h4>" in reading([chunk("Winter", "No ferry.", path=("Ferry", "Prices"))])


def test_lines_of_a_text_that_follow_each_other_are_one_paragraph_and_no_heading() -> None:
    lines = ("25. Foster 2015", "26. Rollin, Jack")
    wrapped = chunk(*lines, places=(LinePlace.at(7), LinePlace.at(8)))
    assert reading([wrapped]).count("<p>25. Foster 2015\n26. Rollin, Jack</p>") == 1
    apart = chunk("Notes", "The ferry runs.", places=(LinePlace.at(1), LinePlace.at(3)))
    assert "<h2>Notes</h2><p>The ferry runs.</p>" in reading([apart])


def test_rows_are_a_table_and_repeated_names_of_columns_are_left_out() -> None:
    table = chunk("Name | Price", "Ferry | 3", "Bus | 2", "Prices are in euros.")
    html = reading([table])
    assert html.count("<tr>") == 3
    assert "<td>Ferry</td><td>3</td>" in html
    assert "<p>Prices are in euros.</p>" in html
    repeated = replace(table.spans[0], place=None, is_heading=True)
    for spans in (table.spans[1:], (repeated, *table.spans[1:])):
        assert "Name" not in reading([replace(table, spans=spans)])


def test_what_stands_in_a_document_stays_text() -> None:
    html = reading([chunk("<script>alert(1)</script>", "a <b> | <i>", "c | d")])
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert 'data-document="&quot;&gt;&lt;b&gt;"' in reader('"><b>', 1, EN)
