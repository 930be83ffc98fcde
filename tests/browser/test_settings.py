"""The settings on the real page: set, taken back, a connection added and tested; looks that this browser remembers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, Visit, served
from tests.doubles.ollama_server import DoubleModel, ollama_double

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEY = "canary-4711-key"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("settings") / "home"
    home.mkdir(mode=0o700)
    (home / "footnote.toml").write_text("[reranker]\nseconds = 3\n", encoding="utf-8")
    environment: Any = {
        "FOOTNOTE_RETRIEVAL__PASSAGES": "6",
        "FOOTNOTE_ANSWERING__OLLAMA_URL": "http://127.0.0.1:9",
    }
    with served(home, forked=False, **environment) as running:  # it starts itself again
        yield running


def row(page: Page, name: str) -> str:
    return f'[data-setting="{name}"]'


def in_force(app: Served, name: str) -> object:
    found = app.get("/api/settings").json()["settings"]
    return next(each["value"] for each in found if each["name"] == name)


def test_what_is_set_counts_and_says_where_it_stands(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{app.address}/settings")
    locked = page.locator(row(page, "retrieval.passages"))
    expect(locked).to_contain_text("FOOTNOTE_RETRIEVAL__PASSAGES")
    expect(locked.locator("input")).to_be_disabled()
    expect(page.locator(row(page, "reranker.seconds"))).to_contain_text("from footnote.toml")

    answer = page.locator(row(page, "answering.answer_tokens"))
    answer.locator("input").fill("500")
    answer.locator("input").press("Tab")
    expect(answer).to_contain_text("Saved")
    expect(answer).to_contain_text("set here")
    assert in_force(app, "answering.answer_tokens") == 500
    answer.locator("input").fill("3")
    answer.locator("input").press("Tab")
    expect(answer.locator("[role=alert]")).to_contain_text("must be a whole number")
    answer.get_by_role("button", name="Reset").click()
    expect(answer).to_contain_text("default")
    assert in_force(app, "answering.answer_tokens") == 1024

    chunk = page.locator(row(page, "parsing.seconds"))
    chunk.locator("input").fill("300")
    chunk.locator("input").press("Tab")
    expect(chunk).to_contain_text("It takes effect when Footnote is started again")
    chunk.get_by_role("button", name="Reset").click()
    expect(chunk.get_by_role("button")).to_have_count(0)
    expect(page.locator("#part-storage")).to_contain_text("Original files")
    expect(page.locator("#part-embedding footnote-embedder")).to_contain_text("Width")
    page.get_by_role("button", name="Measure with my own questions").click()
    expect(page.locator("[data-widths] tr")).to_have_count(1)  # the bundled model was trained for no other
    expect(page.locator("[data-widths]")).to_contain_text("works at this width alone")
    expect(page.locator("#part-privacy")).to_contain_text("Nothing leaves this machine")
    page.get_by_role("button", name="Back up now").click()
    expect(page.locator("#part-storage")).to_contain_text("0 documents")
    assert visit.elsewhere(app.address) == []
    assert [error for error in visit.errors if "422" not in error and "400" not in error] == []


def test_a_connection_is_added_tested_chosen_and_removed(app: Served, visit: Visit) -> None:
    page = visit.page
    with ollama_double(reciter=DoubleModel()) as (ollama, _):
        page.goto(f"{app.address}/settings")
        page.get_by_role("button", name="Add a connection").click()
        form = page.locator("dialog.wide form")
        form.locator("[name=name]").fill("poet")
        form.locator("[name=url]").fill("ftp://nowhere")
        form.get_by_role("button", name="Save").click()
        expect(form.locator(".problem")).to_contain_text("no address of a server")
        form.locator("[name=url]").fill(ollama.url)
        form.locator("[name=model]").fill("reciter")
        form.locator("[name=key]").fill(KEY)
        form.get_by_role("button", name="Save").click()
        line = page.locator('[data-connection="poet"]')
        expect(line).to_contain_text("reciter")
        line.get_by_role("button", name="Test").click()
        expect(line.locator("[data-result]")).to_contain_text(
            re.compile(r"poet: [\d.]+ s to the first word, [\d.]+ tokens a second, context \d+ tokens")
        )
        chosen = page.locator(row(page, "answering.model")).locator("select")
        expect(chosen.locator("option", has_text="poet")).to_have_count(1)
        chosen.select_option("poet")
        expect(page.locator("[data-model-now]")).to_contain_text("poet")
        assert in_force(app, "answering.model") == "poet"
        assert KEY not in page.content()
        line.get_by_role("button", name="Change").click()
        expect(form.locator("[name=key]")).to_have_value("")
        page.keyboard.press("Escape")
        expect(form).to_have_count(0)
        chosen.select_option("auto")
        expect(page.locator(row(page, "answering.model"))).to_contain_text("Saved")
        line.get_by_role("button", name="Remove").click()
        page.locator("dialog").get_by_role("button", name="Remove").click()
        expect(line).to_have_count(0)


def test_the_activity_shows_what_was_asked_and_narrows_it(app: Served, visit: Visit) -> None:
    app.post("/api/search", json={"question": "Where does the heron stand?"}).raise_for_status()
    page = visit.page
    page.goto(f"{app.address}/activity")
    expect(page.locator("footnote-activity")).to_contain_text("Nothing is being imported.")
    rows = page.locator("footnote-activity .wide tbody tr")
    expect(rows.filter(has_text="Where does the heron stand?").first).to_be_visible()
    page.locator("[data-narrow=kind]").select_option("answer")
    expect(page.locator("footnote-activity")).to_contain_text("Nothing was asked yet.")
    page.locator("[data-narrow=kind]").select_option("")
    expect(rows.first).to_be_visible()
    assert visit.errors == []


def test_theme_language_and_size_are_remembered_by_this_browser_alone(app: Served, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    page = context.new_page()
    page.goto(f"{app.address}/settings")
    page.locator("#look-theme").select_option("dark")
    page.locator("#look-size").select_option("18")
    page.locator("#look-language").select_option("zh")
    expect(page.get_by_role("heading", name="设置", exact=True)).to_be_visible()
    page.reload()
    expect(page.locator("#look-language")).to_have_value("zh")
    expect(page.locator("#look-theme")).to_have_value("dark")
    looks = page.evaluate(
        "[document.body.matches('.dark'), getComputedStyle(document.documentElement).fontSize, "
        "getComputedStyle(document.body).getPropertyValue('--paper').trim(), document.documentElement.lang, "
        "document.documentElement.scrollWidth]"
    )
    assert looks == [True, "18px", "#16181b", "zh-CN", 390]
    context.close()
    other = browser.new_context(locale="en-US")
    page = other.new_page()
    page.goto(f"{app.address}/settings")
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    assert not page.evaluate("document.body.matches('.dark')")
    other.close()


def test_a_backup_is_made_and_restored_by_buttons(app: Served, visit: Visit, tmp_path: Path) -> None:
    for name in ("kept.txt", "late.txt"):
        (tmp_path / name).write_text(f"The heron of {name}.", encoding="utf-8")
    app.upload(tmp_path / "kept.txt")
    before = app.wait_until_settled()
    page = visit.page
    page.goto(f"{app.address}/settings")
    page.get_by_role("button", name="Back up now").click()
    restore = page.locator("[data-act=restore]").first
    expect(restore).to_have_attribute("data-what", re.compile("one document"))
    app.upload(tmp_path / "late.txt")
    app.wait_until_settled()
    restore.click()
    with page.expect_navigation(timeout=60_000):
        page.get_by_role("dialog").get_by_role("button", name="Restore and start again").click()
    expect(page.get_by_role("button", name="Back up now")).to_be_visible()
    assert app.names() == set(before)
    assert app.process.is_alive()
