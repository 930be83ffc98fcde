"""Keeping a question from a chat, measuring with it, and stopping a run, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Visit, open_screen, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BRIDGE = """# The Halden bridge

The Halden bridge was opened on 4 May 1932 by the mayor, after six years of building.

## Size

Its main span is 1149 metres long, and its towers are 141 metres high.
"""
QUESTION = "When was the Halden bridge opened?"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    with served(folder / "home", FOOTNOTE_ANSWERING__MODEL="extractive") as app:
        app.upload(folder / "bridge.md")
        app.wait_until_settled()
        yield app


def open_tab(page: Page, address: str) -> None:
    page.goto(address)
    open_screen(page, "Evaluation")
    expect(page.locator("footnote-evaluation")).to_be_visible()


def questions(folder: Path, count: int) -> Path:
    folder.mkdir()
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    asked = [{"question": f"{QUESTION} ({number})", "answer": "1932"} for number in range(count)]
    (folder / "questions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in asked))
    return folder


def test_a_source_is_kept_as_the_answer_and_measured_with(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    box = page.locator("#question textarea")
    box.fill(QUESTION)
    box.press("Enter")
    turn = page.locator("#now")
    expect(turn.locator(".writing")).to_have_count(0)
    source = page.locator("#pane li.cited").first
    source.get_by_role("button", name="This passage answers it").click()
    button = source.locator("button.keep")
    expect(button).to_have_text("Kept for the evaluation")
    expect(button).to_be_disabled()

    open_screen(page, "Evaluation")
    tab = page.locator("footnote-evaluation")
    expect(tab).to_contain_text("Kept questions (1)")
    expect(tab.locator("table.kept")).to_contain_text("bridge.md")
    tab.get_by_text("Compare settings").click()
    page.get_by_label("My kept questions").check()
    page.get_by_role("combobox", name="Setting B").select_option(label="By words alone")
    expect(tab.locator("form")).to_contain_text("misses what is said differently")
    page.get_by_role("button", name="Run").click()
    result = tab.locator("section.result")
    expect(result).to_contain_text("hit@1")
    row = result.locator("table.figures").first.locator("tr", has_text="hit@1")
    expect(row.locator("td").first).to_have_text("1.000")
    expect(result).to_contain_text("retrieval.dense_weight=0")
    expect(result.locator("svg.history")).to_be_visible()
    expect(result.locator("h3")).to_have_text("My kept questions")
    good = tab.locator(".good .large")
    expect(good).to_have_count(3)
    expect(good.first).to_contain_text("100%")
    expect(good.first).to_contain_text("1 of 1.")
    expect(good.last).to_contain_text("get an answer: 1 of 1.")
    tab.get_by_role("button", name="Measure again").click()
    expect(result).to_contain_text("3 runs")

    tab.get_by_text("Kept questions (1)").click()
    tab.locator("table.kept").get_by_role("button", name="Delete").click()
    expect(tab).to_contain_text("No questions are kept")

    for _ in range(3):  # one was compared with another
        expect(result).to_have_count(1)
        known = result.get_attribute("id")
        result.get_by_role("button", name="Delete").first.click()
        page.locator("dialog").get_by_role("button", name="Cancel").click()
        expect(result).to_have_id(known or "")
        result.get_by_role("button", name="Delete").first.click()
        expect(page.locator("dialog")).to_contain_text("Delete what was measured")
        page.locator("dialog").get_by_role("button", name="Delete").click()
        expect(tab.locator(f"#{known}")).to_have_count(0)
    expect(tab).to_contain_text("To find out, ask something")
    assert visit.elsewhere(app.address) == []
    assert visit.errors == []


def test_a_folder_is_measured_with_progress_and_can_be_stopped(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    open_tab(page, app.address)
    page.get_by_text("Compare settings").click()
    page.get_by_label("My kept questions").uncheck()
    page.get_by_label("Folder with questions").fill(str(questions(tmp_path / "many", 600)))
    page.get_by_role("button", name="Run").click()
    tab = page.locator("footnote-evaluation")
    expect(tab.locator(".running")).to_contain_text(re.compile(r"Searching [1-9]\d* / 600"), timeout=120_000)
    tab.get_by_role("button", name="Stop").hover()
    page.mouse.down()
    page.wait_for_timeout(
        1200
    )  # what runs is looked at twice a second, and must not be exchanged under a press
    page.mouse.up()
    expect(tab.locator(".running")).to_have_count(0, timeout=120_000)
    result = tab.locator("section.result", has_text="many")
    expect(result).to_contain_text("stopped early")
    expect(result).to_contain_text("of 600 questions")


def test_what_is_wrong_is_said_in_place(app: Served, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    open_tab(page, app.address)
    tab = page.locator("footnote-evaluation")
    page.get_by_text("Compare settings").click()
    page.get_by_label("My kept questions").uncheck()
    page.get_by_role("combobox", name="Setting A").select_option("own")
    page.get_by_label("Setting A: Other settings").fill("retrieval.dense_weight")
    page.get_by_role("button", name="Run").click()
    expect(tab.get_by_role("alert")).to_contain_text("retrieval.dense_weight is not a setting")
    page.get_by_label("Setting A: Other settings").fill("")
    page.get_by_label("Folder with questions").fill(str(tmp_path))
    page.get_by_role("button", name="Run").click()
    expect(tab.get_by_role("alert")).to_contain_text("holds no questions")


def test_the_tab_speaks_chinese(app: Served, visit: Visit) -> None:
    assert visit.page.context.browser is not None
    chinese = visit.page.context.browser.new_context(locale="zh-CN")
    page = chinese.new_page()
    page.goto(app.address)
    open_screen(page, "评测")
    expect(page.get_by_role("heading", name="对我的问题，它有多好？")).to_be_visible()
    page.get_by_text("比较设置").click()
    expect(page.get_by_role("button", name="运行")).to_be_visible()
    chinese.close()
