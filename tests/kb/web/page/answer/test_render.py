"""Names, passages and answers as markup."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from kb.answer.quote.layout import Quote, laid_out
from kb.state.namesakes import told_apart
from kb.types import (
    EXTRACTIVE,
    LIBRARY,
    Anchor,
    Answer,
    AnswerRun,
    AnswerRunState,
    CheckedSentence,
    Chunk,
    Citation,
    Document,
    DocumentState,
    Filters,
    Hit,
    Notice,
    PdfPlace,
    Progress,
    Question,
    Rect,
    Searched,
    Span,
    Support,
    TextDelta,
)
from kb.web.page.answer import render
from kb.web.page.answer.turns import TurnView
from kb.web.page.strings import Strings
from kb.web.page.strings_en import EN
from kb.web.page.strings_zh import ZH

DOCUMENT = Document(
    id="d1", name="report.pdf", collection="default", state=DocumentState.READY, sha256="0", bytes=2_500_000,
    added="2026-03-04T05:06:07+00:00", pages=12,
)  # fmt: skip
TEXT = "The first line.\nEvery turbine is inspected  twice\na year.\n\nThe last line."
QUOTED_PLACE = PdfPlace((Rect(5, 1, 2, 3, 4),))
CHUNK = Chunk(
    TEXT, (Span(0, 10, PdfPlace((Rect(4, 10, 20, 30, 40),))), Span(10, 20, QUOTED_PLACE)), ("Upkeep", "Turbines"),
    id=7, document_id="d1",
)  # fmt: skip
HIT = Hit(CHUNK, DOCUMENT, 0.9, 1)
QUOTE = Citation(1, 7, "d1", "report.pdf", Anchor(QUOTED_PLACE, ("Upkeep",)), "inspected twice a year")
HOSTILE = "\"'><script>alert(1)</script>\u202egpj\r\n\n![x](http://e.x/y)\x00"


class Outline(HTMLParser):
    """The elements of a piece of markup, with their attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def answered(**changes: object) -> TurnView:
    view = (
        TurnView("t1", Question("How often?"))
        .after(Searched("How often?", (HIT, HIT)))
        .after(TextDelta("Twice"))
    )
    answer = Answer("Twice [1].", "ollama/x", "How often?", (QUOTE,))
    return view.after(replace(answer, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("strings", [EN, ZH])
def test_hostile_data_stays_text_on_one_line(strings: Strings) -> None:
    document = replace(DOCUMENT, name=HOSTILE, collection=HOSTILE, reason=HOSTILE, added=HOSTILE)
    hit = Hit(replace(CHUNK, text=HOSTILE, heading_path=(HOSTILE,)), document, 1.0, 1)
    view = TurnView("t1", Question(HOSTILE)).after(Searched(HOSTILE + "?", (hit,))).after(Notice(HOSTILE))
    cited = replace(QUOTE, document=HOSTILE, quote=HOSTILE[:30], anchor=Anchor(heading_path=(HOSTILE,)))
    final = view.after(Answer(HOSTILE + "[1]", HOSTILE, HOSTILE, (cited,), (HOSTILE,), incomplete=HOSTILE))
    shown = [
        render.turn(view, strings),
        render.turn(view.after(TextDelta(HOSTILE)), strings),
        render.turn(final, strings),
        render.turn(replace(view, error=HOSTILE), strings),
        render.conditions(
            Filters((HOSTILE,), (HOSTILE,), (HOSTILE,), (HOSTILE,), (HOSTILE,), HOSTILE, HOSTILE), strings
        ),
    ]
    streamed = render.turn_text(final, strings) + "\n\n" + render.turn_sources(final, strings)
    assert streamed.count("\n") == 2 * streamed.count("\n\n")
    for markup in [*shown, *streamed.split("\n\n")]:
        outline = Outline(markup)
        assert "\n" not in markup
        assert "\r" not in markup
        assert not outline.all("script")
        assert all(image["src"].startswith("/documents/") for image in outline.all("img") if image["src"])
        assert not any(name.startswith("on") for _, found in outline.elements for name in found)


@pytest.mark.parametrize("strings", [EN, ZH])
@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"checks": (CheckedSentence("Twice.", 0, 10, (1,), Support.SUPPORTED),)}, False),
        ({"checks": (CheckedSentence("Twice.", 0, 10, (1,), Support.WEAK),)}, True),
        ({"checks": (CheckedSentence("Twice.", 0, 6, (), Support.UNSUPPORTED),), "citations": ()}, True),
        ({"citations": ()}, True),
        ({"citations": (), "refused": True}, False),
        ({}, False),
    ],
)
def test_an_answer_that_nothing_backs_says_so(
    strings: Strings, changes: dict[str, object], *, shown: bool
) -> None:
    outline = Outline(render.turn(answered(**changes), strings))
    assert (strings.not_backed in outline.words) is shown
    again = [button for button in outline.all("button") if button.get("data-again") == "quotes"]
    assert bool(again) is shown


def test_what_went_wrong_is_said_beside_the_answer() -> None:
    doubt = CheckedSentence("Twice.", 0, 10, (1,), Support.UNSUPPORTED)
    html = render.turn(answered(incomplete="Ollama ended.", checks=(doubt,)), EN)
    assert "Ollama ended." in html
    assert EN.unsupported_hint in html
    assert 'class="doubted"' in html
    view = TurnView("t1", Question("?")).after(Searched("? again", (HIT,), dropped=3)).after(TextDelta("Tw"))
    html = render.turn(replace(view, stopped=True), EN)
    assert EN.stopped in html
    assert "Searched for: ? again" in html
    assert "3 more passages" in html


@pytest.mark.parametrize("strings", [EN, ZH])
def test_a_model_that_wrote_nothing_says_why_and_every_way_on_is_there_once(strings: Strings) -> None:
    words = render.answer_words(strings)
    none = replace(
        TurnView.new(AnswerRun("r1", "c1", Question("?"), AnswerRunState.DONE, "")),
        searched=Searched("?", (HIT,)),
    )
    outline = Outline(
        render.turn(none.after(Answer("", "gguf/x.gguf", "?", (), incomplete="No such file.")), strings)
    )
    assert words.no_answer in outline.words
    assert outline.words.count("No such file.") == 1
    ways = [button.get("data-again") for button in outline.all("button") if "data-again" in button]
    assert ways == ["again", "quotes", "model", "edit"]
    assert "/settings" in {link.get("href") for link in outline.all("a")}
    assert words.answer_with_quotes in outline.words


def test_documents_of_one_name_are_told_apart_wherever_they_are_named() -> None:
    def hit(key: str, folder: str, text: str) -> Hit:
        chunk = replace(CHUNK, text=text, id=int(key), document_id=key)
        return Hit(chunk, replace(DOCUMENT, id=key, folder=folder), 0.9, int(key))

    hits = told_apart([hit("1", "2024", "It was 3."), hit("2", "2025", "It is 4.")])
    quotes = laid_out([Quote(0, ((0, 9),)), Quote(1, ((0, 8),))], hits)
    asked = TurnView("t1", Question("?", Filters(documents=("1", "2")))).after(Searched("?", hits))
    view = asked.after(Answer(quotes.text, EXTRACTIVE, "?", quotes.citations, checks=quotes.checks))
    outline = Outline(render.turn(view, EN))
    assert outline.words.count("2024/report.pdf") == outline.words.count("2025/report.pdf") == 3
    assert "**" not in outline.words


def test_who_stopped_an_answer_is_told_whether_anything_was_written() -> None:
    view = replace(TurnView("t1", Question("?")), stopped=True)
    assert "Stopped before anything was written." in render.turn(view, EN)
    assert EN.stopped not in render.turn(view, EN)
    assert EN.stopped in render.turn(replace(view, text="Twice"), EN)


def test_a_refusal_is_not_said_to_be_quoted_and_offers_what_comes_nearest() -> None:
    refused = Answer("Nothing.", "extractive", "?", (), refused=True, closest=(QUOTE,))
    view = TurnView("t1", Question("?")).after(Searched("?", (HIT,))).after(refused)
    outline = Outline(render.turn(view, EN))
    assert EN.answered_by_quotes not in outline.words
    assert "What comes nearest" in outline.words
    opened = {button["data-open"] for button in outline.all("button") if "data-open" in button}
    assert opened <= {found.get("id") for found in outline.all("li")}
    assert opened


@pytest.mark.parametrize(("strings", "label"), [(EN, "Add documents"), (ZH, "添加文档")])
def test_where_nothing_can_be_searched_documents_can_be_added(strings: Strings, label: str) -> None:
    view = replace(TurnView("t1", Question("?")), text="There are no documents yet.")
    empty = view.after(Answer(view.text, LIBRARY, "?", (), refused=True))
    assert f'<a href="/library" data-go>{label}</a>' in render.turn(empty, strings)
    refused = view.after(Answer(view.text, EXTRACTIVE, "?", (), refused=True))
    assert label not in render.turn(refused, strings)


def test_what_was_said_before_and_how_far_the_reading_is_are_shown() -> None:
    view = TurnView("t1", Question("And it?")).after(
        Searched("And it?", (HIT,), context="The mast <b> " * 40)
    )
    html = render.turn(view, EN)
    assert "What was said before counts a little, too: The mast &lt;b&gt;" in html
    assert EN.searched_for.format(question="And it?") not in html  # it is the question, which stands above
    other = TurnView("t1", Question("And it?")).after(
        Searched("And the mast?", (HIT,), context="It is high.")
    )
    shown = render.turn(other, EN)
    assert "Searched for: And the mast?" in shown
    assert "a little for what was said before: It is high." in shown
    chips = {button["data-again"]: button for button in Outline(html).all("button") if "data-again" in button}
    assert chips["search"]["data-query"] == "And it?"
    assert chips["alone"]["aria-label"] == EN.search_alone
    reading = TurnView("t1", Question("Sum up")).after(Progress(3, 9, "report<i>.pdf"))
    html = render.turn(reading, EN)
    assert "Reading report&lt;i&gt;.pdf: part 3 of 9" in html
    assert '<progress max="9" value="3">' in html


def test_a_question_is_shown_without_its_conditions_which_stand_below() -> None:
    narrowed = Filters(
        types=("pdf",), languages=("zh",), tags=("steel",), since="2025-01-01", before="2026-01-01"
    )
    asked = Question("How high?", narrowed, typed="How high? type:pdf and more")
    outline = Outline(render.turn(TurnView("t1", asked).after(Searched("How high?", (HIT,))), EN))
    assert "How high?Only: PDF 中文 #steel added 2025-01-01 – 2025-12-31" in outline.words
    assert "Searched for" not in outline.words
    one_day = Outline(render.conditions(Filters(before="2026-03-01"), ZH))
    assert one_day.words == "仅限： 2026-02-28 及以前添加"
    assert render.conditions(Filters(), EN) == ""
    nothing_else = Question("", Filters(types=("pdf",)), typed="type:pdf")
    assert Outline(render.turn(TurnView("t1", nothing_else), EN)).words.startswith("type:pdf")
