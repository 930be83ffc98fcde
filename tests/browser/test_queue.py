"""Steering imports with the buttons of the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_pause_cancel_retry_and_resume(tmp_path: Path, visit: Visit) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("The heron stands still for hours.")
    with served(tmp_path / "home") as app:
        app.upload(file)
        app.wait_until_settled()
        page = visit.page
        page.goto(app.address)
        page.get_by_role("tab", name="Library").click()
        file.write_text("The heron flies at dusk.")
        first = page.locator("footnote-library tbody", has_text="notes.txt")
        expect(first.locator(".state")).to_contain_text("ready")
        app.control("/api/queue/pause")
        app.upload(file, name="dusk.txt")
        row = page.locator("footnote-library tbody", has_text="dusk.txt")
        bar = page.locator(".bar.work")
        expect(bar).to_contain_text("All imports are paused")
        expect(row.locator(".state")).to_contain_text("no. 1")
        row.get_by_role("button", name="Cancel").click()
        expect(row.locator(".state")).to_contain_text("cancelled")
        row.get_by_role("button", name="Try again").click()
        expect(row.locator(".state")).to_contain_text("no. 1")
        bar.get_by_role("button", name="Resume all").click()
        expect(row.locator(".state")).to_contain_text("ready")
        expect(bar).to_have_count(0)
        assert visit.errors == []
