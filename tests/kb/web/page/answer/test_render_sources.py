"""The sources beside an answer, and where each footnote leads."""

from __future__ import annotations

import json
from dataclasses import replace

from kb.types import (
    Anchor,
    Answer,
    CheckedSentence,
    Chunk,
    Citation,
    DocumentState,
    Hit,
    LinePlace,
    PdfPlace,
    Question,
    Rect,
    Searched,
    Span,
    Support,
)
from kb.web.page.answer import render
from kb.web.page.answer.turns import TurnView
from kb.web.page.strings_en import EN
from tests.kb.web.page.answer.test_render import CHUNK, DOCUMENT, HIT, Outline


def citation(quote: str, *rects: Rect, n: int = 1) -> Citation:
    return Citation(n, 7, "d1", "report.pdf", Anchor(PdfPlace(rects) if rects else LinePlace.at(3)), quote)


def twice(one: Citation, other: Citation) -> TurnView:
    """An answer whose two paragraphs rest on two sentences of one passage."""
    text = "It is twice [2].\n\nIt is last [2]."
    checks = (
        CheckedSentence("It is twice.", 0, 16, (2,), Support.SUPPORTED, evidence=(one,)),
        CheckedSentence("It is last.", 18, 33, (2,), Support.SUPPORTED, evidence=(other,)),
    )
    both = replace(one, quote=f"{one.quote} … {other.quote}")
    view = TurnView("t1", Question("?")).after(Searched("?", (HIT, replace(HIT, rank=2))))
    return view.after(Answer(text, "m", "?", (both,), checks=checks))


def marks_of(markup: str) -> list[dict[str, object]]:
    (aside,) = Outline(markup).all("aside")
    return json.loads(aside["data-marks"] or "")  # type: ignore[no-any-return]


def test_two_footnotes_on_one_passage_have_each_their_own_sentence() -> None:
    first, second = Rect(5, 1, 2, 3, 4), Rect(6, 10, 20, 30, 40)
    view = twice(
        citation("inspected twice a year", first, n=2), citation("The last line.", second, first, n=2)
    )
    one, other = marks_of(render.turn_sources(view, EN))
    assert one["source"] == other["source"] == "t1-s1"
    assert one["places"] == [
        {
            "document": "d1",
            "name": "report.pdf",
            "chunk": 7,
            "page": 5,
            "rects": [[1, 2, 3, 4]],
            "quote": "inspected twice a year",
        }
    ]
    assert [(place["page"], place["rects"]) for place in other["places"]] == [  # type: ignore[attr-defined]
        (5, [[1, 2, 3, 4]]),
        (6, [[10, 20, 30, 40]]),
    ]


def test_the_list_marks_every_cited_sentence_and_names_the_rest() -> None:
    html = render.turn_sources(
        twice(citation("inspected twice a year", n=2), citation("The last line.", n=2)), EN
    )
    assert "<mark>inspected twice a year.</mark>" not in html
    assert "<mark>inspected twice a year</mark>" in html
    assert "<mark>The last line.</mark>" in html
    outline = Outline(html)
    assert "Also found (1)" in outline.words
    assert [found["id"] for found in outline.all("li")] == ["t1-s1", "t1-p1"]


def test_while_it_is_written_every_passage_can_be_opened_as_a_whole() -> None:
    view = TurnView("t1", Question("How often?")).after(Searched("How often?", (HIT,)))
    outline = Outline(render.turn_sources(view, EN))
    (found,) = outline.all("li")
    places = json.loads(found["data-places"] or "")
    assert [(place["page"], place["rects"]) for place in places] == [
        (4, [[10, 20, 30, 40]]),
        (5, [[1, 2, 3, 4]]),
    ]
    assert places[0]["quote"] == CHUNK.text
    assert "page 4 · Upkeep · Turbines" in outline.words
    assert "Found, and being read (1)" in outline.words


def test_an_answer_of_before_falls_back_on_all_that_its_footnote_quotes() -> None:
    view = twice(citation("inspected twice a year", n=2), citation("The last line.", n=2))
    assert view.answer is not None
    old = tuple(replace(check, evidence=()) for check in view.answer.checks)
    one, other = marks_of(render.turn_sources(view.after(replace(view.answer, checks=old)), EN))
    assert one["places"] == other["places"]
    assert one["places"][0]["quote"] == "inspected twice a year … The last line."  # type: ignore[index]


def test_a_source_that_is_gone_shows_its_quote_and_cannot_be_opened() -> None:
    gone = replace(HIT, document=replace(DOCUMENT, state=DocumentState.DELETING))
    view = TurnView("t1", Question("?")).after(Searched("?", (gone,)))
    outline = Outline(render.turn_sources(view, EN))
    assert outline.all("button") == []
    assert outline.all("li")[0]["data-places"] == "[]"
    assert "not in the library any more" in outline.words


def test_a_passage_of_a_text_leads_to_its_words() -> None:
    text = "Pump P1 leaks.\nValve V2 is new."
    hit = Hit(Chunk(text, (Span(0, 14, LinePlace.at(3)),), id=9, document_id="d1"), DOCUMENT, 1.0, 1)
    view = TurnView("t1", Question("?")).after(Searched("?", (hit,)))
    places = json.loads(Outline(render.turn_sources(view, EN)).all("li")[0]["data-places"] or "")
    assert places == [
        {"document": "d1", "name": "report.pdf", "chunk": 9, "page": 1, "rects": [], "quote": text}
    ]
