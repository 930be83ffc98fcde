"""Passages of a document as a page to read."""

from __future__ import annotations

from dataclasses import replace

from kb.types import Chunk, LinePlace, ParagraphPlace, Place, Span
from kb.web.page.document.render_reader import reader, reading
from kb.web.page.words.reader import EN


def chunk(
    *lines: str,
    headings: tuple[int, ...] = (),
    path: tuple[str, ...] = (),
    places: tuple[Place, ...] = (),
    number: int = 1,
) -> Chunk:
    """A passage of ``lines``, each of which is a paragraph of its own unless ``places`` say otherwise.

    ``headings``: which of them are headings or rows that name columns, from 0.
    """
    text = "\n".join(lines)
    spans, start = [], 0
    for n, line in enumerate(lines):
        place = places[n] if places else ParagraphPlace.at(n + 1)
        spans.append(Span(start, start + len(line), place, n in headings))
        start += len(line) + 1
    return Chunk(text, tuple(spans), path, id=number, document_id="d", position=number - 1)


def test_headings_are_those_that_the_passage_knows_as_deep_as_the_passages_below_say() -> None:
    first = chunk("Ferry", "Times and prices.", "Prices", "A ticket costs three euros.", headings=(0, 2))
    second = chunk("Children travel free.", "More.", path=("Ferry", "Prices"), number=2)
    html = reading([first], after=second)
    assert "<h2>Ferry</h2><p>Times and prices.</p><h3>Prices</h3><p>A ticket" in html
    assert 'data-chunk="1" data-position="0"' in html
    assert "<h" not in reading([second])
    winter = chunk("Winter", "No ferry.", headings=(0,), path=("Ferry", "Prices"))
    assert "<h4>Winter</h4>" in reading([winter])


def test_without_a_passage_below_a_heading_is_beside_the_first_or_below_the_one_above_it() -> None:
    html = reading([chunk("Ferry", "Prices", "Three euros.", "Bus", "Two euros.", headings=(0, 1, 3))])
    assert html.count("<h2>Ferry</h2><h3>Prices</h3><p>Three euros.</p><h2>Bus</h2><p>Two euros.</p>") == 1


def test_a_short_line_at_the_top_is_no_heading_unless_it_is_one() -> None:
    assert "<p>Dear Ms Ferry</p><p>It leaves at nine.</p>" in reading(
        [chunk("Dear Ms Ferry", "It leaves at nine.")]
    )
    assert "<h2>It leaves at nine.</h2>" in reading([chunk("It leaves at nine.", "Always.", headings=(0,))])


def test_lines_of_a_text_that_follow_each_other_are_one_paragraph() -> None:
    lines = ("25. Foster 2015", "26. Rollin, Jack")
    wrapped = chunk(*lines, places=(LinePlace.at(7), LinePlace.at(8)))
    assert reading([wrapped]).count("<p>25. Foster 2015\n26. Rollin, Jack</p>") == 1
    close = chunk("Notes", "The ferry runs.", headings=(0,), places=(LinePlace.at(1), LinePlace.at(2)))
    assert "<h2>Notes</h2><p>The ferry runs.</p>" in reading([close])


def test_rows_are_a_table_with_named_columns_and_names_that_are_repeated_are_left_out() -> None:
    table = chunk("Name | Price", "Ferry | 3", "Bus | 2", "Prices are in euros.", headings=(0,))
    html = reading([table])
    assert html.count("<tr>") == 3
    assert "<tr><th>Name</th><th>Price</th></tr><tr><td>Ferry</td><td>3</td></tr>" in html
    assert "<p>Prices are in euros.</p>" in html
    repeated = replace(table.spans[0], place=None)
    for spans in (table.spans[1:], (repeated, *table.spans[1:])):
        assert "Name" not in reading([replace(table, spans=spans)])


def test_passages_of_rows_that_follow_each_other_are_one_table() -> None:
    first = chunk("Name | Room", "Ada | 4", headings=(0,))
    second, other = chunk("Bo | 5", number=2), chunk("Word | Meaning", "ebb | fall", headings=(0,), number=3)
    html = reading([first, second, other, chunk("Ask at the desk.", number=4)])
    assert html.count("<table>") == 2
    assert (
        '</tr></tbody><tbody class="passage" data-chunk="2" data-position="1" dir="auto"><tr><td>Bo' in html
    )
    assert '</table></div><section class="passage" data-chunk="4"' in html
    shorter = chunk("Cy | 6 | west", "Di | 7", number=1), chunk("Ed | 8", number=2)
    assert reading(shorter).count("<table>") == 1
    assert "<tr><td>Di</td><td>7</td><td></td></tr>" in reading(shorter)
    assert "<tr><td>Ed</td><td>8</td><td></td></tr>" in reading(shorter)
    wider = chunk("Cy | 6 | west", number=2)
    assert reading([first, wider]).count("<table>") == 2


def test_a_row_whose_last_cells_are_empty_stays_in_its_table() -> None:
    html = reading([chunk("Rooms", "Name | Room | Wing", "Ada | 4", " | 5 | west", headings=(0, 1))])
    assert html.count("<table>") == 1
    assert "<tr><td>Ada</td><td>4</td><td></td></tr><tr><td></td><td>5</td><td>west</td></tr>" in html


def test_what_stands_in_a_document_stays_text() -> None:
    html = reading([chunk("<script>alert(1)</script>", "a <b> | <i>", "c | d")])
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert 'data-document="&quot;&gt;&lt;b&gt;"' in reader('"><b>', 1, EN)
