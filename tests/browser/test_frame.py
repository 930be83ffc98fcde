"""The frame around every screen: addresses, the rail, and what it does on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Visit, open_screen, served
from tests.browser.test_smoke import ask
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERON = "The heron stands still for hours. The nest of a heron is built in March, high in a tree."


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("frame") / "home") as app:
        yield app


@pytest.fixture(scope="module")
def heron(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("files") / "heron.md"
    file.write_text(f"# Where herons breed\n\n{HERON}\n", encoding="utf-8")
    return file


def test_the_first_start_leads_to_the_first_answer(app: Served, visit: Visit, heron: Path) -> None:
    page = visit.page
    page.goto(app.address)
    expect(page.get_by_role("heading", name="Drop your first documents")).to_be_visible()
    expect(page.get_by_role("list", name="To begin")).to_contain_text("quotes only")
    page.get_by_role("button", name="Choose", exact=True).click()
    sheet = page.get_by_role("dialog", name="Which model answers")
    expect(sheet).to_contain_text("ollama pull qwen3")
    sheet.get_by_role("button", name="Quotes from your documents").click()
    expect(sheet.get_by_role("status")).to_have_text("Answers now: Quotes only")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Choose", exact=True)).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(heron)
    expect(page).to_have_url(f"{app.address}/library")
    open_screen(page, "Ask")
    starter = page.get_by_role("button", name="What do the documents say about “Where herons breed”?")
    starter.click()
    expect(page.locator("#now .question")).to_contain_text("heron")
    expect(page).to_have_url(re.compile("/c/"))
    page.get_by_role("button", name="Another model").click()
    page.get_by_role("dialog", name="Ask another model").get_by_role("button", name="Best available").click()
    expect(page.locator(".turn .question")).to_have_count(2)
    expect(page.locator("#now .actions")).to_be_visible()
    assert visit.errors == []


def status_of(app: Served, path: str) -> int:
    return app.get(path).status_code


def top_of(page: Page) -> float:
    """How far the newest question is below the upper edge of the window."""
    return float(
        page.evaluate("document.querySelector('#now .question')?.getBoundingClientRect().top ?? Infinity")
    )


def test_every_screen_has_an_address_and_the_ways_of_the_browser_work(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{app.address}/library")
    expect(page.locator("footnote-library")).to_be_visible()
    open_screen(page, "Ask")
    expect(page.locator(".welcome")).to_be_visible()
    turn = ask(page, "When is the nest of a heron built?")
    expect(turn.locator("a.fn").first).to_be_visible()
    expect(page).to_have_url(re.compile("/c/[^/]+$"))
    address = page.url
    open_screen(page, "Library")
    expect(page).to_have_url(f"{app.address}/library")
    expect(turn).to_be_hidden()
    page.go_back()
    expect(page).to_have_url(address)
    expect(turn.locator(".question")).to_be_visible()
    page.go_forward()
    expect(page.locator("footnote-library")).to_be_visible()
    open_screen(page, "Ask")  # back to the conversation, not to a new one
    expect(page).to_have_url(address)
    assert visit.errors == []
    page.reload()
    expect(page.locator("#now .question")).to_have_text("When is the nest of a heron built?")

    page.keyboard.press("Control+k")
    expect(page).to_have_url(f"{app.address}/")
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator("#question textarea")).to_be_focused()
    ask(page, "How long does the heron stand still?")
    page.get_by_role("navigation").get_by_role("link", name="When is the nest of a heron built?").click()
    expect(page.locator("#now .question")).to_have_text("When is the nest of a heron built?")
    current = page.locator("#conversations [aria-current=page]")
    expect(current).to_have_text("When is the nest of a heron built?")
    page.go_back()
    expect(page.locator("#now .question")).to_have_text("How long does the heron stand still?")

    nothing = ("/nothing", "/c/", "/c/abc", "/library/x", "/gradio_api/upload")
    assert [status_of(app, path) for path in nothing] == [404] * 5
    assert visit.elsewhere(app.address) == []
    assert visit.errors == []


def test_conversations_are_found_renamed_pinned_and_exported(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, "When do herons breed?")
    rows = page.locator("#conversations li")
    row = rows.filter(has_text="When do herons breed?")
    expect(row).to_have_count(1)

    def choose(entry: str) -> None:
        row.hover()
        row.get_by_role("button", name="What to do with").click()
        page.get_by_role("menuitem", name=entry, exact=True).click()

    choose("Rename")
    page.locator("dialog input").fill("Breeding <b>times</b>")
    page.locator("dialog input").press("Enter")
    row = rows.filter(has_text="Breeding <b>times</b>")
    expect(row).to_have_count(1)
    choose("Pin")
    expect(page.locator("#conversations h2").first).to_have_text("Pinned")
    with page.expect_download() as download:
        choose("Export as Markdown")
    assert "## When do herons breed?" in download.value.path().read_text(encoding="utf-8")

    find = page.get_by_role("searchbox", name="Search conversations")
    find.fill("BREEDING <b>TIMES")
    expect(rows).to_have_count(1)
    find.fill("penguin")
    expect(page.locator("#conversations")).to_have_text("No conversation says this.")
    find.fill("")
    row.hover()
    opener = row.get_by_role("button", name="What to do with")
    opener.click()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Unpin")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(opener).to_be_focused()
    choose("Delete")
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    expect(page.locator(".welcome")).to_be_visible()
    assert visit.errors == []


def test_a_conversation_opens_at_its_newest_turn_and_windows_follow_each_other(
    app: Served, visit: Visit
) -> None:
    page = visit.page
    page.goto(app.address)
    ask(page, "When is the nest of a heron built?")
    expect(page.get_by_role("button", name="Send the question")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("built in March")
    expect(page.locator("#said")).to_have_attribute("aria-live", "polite")
    turn = ask(page, "How long does the heron stand still?")
    expect(turn.locator("a.fn").first).to_be_visible()
    assert visit.errors == []
    page.reload()
    newest = page.locator("#now .question")
    expect(newest).to_have_text("How long does the heron stand still?")
    expect(newest).to_be_in_viewport()
    wait_until(lambda: top_of(page) < 100)
    way_down = page.get_by_role("button", name="Latest")
    expect(way_down).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 320})
    page.evaluate("scrollTo(0, 0)")
    way_down.click()
    wait_until(lambda: top_of(page) < 100)

    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#earlier .turn")).to_have_count(1)
    ask(other, "Where is the nest of a heron?")
    expect(newest).to_have_text("Where is the nest of a heron?")
    expect(page.locator("#earlier .turn")).to_have_count(2)
    other.close()

    # its questions stand on the edge once there are more than six, and the first is brought where it is not there
    edge = page.get_by_role("navigation", name="Questions of this conversation")
    expect(edge).to_be_hidden()
    conversation = page.url.rpartition("/")[2]
    for n in range(10):
        asked = {
            "question": f"Where is nest {n} of a heron?",
            "conversation": conversation,
            "model": "extractive",
        }
        app.post("/api/ask", json=asked).raise_for_status()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    expect(newest).to_have_text("Where is nest 9 of a heron?")
    expect(page.locator("#earlier .turn")).to_have_count(9)
    edge.hover()
    edge.get_by_role("link", name="When is the nest of a heron built?").click()
    first = page.get_by_role("heading", name="When is the nest of a heron built?")
    expect(first).to_be_in_viewport()
    expect(first).to_be_focused()
    expect(page.locator("#conversations [aria-current] + .cites")).to_contain_text("Cites one document")


def test_what_is_typed_outlives_a_lost_connection_and_a_reload(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    page.locator("#question textarea").fill("Half a quest")
    page.route("**/ui/pulse*", lambda route: route.abort())
    lost = page.get_by_role("alert").filter(has_text="No connection")
    expect(lost).to_be_visible()
    open_screen(page, "Library")
    expect(lost).to_be_visible()
    page.unroute("**/ui/pulse*")
    expect(lost).to_be_hidden()
    page.reload()
    open_screen(page, "Ask")
    expect(page.locator("#question textarea")).to_have_value("Half a quest")


def test_a_phone_has_a_bar_below_and_the_conversations_in_a_drawer(app: Served, visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    opener = page.get_by_role("button", name="History")
    opener.click()
    find = page.get_by_role("searchbox", name="Search conversations")
    expect(find).to_be_focused()
    page.keyboard.press("Escape")
    expect(find).to_be_hidden()
    expect(opener).to_be_focused()
    open_screen(page, "Library")
    expect(page.locator("footnote-library")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_screen_that_is_chosen_before_the_page_is_drawn_is_shown_then(app: Served, visit: Visit) -> None:
    page = visit.page
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.querySelector('a[data-screen=library]').click())"
    )
    page.goto(app.address)
    expect(page.locator("footnote-library")).to_be_visible()
    expect(page).to_have_url(f"{app.address}/library")
    assert visit.errors == []
