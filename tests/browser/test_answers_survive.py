"""An answer outlives the tab that asked for it, and the process if need be."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Served, Visit, served
from tests.browser.scripted_model import NAME, scripted_model
from tests.browser.test_smoke import ask, make_handbook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "How often is a turbine inspected?"


class Paced:
    """Writes half an answer, and the other half when it may."""

    def __init__(self) -> None:
        self.may_end = threading.Event()

    def __call__(self, _prompt: str) -> Iterator[str]:
        yield "Every turbine is inspected twice a year [1]. "
        self.may_end.wait(60)
        yield "That is in April and in October [1]."


@pytest.fixture
def model() -> Paced:
    return Paced()


@pytest.fixture
def app(tmp_path: Path, model: Paced) -> Iterator[Served]:
    with (
        scripted_model(model) as endpoint,
        served(
            tmp_path / "home",
            FOOTNOTE_ANSWERING__ENDPOINT_URL=endpoint,
            FOOTNOTE_ANSWERING__MODEL=f"endpoint/{NAME}",
        ) as app,
    ):
        handbook = tmp_path / "handbook.pdf"
        make_handbook(handbook)
        app.upload(handbook)
        app.wait_until_settled()
        yield app
        model.may_end.set()


def test_a_tab_closed_in_the_middle_finds_the_finished_answer_with_its_footnotes(
    app: Served, model: Paced, visit: Visit
) -> None:
    first = visit.page
    first.goto(app.address)
    expect(ask(first, QUESTION).locator(".answer").first).to_contain_text("twice a year")
    expect(first).to_have_url(re.compile("/c/"))
    address = first.url
    first.close()

    second = visit.page.context.new_page()  # while it is still being written
    second.goto(address)
    turn = second.locator("#now")
    expect(turn.locator(".question")).to_have_text(QUESTION)
    expect(turn.locator(".answer").first).to_contain_text("twice a year")
    expect(turn.locator(".writing")).not_to_have_count(0)
    second.close()

    model.may_end.set()
    third = visit.page.context.new_page()
    third.goto(address)
    turn = third.locator("#now")
    expect(turn.locator(".answer").first).to_contain_text("in October")
    expect(turn.locator(".writing")).to_have_count(0)
    turn.locator("a.fn").first.click()
    picture = third.locator("#pane .sheet img").first
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    expect(turn).to_contain_text(f"Answered by {NAME}")

    # and the conversation goes on
    expect(ask(third, "And by how many technicians?").locator(".answer").first).to_contain_text("October")
    expect(third.locator("#earlier .turn")).to_have_count(1)
    third.reload()
    expect(third.locator("#earlier .turn")).to_have_count(1)
    assert not visit.elsewhere(app.address)
    assert "Traceback" not in app.log.read_text(encoding="utf-8")


def test_earlier_conversations_are_listed_opened_and_deleted(app: Served, model: Paced, visit: Visit) -> None:
    model.may_end.set()
    page = visit.page
    page.goto(app.address)
    expect(ask(page, QUESTION).locator(".answer").first).to_contain_text("October")
    page.get_by_role("link", name="New question").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(ask(page, "How long does an inspection take?").locator(".answer").first).to_contain_text("October")
    expect(page.locator("#earlier .turn")).to_have_count(0)

    listed = page.locator("#conversations li")
    expect(listed).to_have_count(2)
    listed.get_by_role("link", name=QUESTION).click()
    turn = page.locator("#now")
    expect(turn.locator(".question")).to_have_text(QUESTION)
    turn.locator("a.fn").first.click()
    expect(page.locator("#pane .hl.strong").first).to_be_visible()

    row = listed.filter(has_text=QUESTION)
    row.hover()
    row.get_by_role("button").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(listed).to_have_count(1)
    expect(page.locator(".welcome")).to_be_visible()
    kept = app.get("/api/conversations").json()["conversations"]
    assert [found["title"] for found in kept] == ["How long does an inspection take?"]
    assert visit.errors == []
