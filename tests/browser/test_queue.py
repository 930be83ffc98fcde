"""Files on their way into the library: dropped, replaced, paused, cancelled, tried again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Served, Visit, open_screen, served
from tests.browser.test_smoke import drop
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("queue") / "home") as app:
        yield app


REDRAWN = "document.elementFromPoint(400, 300).replaceWith(document.createElement('section'))"
"""What lies under the pointer is drawn anew, as a list does when something in it has changed."""


def drop_from_the_desktop(page: Page, *paths: Path, before: str = "") -> None:
    """Drops files and folders that the browser itself reads, as from a file manager: a script cannot make a folder.

    ``before`` is run by the page at the last moment before they are let go.
    """
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)

    def send(kind: str) -> None:
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": data})

    def is_over() -> bool:
        send("dragOver")
        return bool(page.evaluate("document.documentElement.classList.contains('dragging')"))

    send("dragEnter")
    wait_until(is_over)  # on a busy machine the page may not listen yet, and what is dropped is lost
    if before:
        page.evaluate(before)
    send("drop")
    session.detach()


def library(app: Served) -> dict[str, str]:
    """Name of each document -> its original text, once nothing more happens to any."""
    app.wait_until_settled()
    found = app.get("/api/documents?limit=1000").json()["documents"]
    return {each["name"]: app.get(f"/documents/{each['id']}/original").text for each in found}


def test_pause_cancel_retry_and_resume(app: Served, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("The heron stands still for hours.")
    app.upload(file)
    app.wait_until_settled()
    page = visit.page
    page.goto(app.address)
    open_screen(page, "Library")
    file.write_text("The heron flies at dusk.")
    first = page.locator("footnote-library tr.doc", has_text="notes.txt")
    expect(first.locator(".state")).to_contain_text("Ready")
    app.control("/api/queue/pause")
    app.upload(file, name="dusk.txt")
    row = page.locator("footnote-library tr.doc", has_text="dusk.txt")
    strip = page.locator("footnote-library .work")
    expect(strip).to_contain_text("All imports are paused")
    expect(row.locator(".state")).to_contain_text("no. 1")
    row.get_by_role("button", name="Actions for dusk.txt").click()
    page.get_by_role("menuitem", name="Cancel the import").click()
    expect(row.locator(".state")).to_contain_text("Cancelled")
    row.get_by_role("button", name="Actions for dusk.txt").click()
    page.get_by_role("menuitem", name="Try again").click()
    expect(row.locator(".state")).to_contain_text("no. 1")
    strip.get_by_role("button", name="Show").click()
    expect(strip.locator(".queue li")).to_contain_text(["dusk.txt"])
    strip.get_by_role("button", name="Resume all").click()
    expect(row.locator(".state")).to_contain_text("Ready")
    expect(strip).to_be_empty()
    assert visit.errors == []


def test_a_file_of_a_taken_name_stays_beside_and_replaces_the_other_on_demand(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    page, file = visit.page, tmp_path / "rates.txt"
    page.goto(app.address)
    open_screen(page, "Library")
    for number, text in enumerate(("The rate is nine.", "The rate is ten.", "The rate is eleven."), start=1):
        file.write_text(text)
        drop(page, file)
        named = "rates.txt" if number == 1 else f"rates ({number}).txt"
        row = page.locator("footnote-library tr.doc").filter(has=page.get_by_text(named, exact=True))
        expect(row.locator(".state")).to_have_text("Ready")
    kept = page.locator("#uploads li")
    expect(kept).to_have_count(2)
    expect(page.locator(".uploads .said")).to_contain_text("2 to look at")
    expect(kept.first).to_contain_text("kept beside the other one, as rates (2).txt")
    kept.last.get_by_role("button", name="Replace the older one").click()
    expect(kept.last).to_contain_text("new version; the one before goes once it is ready")
    expect(page.locator("footnote-library tr.doc", has_text="rates (3).txt")).to_have_count(0)
    found = {name: text for name, text in library(app).items() if name.startswith("rates")}
    assert found == {"rates.txt": "The rate is eleven.", "rates (2).txt": "The rate is ten."}
    assert visit.errors == []


def test_a_folder_is_dropped_with_what_is_in_it_and_once_more_as_new_versions(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    page, folder = visit.page, tmp_path / "records"
    for name, text in (("north", "Wheat."), ("south", "Barley.")):
        (folder / name).mkdir(parents=True)
        (folder / name / "harvest.txt").write_text(text)
    (folder / ".hidden.txt").write_text("Nobody asked for this.")
    page.goto(app.address)
    open_screen(page, "Library")
    drop_from_the_desktop(page, folder)
    rows = page.locator("footnote-library tr.doc", has_text="harvest.txt")
    expect(rows).to_have_count(2)
    expect(rows.locator(".state")).to_have_text(["Ready", "Ready"])
    (folder / "south" / "harvest.txt").write_text("Barley and rye.")
    drop_from_the_desktop(page, folder)
    expect(page.locator("#uploads li", has_text="new version")).to_have_count(1)
    expect(page.locator("#uploads li", has_text="already in the library")).to_have_count(1)
    app.wait_until_settled()
    found = app.get("/api/documents?limit=1000").json()["documents"]
    texts = [
        app.get(f"/documents/{each['id']}/original").text
        for each in found
        if each["name"].endswith("harvest.txt")
    ]
    assert sorted(texts) == ["Barley and rye.", "Wheat."]
    assert not [each["name"] for each in found if "hidden" in each["name"]]
    assert visit.errors == []


def test_what_is_let_go_while_the_list_under_it_is_drawn_anew_is_added(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    page, file = visit.page, tmp_path / "let go.txt"
    file.write_text("The otter sleeps on its back.")
    app.upload(file, name="what lies under it.txt")
    file.write_text("The otter wakes at noon.")
    page.goto(app.address)
    open_screen(page, "Library")
    expect(page.locator("footnote-library tr.doc").first).to_be_visible()
    drop_from_the_desktop(page, file, before=REDRAWN)
    app.wait_until_settled()
    wait_until(lambda: "let go.txt" in app.names())
    assert visit.errors == []


def test_vectors_move_to_another_store_by_a_button(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    open_screen(page, "Settings")
    vectors = page.locator("footnote-vectors")
    expect(vectors).to_contain_text("Vectors are searched in chroma.")
    vectors.get_by_label("Move to").select_option("chroma-server")
    vectors.get_by_role("button", name="What would it cost?").click()
    expect(vectors).to_contain_text("Say where chroma-server listens")
    vectors.get_by_label("Move to").select_option("exact")
    vectors.get_by_role("button", name="What would it cost?").click()
    expect(page.locator("dialog")).to_contain_text("go from chroma to exact")
    expect(page.locator("dialog")).to_contain_text("No model runs")
    page.locator("dialog").get_by_role("button", name="Move", exact=True).click()
    expect(vectors).to_contain_text("exact answers now.")
    assert app.get("/api/vectors").json()["store"] == "exact"
    assert [error for error in visit.errors if "400 (Bad Request)" not in error] == []  # which was asked for


def test_the_embedding_model_is_costed_changed_and_returned_to_on_the_page(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    open_screen(page, "Settings")
    embedder = page.locator("footnote-embedder")
    embedder.get_by_label("What questions are for").fill("Find the same")
    embedder.get_by_role("button", name="What would it cost?").click()
    expect(embedder).to_contain_text("takes no instructions")
    embedder.get_by_label("What questions are for").fill("")
    embedder.get_by_label("Engine").select_option("torch")
    embedder.get_by_role("button", name="What would it cost?").click()
    expect(page.locator("dialog")).to_contain_text("no model runs over the passages")
    page.locator("dialog").get_by_role("button", name="Change", exact=True).click()
    back = embedder.get_by_role("button", name="Return to")
    expect(back).to_be_visible()
    assert app.get("/api/embedder").json()["engine"] == "torch"
    back.press("Enter")
    expect(back).to_have_text(re.compile("torch"))
    assert app.get("/api/embedder").json()["engine"] == "auto"
    assert [error for error in visit.errors if "400 (Bad Request)" not in error] == []  # which was asked for


def test_a_move_that_goes_on_is_followed_after_the_page_is_opened_anew(app: Served, visit: Visit) -> None:
    now = app.get("/api/vectors").json()
    seen: list[int] = []

    def told(route: Route) -> None:
        seen.append(len(seen))
        moving = (
            {"moving_to": "exact", "done": len(seen) * 10, "total": 100}
            if len(seen) < 4
            else {"problem": "No room."}
        )
        route.fulfill(json=now | moving)

    page = visit.page
    page.route("**/api/vectors", told)
    page.goto(f"{app.address}/settings")
    vectors = page.locator("footnote-vectors")
    expect(vectors).to_contain_text("Moving to exact: 20 of 100 passages")
    expect(vectors.get_by_role("button", name="What would it cost?")).to_be_disabled()
    expect(vectors).to_contain_text("No room.")
    expect(vectors.get_by_role("button", name="What would it cost?")).to_be_enabled()


def test_a_way_back_that_takes_seconds_says_so_from_the_first(app: Served, visit: Visit) -> None:
    now = app.get("/api/embedder").json()
    state: dict[str, object] = {"undo": "bundled"}
    held: list[Route] = []

    def undone(route: Route) -> None:
        state.update({"undo": None, "switching_to": "bundled", "step": ""})
        held.append(route)

    page = visit.page
    page.route("**/api/embedder", lambda route: route.fulfill(json=now | state))
    page.route("**/api/embedder/undo", undone)
    page.goto(f"{app.address}/settings")
    embedder = page.locator("footnote-embedder")
    embedder.get_by_role("button", name="Return to bundled").click()
    expect(embedder).to_contain_text("Changing to bundled: it is loaded and proved …")
    expect(embedder).not_to_contain_text("0 of 0")
    state.update({"switching_to": None})
    held[0].fulfill(json=now)
    expect(embedder).not_to_contain_text("Changing to")
    assert visit.errors == []


def test_the_cost_says_when_the_new_model_does_not_read_whole_passages(app: Served, visit: Visit) -> None:
    side = {"model": "a", "width": 64}
    plan = {"from": side, "to": side | {"model": "b"}, "model_run": True, "passages": 255, "measured": 64}
    page = visit.page
    page.route(
        "**/api/embedder/switch",
        lambda route: route.fulfill(
            json=plan | {"minutes": 0.001, "megabytes": 0.0, "cut": 60, "counted": 64}
        ),
    )
    page.goto(f"{app.address}/settings")
    page.locator("footnote-embedder").get_by_role("button", name="What would it cost?").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("about 0.1 minutes and 0.1 MB")
    expect(dialog).to_contain_text("60 of 64 passages are longer than the new model reads")
