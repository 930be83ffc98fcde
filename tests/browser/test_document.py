"""The page of one document: its text, what is known of it, and passages that are corrected and left out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Served, Visit, open_screen, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = """# Mast

The mast is 12 metres high and stands on the northern hill.

# Rights

All rights are reserved by the publisher of this leaflet.
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("document") / "home") as app:
        yield app


def at_rest(app: Served, document_id: str) -> None:
    """Waits until nothing more is done with a document."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        address = f"{app.address}/api/documents/{document_id}"
        document = httpx.get(address, trust_env=False, timeout=60).json()
        if document["state"] == "ready" and document["job"] is None:
            return
        time.sleep(0.2)
    pytest.fail(f"still at work: {document}")


def found(app: Served, question: str) -> str:
    hits = app.get("/api/search", params={"q": question}).json()
    return " ".join(hit["text"] for hit in hits["hits"])


def test_a_document_is_read_corrected_asked_and_deleted(app: Served, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    leaflet = tmp_path / "leaflet.md"
    leaflet.write_text(TEXT, encoding="utf-8")
    document_id = app.upload(leaflet)
    app.wait_until_settled()
    page.goto(app.address)
    open_screen(page, "Library")
    page.get_by_role("link", name="leaflet.md").click()
    expect(page).to_have_url(f"{app.address}/d/{document_id}")
    side = page.get_by_role("complementary", name="About this document")
    expect(side.get_by_role("heading", name="leaflet.md")).to_be_visible()
    expect(side.locator(".facts")).to_contain_text("Ready")
    expect(page.locator("footnote-reader .reading")).to_contain_text("12 metres high")
    expect(side.locator(".passage")).to_have_count(2)

    side.get_by_role("button", name="Correct: 1").click()
    page.locator("dialog textarea").fill("The mast is 21 metres high and stands on the northern hill.")
    page.locator("dialog").get_by_role("button", name="Use this text").click()
    expect(side.locator(".passage", has_text="21 metres")).to_contain_text("corrected")
    at_rest(app, document_id)
    side.get_by_role("button", name="Leave out: 2").click()
    expect(side.locator(".passage.is-left-out")).to_contain_text("All rights")
    at_rest(app, document_id)
    expect(side.locator(".passage:not(.is-left-out)")).to_have_count(1)
    told = found(app, "How high is the mast, and who has the rights?")
    assert "21 metres" in told
    assert "12 metres" not in told
    assert "rights" not in told
    with page.expect_response("**/api/library/actions"):
        side.get_by_role("button", name="Read it again").click()
    at_rest(app, document_id)
    assert "21 metres" in found(app, "How high is the mast?"), "it is kept over reading again"
    side.locator(".passage.is-left-out").get_by_role("button", name="Undo").click()
    expect(side.locator(".passage:not(.is-left-out)")).to_have_count(2)
    at_rest(app, document_id)
    assert "All rights" in found(app, "Who has the rights?")

    side.get_by_role("button", name="Ask this document").click()
    expect(page.locator("#question textarea")).to_have_value('document:"leaflet.md" ')
    page.go_back()
    expect(side.get_by_role("heading", name="leaflet.md")).to_be_visible()
    page.goto(f"{app.address}/d/{document_id}?page=1")  # as a bookmark of a page in it
    expect(side.get_by_role("heading", name="leaflet.md")).to_be_visible()
    side.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(f"{app.address}/library")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page).to_have_url(f"{app.address}/d/{document_id}")
    expect(side.locator(".facts")).to_contain_text("Ready")
    page.evaluate("history.pushState(null, '', '/d/nobody'); dispatchEvent(new PopStateEvent('popstate'))")
    expect(side.get_by_text("not in the library any more")).to_be_visible()
    page.goto(f"{app.address}/d/nobody")
    page.get_by_role("link", name="Go to the library").click()
    expect(page).to_have_url(f"{app.address}/library")
    assert [error for error in visit.errors if "404" not in error] == []
