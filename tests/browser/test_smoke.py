"""The whole way of a document through the page: dropped, ready, asked about, footnote opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from tests.browser.conftest import Served, Visit, open_screen, served
from tests.browser.scripted_model import NAME, scripted_model
from tests.models import SERVED_NAME, llama_server, smollm2_gguf

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEADY = "Between ten in the evening and six in the morning, turbines 3 and 4 run at reduced speed. "


def make_handbook(path: Path) -> None:
    styles = getSampleStyleSheet()
    upkeep = (
        "Every turbine is inspected twice a year, in April and in October, when winds are lowest. "
        "An inspection takes one day and needs two technicians."
    )
    story = [
        Paragraph("Noise", styles["Heading1"]),
        *(Paragraph(STEADY * 3, styles["BodyText"]) for _ in range(3)),
        PageBreak(),
        Paragraph("Maintenance", styles["Heading1"]),
        Paragraph(upkeep, styles["BodyText"]),
    ]
    SimpleDocTemplate(str(path), title="Wind farm handbook").build(story)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("smoke") / "home", first_start=True) as app:
        yield app


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "handbook.pdf"
    make_handbook(path)
    return path


def drop(page: Page, *files: Path) -> None:
    """Drops files onto the page, wherever it stands, as the mouse would."""
    data = page.evaluate_handle(
        """files => { const data = new DataTransfer();
            for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name));
            return data; }""",
        [[file.name, list(file.read_bytes())] for file in files],
    )
    for kind in ("dragover", "drop"):
        page.dispatch_event("body", kind, {"dataTransfer": data})


def ask(page: Page, question: str) -> Locator:
    """Asks, and the turn that shows it."""
    open_screen(page, "Ask")
    expect(page.locator("#question .submit-button")).to_be_visible()  # the answer before is complete
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    turn = page.locator("#now")
    expect(turn.locator(".question")).to_have_text(question)
    return turn


def test_a_dropped_pdf_answers_with_a_footnote_that_opens_its_page(
    app: Served, visit: Visit, handbook: Path
) -> None:
    page = visit.page
    page.goto(app.address)
    expect(page.locator(".welcome")).to_contain_text("Drop your first documents")
    drop(page, handbook)
    row = page.locator("footnote-library tr.doc", has_text="handbook.pdf")
    expect(row.locator(".state")).to_have_text("Ready", timeout=120_000)

    turn = ask(page, "How often is a turbine inspected?")
    note = turn.locator("a.fn").first
    expect(note).to_be_visible()
    expect(turn.locator(".answer").first).to_contain_text("twice a year")
    expect(turn.locator(".writing")).to_have_count(0)

    note.focus()
    page.keyboard.press("Enter")
    reader = page.locator("#pane footnote-reader")
    expect(reader.locator(".where")).to_have_text("2 / 2")
    picture = reader.locator('[data-page="2"] img')
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") >= 600
    expect(reader.locator(".hl.strong").first).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator("#pane .entry mark").first).to_contain_text("twice a year")
    expect(page.locator("#pane .entry .where").first).to_contain_text("page 2")
    assert note.evaluate("link => link === document.activeElement")
    assert visit.elsewhere(app.address) == []
    assert visit.errors == []


def test_a_new_conversation_forgets_and_a_reload_shows_the_library(
    app: Served, visit: Visit, handbook: Path
) -> None:
    app.upload(handbook)
    app.wait_until_settled()
    visit.page.goto(app.address)
    ask(visit.page, "How often is a turbine inspected?")
    expect(visit.page.locator("#current a.fn").first).to_be_visible()
    second = ask(visit.page, "And at night?")
    expect(second.locator(".answer").first).to_be_visible()
    expect(visit.page.locator("#earlier .turn")).to_have_count(1)
    expect(visit.page.locator("#earlier .turn")).to_contain_text("How often is a turbine inspected?")
    visit.page.wait_for_timeout(500)
    assert second.bounding_box()["y"] < 100, "the new question should stand at the top"  # type: ignore[index]
    visit.page.get_by_role("link", name="New question").click()
    expect(visit.page.locator(".question")).to_have_count(0)
    expect(visit.page.locator(".welcome")).to_be_visible()


def test_the_page_speaks_chinese_to_a_chinese_browser(app: Served, visit: Visit) -> None:
    assert visit.page.context.browser is not None
    chinese = visit.page.context.browser.new_context(locale="zh-CN")
    page = chinese.new_page()
    page.goto(app.address)
    expect(page.get_by_role("link", name="文档库")).to_be_visible(timeout=60_000)
    open_screen(page, "文档库")
    expect(page.get_by_role("button", name="添加", exact=True)).to_be_visible()
    chinese.close()


def test_stop_keeps_what_is_written_and_ends_the_model(tmp_path: Path, visit: Visit, handbook: Path) -> None:
    sent = []

    def endless(_prompt: str) -> Iterator[str]:
        for n in range(1, 3000):
            sent.append(n)
            time.sleep(0.02)
            yield f"word{n} [1]" + ("\n\n" if n % 10 == 0 else " ")

    with (
        scripted_model(endless) as endpoint,
        served(
            tmp_path / "home",
            FOOTNOTE_ANSWERING__ENDPOINT_URL=endpoint,
            FOOTNOTE_ANSWERING__MODEL=f"endpoint/{NAME}",
        ) as app,
    ):
        app.upload(handbook)
        app.wait_until_settled()
        page = visit.page
        page.goto(app.address)
        turn = ask(page, "How often is a turbine inspected?")
        expect(turn.locator(".answer").nth(1)).to_contain_text("word11")
        turn.locator("a.fn").first.click()
        expect(page.locator("#pane .hl.strong").first).to_be_visible()
        page.locator("#question .stop-button").click()
        expect(turn.locator(".writing")).to_have_count(0)
        expect(turn).to_contain_text("Stopped")
        expect(page.locator("#pane .hl.strong").first).to_be_visible()
        page.wait_for_timeout(1000)
        before = len(sent)
        page.wait_for_timeout(1000)
        assert len(sent) == before, "the model still writes"
        expect(ask(page, "And how long does it take?").locator(".answer").first).to_contain_text("word1")


_NOTE_LENGTHS = """() => {
    window.lengths = new Set();
    const note = () => {
        const blocks = [...document.querySelectorAll("#now .answer")];
        const length = blocks.reduce((sum, block) => sum + block.innerText.length, 0);
        if (length) window.lengths.add(length);
    };
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
"""Every length the answer has on the page, however shortly: looking ten times a second can miss a quick model's."""


def test_a_real_model_streams(tmp_path: Path, visit: Visit, handbook: Path) -> None:
    """SmolLM2 writes, and its text grows on the page until it is whole."""
    with (
        llama_server(smollm2_gguf()) as endpoint,
        served(
            tmp_path / "home",
            FOOTNOTE_ANSWERING__ENDPOINT_URL=endpoint,
            FOOTNOTE_ANSWERING__MODEL=f"endpoint/{SERVED_NAME}",
        ) as app,
    ):
        app.upload(handbook)
        app.wait_until_settled()
        page = visit.page
        page.goto(app.address)
        page.evaluate(_NOTE_LENGTHS)
        turn = ask(page, "Describe in detail how often each turbine is inspected, by whom, and when.")
        answer = turn.locator(".answer")
        expect(answer.first).to_be_visible(timeout=180_000)  # a prompt of 800 tokens on two busy cores
        expect(turn.locator(".writing")).to_have_count(0, timeout=180_000)
        lengths = page.evaluate("[...window.lengths]")
        assert len(lengths) >= 2, f"the text came in one piece: {lengths}"
        expect(turn).to_contain_text(f"Answered by {SERVED_NAME}")
        expect(page.locator("#question .submit-button")).to_be_visible()


def test_the_filter_narrows_questions_shows_what_is_active_and_is_cleared(
    app: Served, visit: Visit, handbook: Path, tmp_path: Path
) -> None:
    page = visit.page
    notes = tmp_path / "notes.md"
    notes.write_text(
        "# Notes\n\nEvery turbine is inspected once a month, said the notes.\n", encoding="utf-8"
    )
    app.upload(handbook)
    app.upload(notes)
    app.wait_until_settled()
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    opener = page.get_by_role("button", name="All documents")
    opener.click()
    page.get_by_role("checkbox", name="MD", exact=True).check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    chip = page.get_by_role("button", name="Remove “MD”")
    expect(chip).to_be_visible()
    expect(page.locator("#question textarea")).to_have_attribute("placeholder", "Ask about MD…")

    turn = ask(page, "How often is a turbine inspected?")
    expect(turn.locator(".conditions")).to_contain_text("MD")
    expect(turn.locator(".answer").first).to_contain_text("once a month")
    expect(turn.locator(".writing")).to_have_count(0)
    names = page.locator("#pane .of-doc")
    assert {name.inner_text() for name in names.all()} == {"notes.md"}

    assert visit.errors == []
    page.reload()  # what is searched is remembered
    chip.click()
    expect(chip).to_have_count(0)
    expect(page.get_by_role("button", name="All documents")).to_be_focused()
    turn = ask(page, "How often is each turbine inspected?")
    expect(names.filter(has_text="handbook.pdf").first).to_be_visible()
    expect(turn.locator(".conditions")).to_have_count(0)
