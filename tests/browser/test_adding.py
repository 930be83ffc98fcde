"""The bookmark on a page of another site: what is selected there is shown here, and added by a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Served, Visit, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ELSEWHERE = "https://tides.example/today?at=noon#now"
HOSTILE = "<img src=x onerror=alert(1)> & </textarea> 潮汐"
SHOWN = HOSTILE.replace("<", "&lt;")
BODY = f'<title>Tides & winds</title><p id="wanted">High water is at noon. {SHOWN}</p><p>Else.</p>'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("adding") / "home") as app:
        yield app


def answer(route: Route) -> None:
    route.fulfill(body=BODY, content_type="text/html; charset=utf-8")


def bookmark(page: Page, app: Served, name: str = "Add to Footnote") -> str:
    """The script of the bookmark that the page offers."""
    page.goto(f"{app.address}/add")
    link = page.get_by_role("link", name=name).get_attribute("href") or ""
    return unquote(link.removeprefix("javascript:"))


def test_what_is_selected_elsewhere_is_shown_and_added_with_enter(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{app.address}/library")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="From a web page").click()
    expect(page).to_have_url(f"{app.address}/add")
    script = bookmark(page, app)

    page.route("https://tides.example/**", answer)
    page.goto(ELSEWHERE)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#wanted'))")
    with page.context.expect_page() as opened:
        page.evaluate(script)
    adding = opened.value
    expect(adding.get_by_label("Title")).to_have_value("Tides & winds")
    expect(adding.get_by_label("Address")).to_have_value(ELSEWHERE)
    expect(adding.get_by_label("Text")).to_have_value(f"High water is at noon. {HOSTILE}")
    expect(adding).to_have_url(f"{app.address}/add")
    expect(adding.get_by_role("alert")).to_have_count(0)
    expect(adding.get_by_role("button", name="Add", exact=True)).to_be_focused()
    assert app.names() == set(), "nothing before somebody says so"
    assert not [url for url in visit.requests if "tides.example" in url and app.address in url]
    adding.keyboard.press("Enter")
    expect(adding.get_by_role("heading", name="Tides & winds.txt")).to_be_visible()
    address = adding.locator(".facts").get_by_role("link")
    expect(address).to_have_attribute("href", ELSEWHERE)
    expect(address).to_have_attribute("rel", "noopener noreferrer")
    assert app.wait_until_settled() == {"Tides & winds.txt": "ready"}


def test_without_a_selection_the_whole_page_comes_and_chinese_is_spoken(
    app: Served, browser: Browser
) -> None:
    with closing(browser.new_context(locale="zh-CN")) as context:
        page = context.new_page()
        script = bookmark(page, app, "添加到 Footnote")
        page.route("https://tides.example/**", answer)
        page.goto(ELSEWHERE)
        with context.expect_page() as opened:
            page.evaluate(script)
        expect(opened.value.locator("textarea")).to_have_value(f"High water is at noon. {HOSTILE}\n\nElse.")
