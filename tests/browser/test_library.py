"""The library as a person uses it: looked through, narrowed, sorted, selected, tagged, deleted and undone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from kb.state.db import Database
from kb.system.home_layout import DATABASE
from tests.browser.conftest import Served, Visit, open_screen, served
from tests.browser.test_queue import drop_from_the_desktop
from tests.browser.test_smoke import drop
from tests.kb.library import Library

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANY = 3000
"""Rows of the long library; what 100,000 cost is measured by ``python -m benchmarks.listing``."""


def fill(home: Path, count: int) -> None:
    """A library of ``count`` documents without text, all of one second."""
    with closing(Library(home)):
        pass
    with closing(Database(home / DATABASE)) as database, database.write() as connection:
        connection.executemany(
            "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, live, sequence, path, path_key) "
            "VALUES (?, ?, 'default', ?, ?, '2026-01-01T00:00:00+00:00', 'ready', 1, ?, ?, ?)",
            [
                (f"{n:012x}", f"row {n:05}.txt", f"{n:064x}", 7 * n % 9973, n, f"{n}", f"{n}")
                for n in range(count)
            ],
        )


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("library") / "home") as app:
        yield app


def open_library(page: Page, app: Served) -> None:
    page.goto(app.address)
    open_screen(page, "Library")


def row(page: Page, name: str) -> Locator:
    return page.locator("footnote-library tr.doc").filter(has=page.get_by_text(name, exact=True))


def choose(page: Page, name: str, act: str) -> None:
    """Chooses from the menu of a document's row."""
    row(page, name).get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=act).click()


def names(page: Page) -> list[str]:
    return page.locator("footnote-library tr.doc th bdi").all_inner_texts()


def test_it_is_narrowed_sorted_tagged_and_left_out(app: Served, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    for name, text in (
        ("wind.md", "The turbine turns."),
        ("notes.txt", "Bread and butter."),
        ("Ale.txt", "Beer."),
    ):
        (tmp_path / name).write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
        app.upload(tmp_path / name)
    app.wait_until_settled()
    open_library(page, app)
    expect(row(page, "wind.md")).to_be_visible()
    page.get_by_role("button", name="Name").click()
    expect(page.locator("footnote-library tr.doc th bdi")).to_have_text(["Ale.txt", "notes.txt", "wind.md"])
    assert page.get_by_role("columnheader", name="Name").get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Name").click()
    expect(page.locator("footnote-library tr.doc th bdi").first).to_have_text("wind.md")
    search = page.get_by_role("searchbox", name="Search names and text")
    search.fill("butter")
    expect(page.locator("footnote-library tr.doc th bdi")).to_have_text(["notes.txt"])
    search.fill("nothing at all")
    expect(page.get_by_text("No document matches.")).to_be_visible()
    search.fill("")
    page.get_by_label("All types").select_option("md")
    expect(page.locator("footnote-library tr.doc th bdi")).to_have_text(["wind.md"])
    page.get_by_role("button", name="Clear", exact=True).click()

    choose(page, "wind.md", "Tags")
    page.locator("dialog input").fill("Steel, #old")
    page.locator("dialog input").press("Enter")
    expect(row(page, "wind.md").locator(".tag")).to_have_text(["#old", "#steel"])
    for name in ("wind.md", "notes.txt"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    selection = page.locator("footnote-library .selection")
    expect(selection).to_contain_text("2 selected")
    selection.get_by_role("button", name="Tags").click()
    page.locator("dialog input").fill("draft")
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(row(page, "notes.txt").locator(".tag")).to_have_text(["#draft"])
    expect(row(page, "wind.md").locator(".tag")).to_have_text(["#draft", "#old", "#steel"])
    expect(selection).to_be_hidden()
    choose(page, "wind.md", "Move")
    page.get_by_role("combobox", name="Move “wind.md” to which collection?").fill("Contracts")
    page.keyboard.press("Enter")
    expect(row(page, "wind.md").locator(".collection")).to_have_text("Contracts")
    toast = page.locator("#toasts .toast", has_text="Moved to Contracts.")
    toast.get_by_role("button", name="Undo").click()
    expect(row(page, "wind.md").locator(".collection")).to_have_text("General")
    choose(page, "wind.md", "Leave out of searches")
    expect(row(page, "wind.md").locator(".state")).to_have_text("Left out")
    choose(page, "notes.txt", "Read it again")
    app.wait_until_settled()
    expect(row(page, "notes.txt").locator(".state")).to_have_text("Ready")

    menu = row(page, "wind.md").get_by_role("button", name="Actions for wind.md")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Open")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(menu).to_be_focused()
    assert visit.errors == []


def test_what_is_deleted_comes_back_within_ten_seconds_and_goes_though_the_page_is_closed(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    for name in ("kept.md", "gone.md"):
        (tmp_path / name).write_text(f"# {name}\n\nSaid of {name}.\n", encoding="utf-8")
        app.upload(tmp_path / name)
    app.wait_until_settled()
    open_library(page, app)
    choose(page, "kept.md", "Delete")
    expect(row(page, "kept.md")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("“kept.md” is deleted.")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(row(page, "kept.md").locator(".state")).to_have_text("Ready")
    choose(page, "gone.md", "Delete")
    expect(row(page, "gone.md")).to_have_count(0)
    page.close()
    deadline = time.monotonic() + 40
    while "gone.md" in (left := app.names()) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert "gone.md" not in left
    assert "kept.md" in left


def assert_reason_opens(page: Page, name: str, begins: str) -> None:
    """All of the sentence below a failed document is read by the keyboard alone, whatever the row has room for."""
    reason = row(page, name).locator(".reason")
    reason.focus()
    page.keyboard.press("Enter")
    note = page.get_by_role("dialog")
    expect(note).to_have_text(re.compile(f"{begins}.*\\."))
    assert note.evaluate("box => box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth")
    box, size = note.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    expect(reason).to_be_focused()
    reason.click()
    expect(note).to_be_visible()
    reason.click()
    expect(note).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_how_far_an_import_is_is_never_cut_off(app: Served, visit: Visit, tmp_path: Path, width: int) -> None:
    page = visit.page
    (tmp_path / "long.md").write_text("# Long\n\nIt goes on.\n", encoding="utf-8")
    app.upload(tmp_path / "long.md")
    app.wait_until_settled()
    doing = (
        "Preparing <span class='of'>12,034 of 34,000 passages · about 12 min left</span><progress></progress>"
    )

    def being_read(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace("Ready<", f"{doing}<"))

    page.route("**/ui/library?*", being_read)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{app.address}/library")
    state = row(page, "long.md").locator(".state")
    expect(state).to_contain_text("12,034 of 34,000 passages")
    assert state.evaluate(
        "cell => cell.scrollWidth <= cell.clientWidth && cell.scrollHeight <= cell.clientHeight"
    )
    page.unroute_all(behavior="ignoreErrors")


def test_what_failed_is_grouped_and_tried_again_only_where_that_helps(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    for name, data in (("empty.txt", b" "), ("blank.txt", b"\n"), ("broken.pdf", b"%PDF-1.7\nno more")):
        (tmp_path / name).write_bytes(data)
        app.upload(tmp_path / name)
    app.wait_until_settled()
    open_library(page, app)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert_reason_opens(page, "broken.pdf", "broken.pdf is not a PDF")
    page.set_viewport_size({"width": 1280, "height": 800})
    strip = page.locator("footnote-library .work")
    expect(strip).to_contain_text("3 need attention")
    strip.get_by_role("button", name="Show", exact=True).click()
    expect(strip.locator(".causes li")).to_have_count(2)
    expect(strip.locator(".causes li").first).to_contain_text("2 documents Each of these files holds no text")
    expect(strip.get_by_role("button", name="Try again")).to_have_count(0)
    row(page, "empty.txt").get_by_role("button", name="Actions for empty.txt").click()
    expect(page.get_by_role("menuitem", name="Try again")).to_have_count(0)
    page.keyboard.press("Escape")
    strip.locator(".causes li").first.get_by_role("button", name="Show them").click()
    expect(page.locator("footnote-library tr.doc th bdi")).to_have_count(2)
    page.get_by_role("checkbox", name="Select all that are listed").check()
    expect(page.locator("footnote-library .selection")).to_contain_text("2 selected")
    page.locator("footnote-library .selection").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No document matches.")).to_be_visible()
    expect(strip).to_contain_text("1 needs attention")


def test_one_strip_counts_what_is_added_and_where_it_goes_is_said(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    open_library(page, app)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("To collection").fill("Contracts")
    page.keyboard.press("Escape")
    expect(page.get_by_label("To collection")).to_be_hidden()
    expect(page.get_by_role("button", name="Add", exact=True)).to_be_focused()
    files = [tmp_path / f"contract {n}.txt" for n in range(12)]
    for file in files:
        file.write_text(f"This is {file.stem}.")
    drop(page, *files)
    expect(page.locator("footnote-library .uploads .said")).to_have_text("12 added")
    assert page.evaluate("document.body.dataset.drop") == "Drop to add to Contracts"
    assert page.locator("#uploads li").count() == 0, "nothing to look at, so nothing is listed"
    expect(row(page, "contract 11.txt").locator(".collection")).to_have_text("Contracts")
    empty = tmp_path / "an empty folder"
    empty.mkdir()
    drop_from_the_desktop(page, empty, files[0])
    expect(page.locator("#uploads li")).to_have_text([re.compile("already in the library")])
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Paste text…").click()
    page.get_by_label("Title").fill("From a letter")
    page.get_by_label("Text", exact=True).fill("The lease ends in May.")
    page.locator("dialog").get_by_role("button", name="Add").click()
    expect(row(page, "From a letter.txt").locator(".collection")).to_have_text("Contracts")
    assert "`" not in page.locator("footnote-library").inner_text()
    assert visit.errors == []


def test_thousands_of_rows_scroll_without_a_gap_and_are_acted_on_as_a_whole(
    tmp_path: Path, visit: Visit
) -> None:
    home = tmp_path / "home"
    fill(home, MANY)
    with served(home) as app:
        page = visit.page
        open_library(page, app)
        expect(row(page, f"row {MANY - 1:05}.txt")).to_be_visible()
        seen = [int(name[4:9]) for name in names(page)]
        assert seen == sorted(seen, reverse=True), "files of one second stand as they were added"
        assert page.locator("footnote-library tr").count() < 150, "only what is in sight is on the page"
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight / 2)")
        # The first row of the middle: until it is there, the old rows or none stand on the page.
        expect(page.locator("footnote-library tr.doc th bdi").first).not_to_have_text(
            f"row {MANY - 1:05}.txt"
        )
        expect(page.locator("tr.waiting")).to_have_count(0)
        middle = [int(name[4:9]) for name in names(page)]
        assert middle == list(range(middle[0], middle[-1] - 1, -1))
        assert middle[0] < MANY - 200
        head = page.locator("footnote-library thead th").first.bounding_box()
        assert head is not None
        assert 0 <= head["y"] < 60, "the head stays in sight"
        page.evaluate("window.scrollTo(0, 0)")
        page.get_by_role("button", name="Size").click()
        expect(page.locator("footnote-library tr.doc th bdi").first).not_to_have_text(
            f"row {MANY - 1:05}.txt"
        )
        page.get_by_role("checkbox", name="Select all that are listed").check()
        page.locator("footnote-library tr.doc").first.get_by_role("checkbox").uncheck()
        selection = page.locator("footnote-library .selection")
        expect(selection).to_contain_text(f"{MANY - 1} selected")
        selection.get_by_role("button", name="Leave out of searches").click()
        expect(page.locator("footnote-library tr.is-off").first).to_be_visible()
        states = app.get("/api/library/options").json()["states"]
        assert states == {"ready": 1, "left_out": MANY - 1}
        page.get_by_role("checkbox", name="Select all that are listed").check()
        selection.get_by_role("button", name="Delete").click()
        expect(page.locator("dialog")).to_contain_text(f"Delete {MANY} documents?")
        page.locator("dialog").get_by_role("button", name="Delete").click()
        expect(page.locator(".toast")).to_contain_text(f"{MANY} documents are deleted.")
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(page.locator("footnote-library tr.doc").first).to_be_visible()
        assert visit.errors == []
