"""Footnotes, the pane of their sources, the reader, and what is done with an answer: one app for all walks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from tests.browser.conftest import Served, Visit, served
from tests.browser.scripted_model import NAME, scripted_model
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEADY = "Between ten in the evening and six in the morning, turbines 3 and 4 run at reduced speed. "
INSPECTED = "Every turbine is inspected twice a year, in April and in October."
ONE_DAY = "An inspection takes one day and needs two technicians [8]."
LONG = "".join(f"- Of the part with the number {n} nothing else is known.\n" for n in range(30))
FERRY = "The ferry runs every forty-five minutes."
TICKET = "A ticket costs three euros."


def make_handbook(path: Path) -> None:
    """Two pages; what is asked for stands low on the second one, in two paragraphs."""
    styles = getSampleStyleSheet()
    body = styles["BodyText"]
    story = [
        Paragraph("Noise", styles["Heading1"]),
        *(Paragraph(STEADY * 3, body) for _ in range(3)),
        PageBreak(),
        *(
            Paragraph("Nothing is said of paint, doors and the colour of the gate here. " * 5, body)
            for _ in range(6)
        ),
        Paragraph("Maintenance", styles["Heading1"]),
        Paragraph(INSPECTED, body),
        Paragraph(ONE_DAY, body),
    ]
    SimpleDocTemplate(str(path), title="Wind farm handbook").build(story)


def make_notes(path: Path) -> None:
    filler = "\n\n".join(f"Note {n}: the harbour was quiet that day and nobody came." for n in range(60))
    path.write_text(f"Ferry notes\n\n{filler}\n\n{FERRY} {TICKET}\n\n{filler}\n", encoding="utf-8")


def number_of(prompt: str, words: str) -> int:
    """The number of the passage of ``prompt`` with these words."""
    flat = " ".join(prompt.split())
    return int(re.findall(r"\[(\d+)\] \(", flat[: flat.index(words)])[-1])


def write(prompt: str) -> Iterator[str]:
    if "[1] (" not in prompt:  # it is asked to rewrite a follow-up, and gives nothing of use
        yield "?"
        return
    if "elephants" in prompt.split("\n")[-1]:
        yield "The elephants of the harbour are forty metres tall and entirely purple."
        return
    if "ferry" in prompt.split("\n")[-1]:
        n = number_of(prompt, FERRY)
        yield f"The ferry runs every forty-five minutes [{n}].\n\nA ticket costs three euros [{n}]."
        return
    n = number_of(prompt, "inspected twice")
    yield f"Every turbine is inspected twice a year [{n}]. "
    yield f"This happens in April and in October [{n}].\n\n" + LONG
    yield f"\nAn inspection takes one day and needs two technicians [{n}].\n\n"
    yield f"It costs 7,000 euros a year [{n}]."


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    files = tmp_path_factory.mktemp("files")
    make_handbook(files / "handbook.pdf")
    make_notes(files / "notes.txt")
    with (
        scripted_model(write) as endpoint,
        served(
            tmp_path_factory.mktemp("answer") / "home",
            FOOTNOTE_ANSWERING__ENDPOINT_URL=endpoint,
            FOOTNOTE_ANSWERING__MODEL=f"endpoint/{NAME}",
        ) as app,
    ):
        for file in sorted(files.iterdir()):
            app.upload(file)
        assert set(app.wait_until_settled().values()) == {"ready"}
        yield app


def ask(page: Page, question: str) -> Locator:
    """Asks, and the turn that shows it once it is answered."""
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    expect(page.locator("#current .question")).to_have_text(question)
    expect(page.locator("#current .actions")).to_be_visible()
    return page.locator("#current")


def height(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["y"]


def share_from_top(page: Page, mark: Locator) -> float:
    """Where a mark stands in the window of the reader: 0 at its upper edge."""
    body = page.locator("#pane .reader-body").bounding_box()
    assert body is not None
    return (height(mark) - body["y"]) / body["height"]


SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: false });
}"""


def test_each_footnote_leads_to_its_own_sentence_and_back(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    turn = ask(page, "How often is a turbine inspected, and how long does it take?")
    marks = turn.locator("a.fn")
    expect(marks).to_have_text(["1", "1", "1"])  # a run of two sentences is one footnote
    expect(turn.locator(".doubted", has_text="7,000 euros")).to_be_visible()
    expect(turn.locator(".unsupported, .weak").last).to_contain_text("7,000")

    page.evaluate(SHIFTS)
    low = marks.nth(1)
    low.scroll_into_view_if_needed()
    at = height(low)
    low.click()
    strong, pale = page.locator("#pane .hl.strong"), page.locator("#pane .hl.pale")
    expect(strong.first).to_be_visible()
    expect(page.locator("#pane .reader-bar .where")).to_have_text("2 / 2")
    assert abs(share_from_top(page, strong.first) - 1 / 3) < 0.05
    assert abs(height(low) - at) < 2, "the text was thrown elsewhere"
    expect(pale.first).to_be_attached()
    first_place = strong.first.get_attribute("style")
    assert page.evaluate("window.shifted") < 0.05

    page.get_by_role("button", name="Previous footnote").click()
    expect(page.locator("#pane .nth")).to_have_text("1 / 3")
    expect(strong.first).not_to_have_attribute("style", first_place or "")
    page.get_by_role("button", name="Next footnote").click()
    expect(strong.first).to_have_attribute("style", first_place or "")
    page.keyboard.press("Escape")
    assert low.evaluate("link => link === document.activeElement")
    expect(page.locator("#pane .reader-body")).to_be_hidden()
    expect(page.locator("#pane .of-doc").first).to_have_text("handbook.pdf")
    assert visit.errors == []


def test_a_text_is_read_with_the_sentence_in_its_place_and_searched(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    turn = ask(page, "How often does the ferry run and what is a ticket?")
    strong, pale = page.locator("#pane mark.strong"), page.locator("#pane mark.pale")
    for place, (own, other) in enumerate(((FERRY, TICKET), (TICKET, FERRY))):
        turn.locator("a.fn").nth(place).click()
        expect(strong).to_have_text(own)
        expect(pale).to_have_text(other)
        assert abs(share_from_top(page, strong) - 1 / 3) < 0.05
        page.keyboard.press("Escape")

    turn.locator("a.fn").first.focus()
    page.keyboard.press("Enter")
    find = page.get_by_role("searchbox", name="Find in document")
    find.fill("note 59:")
    expect(page.locator("#pane .find output")).to_have_text("1 of 2")
    expect(page.locator("#pane mark.here")).to_be_in_viewport()
    find.press("Enter")
    expect(page.locator("#pane .find output")).to_have_text("2 of 2")
    find.press("Escape")  # empties the field
    find.press("Escape")
    expect(page.locator("#pane .reader-body")).to_be_hidden()

    edge = page.get_by_role("separator", name="Width of the sources")
    before = page.locator("#pane").bounding_box()
    words = turn.locator(".answer").first.bounding_box()
    edge.focus()
    edge.press("ArrowLeft")
    after = page.locator("#pane").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] - before["width"] == pytest.approx(32, abs=1)
    assert turn.locator(".answer").first.bounding_box() == words
    page.reload()
    expect(page.locator("#pane")).to_have_css("width", f"{round(after['width'])}px")
    assert visit.elsewhere(app.address) == []
    assert visit.errors == []


def top_of(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"]


def bottom_of(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def lines_of_actions(page: Page) -> int:
    """In how many lines the buttons of the newest answer stand."""
    return int(
        page.locator("#current .actions > :not(.facts)").evaluate_all(
            "found => new Set(found.map(each => Math.round(each.getBoundingClientRect().y))).size"
        )
    )


def test_an_answer_that_nothing_backs_says_so_and_shows_what_the_documents_say(
    app: Served, visit: Visit
) -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(app.address)
    turn = ask(page, "How often is each turbine inspected, and what about elephants?")
    banner = turn.locator(".banner")
    expect(banner).to_contain_text("No sentence of this is backed by your documents")
    expect(turn.locator(".doubted").first).to_contain_text("elephants")
    expect(page.locator("#pane")).to_be_visible()  # which leaves a narrow column
    assert lines_of_actions(page) == 1
    banner.get_by_role("button", name="Show what they say").click()
    expect(page.locator("#earlier .turn")).to_have_count(1)
    expect(turn.locator("figure.quotes figcaption").first).to_be_visible()
    expect(turn.locator(".banner")).to_have_count(0)
    expect(turn.locator(".actions")).to_contain_text("Quoted word for word")

    turn.locator(".copy summary").click()
    turn.get_by_role("button", name="With sources").click()
    expect(turn.locator(".copy summary")).to_have_text("Copied")
    assert "[1] " in page.evaluate("() => navigator.clipboard.readText()")

    turn.get_by_role("button", name="This did not help").click()
    reason = turn.get_by_label("What was right or wrong about it?")
    wait_until(lambda: reason.bounding_box() and bottom_of(reason) <= top_of(page.locator("#composer")))
    reason.fill("It is about elephants.")
    turn.get_by_role("button", name="Keep").click()
    expect(turn.locator(".reason")).to_contain_text("Kept")
    (rated,) = app.get("/api/ratings").json()["ratings"]
    assert (rated["rating"], rated["reason"]) == ("bad", "It is about elephants.")

    turn.get_by_role("button", name="Edit question").click()
    box = turn.get_by_role("textbox", name="Edit question")
    box.fill("How often is a turbine inspected?")
    box.press("Enter")
    expect(turn.locator(".question")).to_have_text("How often is a turbine inspected?")
    expect(turn.locator(".actions")).to_be_visible()
    expect(turn.locator(".fine")).not_to_contain_text(["elephants"])

    turn = ask(page, "And how long does that take?")
    turn.locator(".searched button").first.click()
    box = turn.get_by_role("textbox", name="Change what is searched")
    box.fill("How long does an inspection of a turbine take?")
    box.press("Enter")
    expect(turn.locator(".searched")).to_contain_text("How long does an inspection of a turbine take?")
    expect(turn.locator(".actions")).to_be_visible()
    turn.get_by_role("button", name="Search the question as it stands").click()
    expect(turn.locator(".question")).to_have_text("And how long does that take?")
    expect(turn.locator(".searched")).to_have_count(0)
    expect(turn.locator(".actions")).to_be_visible()
    assert visit.errors == []  # of what the reload breaks off, Gradio complains
    page.reload()
    expect(page.get_by_role("button", name="This did not help").nth(1)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_on_a_dark_chinese_phone_the_sources_are_a_sheet(app: Served, browser: Browser) -> None:
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", color_scheme="dark", has_touch=True
    )
    page = phone.new_page()
    page.goto(app.address)
    turn = ask(page, "How often does the ferry run and what is a ticket?")
    expect(page.locator("#pane")).to_be_hidden()
    assert lines_of_actions(page) == 1
    turn.locator("a.fn").first.click()
    expect(page.locator("#pane mark.strong")).to_have_text(FERRY)
    sheet = page.locator("#pane").bounding_box()
    assert sheet is not None
    assert (sheet["x"], round(sheet["width"])) == (0, 390)
    assert sheet["y"] > 84
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    said = page.locator("#pane header, #pane .reader-bar, #current .actions").evaluate_all(
        """found => found.flatMap(one => [one.innerText, ...[...one.querySelectorAll("*")].flatMap(
            each => ["aria-label", "title", "placeholder"].map(name => each.getAttribute(name) ?? ""))])"""
    )
    known = re.compile(rf"notes\.txt|Markdown|(endpoint/)?{re.escape(NAME)}|\b[A-Za-z]\b")
    assert not re.search(r"[A-Za-z]{2,}", known.sub("", " ".join(said))), said
    page.keyboard.press("Escape")
    expect(page.locator("#pane")).to_be_hidden()
    assert turn.locator("a.fn").first.evaluate("link => link === document.activeElement")
    phone.close()


def test_a_model_that_cannot_answer_says_why_and_offers_every_way_on(app: Served, visit: Visit) -> None:
    page = visit.page
    page.add_init_script("localStorage.setItem('footnote_model', 'gguf/gone.gguf')")
    page.goto(app.address)
    expect(page.locator(".opens.model.fails")).to_have_attribute("title", re.compile("gone.gguf"))
    turn = ask(page, "How often does the ferry run?")
    failed = turn.get_by_role("alert")
    expect(failed).to_contain_text("The chosen model gave no answer.")
    expect(failed).to_contain_text("There is no model file 'gone.gguf'")
    expect(failed.get_by_role("link", name="Settings for answers")).to_have_attribute("href", "/settings")
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator("#earlier .turn")).to_have_count(1)
    expect(turn.locator(".actions")).to_be_visible()
    turn.get_by_role("alert").get_by_role("button", name="Answer with quotes").click()
    expect(page.locator("#earlier .turn")).to_have_count(2)
    expect(turn.locator("figure.quotes, .quoted").first).to_contain_text("forty-five minutes")
    expect(turn.get_by_role("alert")).to_have_count(0)
