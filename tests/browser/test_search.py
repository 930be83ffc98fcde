"""Looking into a search: hits with their scores, two settings beside each other, and a hit that is kept as right."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, open_screen, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_settings_are_compared_and_what_is_right_is_kept(tmp_path: Path, visit: Visit) -> None:
    page = visit.page
    with served(tmp_path / "home") as app:
        for name, text in (
            ("mast.md", "The mast is 12 metres high and stands on the northern hill."),
            ("height.md", "How high? High, higher, highest: three words about height and nothing else."),
        ):
            (tmp_path / name).write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
            app.upload(tmp_path / name)
        app.wait_until_settled()
        page.goto(app.address)
        open_screen(page, "Search")
        page.get_by_role("searchbox", name="What to search for").fill("How high is the mast?")
        page.keyboard.press("Enter")
        one = page.get_by_role("region", name="Setting A")
        first = one.locator(".hit").first
        expect(first).to_contain_text("mast.md")
        expect(first.locator("mark", has_text="mast").first).to_be_visible()
        expect(first.locator("dt")).to_contain_text(["together", "meaning", "words"])
        expect(one.locator(".took")).to_contain_text("ms in all")
        assert page.url.endswith("/search?q=How%20high%20is%20the%20mast%3F")
        page.get_by_label("Compare two settings").check()
        other = page.get_by_role("region", name="Setting B")
        expect(other.locator(".hit").first).to_be_visible()
        with page.expect_request("**/ui/search") as asked:
            other.get_by_role("slider").fill("0")
        assert (asked.value.post_data_json or {})["dense_weight"] == 0
        expect(other.locator("output")).to_have_text("0.00")
        first.get_by_role("button", name="This one is right").click()
        expect(page.locator(".toast")).to_contain_text("Kept")
        kept = app.get("/api/kept-questions").json()["questions"]
        assert [(each["question"], each["document"]) for each in kept] == [
            ("How high is the mast?", "mast.md")
        ]
        first.get_by_role("link", name="mast.md").click()
        expect(
            page.get_by_role("complementary", name="About this document").get_by_role(
                "heading", name="mast.md"
            )
        ).to_be_visible()
        page.go_back()
        expect(one.locator(".hit").first).to_be_visible()
        assert visit.errors == []
