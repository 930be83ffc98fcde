"""What a search found, as it is shown: data stays text, and each score is told with its bar."""

from __future__ import annotations

from dataclasses import replace

from kb.types import Hit, Searched
from kb.web.page.document import render as render_document
from kb.web.page.document.render import DocumentPage
from kb.web.page.library.fragments import say_of
from kb.web.page.search import render as render_search
from kb.web.page.words import document as document_words
from kb.web.page.words.reader import EN as READER_EN
from kb.web.page.words.search import EN
from tests.kb.web.page.answer.test_render import CHUNK, DOCUMENT, HIT, HOSTILE, Outline


def test_scores_are_told_against_the_highest_of_their_kind_and_steps_with_their_time() -> None:
    best = replace(HIT, scores={"dense": 0.8, "words": 10.0, "part": 0.9})
    other = replace(HIT, rank=2, score=0.45, scores={"dense": 0.4})
    searched = Searched(
        "How often is a turbine inspected?", (best, other), timings_ms={"embed": 12.4, "search": 3}
    )
    outline = Outline(render_search.found(searched, EN))
    shares = [float(str(meter["value"])) for meter in outline.all("meter")]
    assert shares == [1, 1, 1, 1, 0.5, 0.5]
    assert "15 ms in all · understanding the question 12 ms · searching 3 ms" in outline.words
    assert [link["href"] for link in outline.all("a")] == ["/d/d1?page=4"] * 2
    html = render_search.found(searched, EN)
    assert "<mark>turbine</mark> is <mark>inspected</mark>" in html
    assert EN.none_found in render_search.found(Searched("?", ()), EN)


def test_hostile_data_stays_text() -> None:
    document = replace(
        DOCUMENT, name=HOSTILE, collection=HOSTILE, title=HOSTILE, folder=HOSTILE, reason=HOSTILE
    )
    hit = Hit(replace(CHUNK, text=HOSTILE, heading_path=(HOSTILE,)), document, 1.0, 1)
    say = say_of({})
    for markup in (
        render_search.found(Searched(HOSTILE, (hit,), notice=HOSTILE), EN),
        render_search.frame(EN, dense_weight=0.5),
        render_document.frame(document_words.EN, READER_EN, say),
        render_document.about(DocumentPage(document, None, newer=document), document_words.EN, say),
        render_document.passages([hit.chunk], (), document_words.EN, start=0, total=1),
    ):
        outline = Outline(markup)
        assert "\n" not in markup
        assert not outline.all("script")
        assert all(str(image["src"]).startswith("/documents/") for image in outline.all("img"))
        assert not any(name.startswith("on") for _, found in outline.elements for name in found)
