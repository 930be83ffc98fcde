"""The page as a whole: no obstacle in any state, no English in Chinese, the keyboard alone, quick and calm."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from kb.state.db import Database
from kb.system.home_layout import DATABASE
from tests.browser import states
from tests.browser.audit import english_on, obstacles
from tests.browser.conftest import Served, Visit, served
from tests.browser.keyboard import tab_to
from tests.browser.scripted_model import NAME, scripted_model
from tests.browser.test_answer import SHIFTS, number_of
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASKED = "风机多久检查一次？"
CHECKED = "每台风机每年在四月和十月检查两次。"
CALLED = (
    rf"(?:endpoint/)?{NAME}|intfloat/[\w-]+|qwen[\w:]+|chroma|sha256:\w+|FOOTNOTE_\w+|Linux \w+|(?:mrr|ndcg)@\d+|"
    r"context [\d,]+"  # what a server says of its model
)
"""Models, measures, and what is written as the machine takes it."""
LOOKS: dict[str, dict[str, Any]] = {
    "light, wide, English": {"viewport": {"width": 1280, "height": 800}, "locale": "en-US"},
    "dark, narrow, Chinese": {
        "viewport": {"width": 390, "height": 844},
        "locale": "zh-CN",
        "color_scheme": "dark",
        "has_touch": True,
    },
}


def make_manual(path: Path) -> None:
    """A page in Chinese."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("body", fontName="STSong-Light", wordWrap="CJK")
    SimpleDocTemplate(str(path), title="风机手册").build(
        [Paragraph(f"{CHECKED}一次检查需要一天和两名技术员。", style)]
    )


def write(prompt: str) -> Iterator[str]:
    yield f"每台风机每年检查两次 [{number_of(prompt, CHECKED[:6])}]。\n\n每次花费七千欧元。"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("screens")
    make_manual(folder / "手册.pdf")
    (folder / "空.txt").write_text(" ", encoding="utf-8")
    (folder / "港口.md").write_text("# 港口\n\n渡轮每四十五分钟开一班。\n", encoding="utf-8")
    with (
        scripted_model(write) as endpoint,
        served(
            folder / "home",
            FOOTNOTE_ANSWERING__ENDPOINT_URL=endpoint,
            FOOTNOTE_ANSWERING__MODEL=f"endpoint/{NAME}",
        ) as app,
    ):
        for file in sorted(folder.glob("*.*")):
            if file.suffix in (".pdf", ".txt", ".md"):
                app.upload(file)
        app.wait_until_settled()
        yield app


def document_id(app: Served) -> str:
    found = app.get("/api/documents").json()["documents"]
    return next(str(each["id"]) for each in found if each["name"] == "手册.pdf")


def walk(page: Page, app: Served) -> Iterator[str]:
    yield from states.asking(page, app, ASKED)
    yield from states.library(page, app)
    yield from states.document(page, app, document_id(app))
    yield from states.search(page, app, ASKED)
    yield from states.evaluation(page, app)
    yield from states.activity(page, app)
    yield from states.settings(page, app)


@pytest.mark.parametrize("look", LOOKS)
def test_no_state_of_any_screen_has_an_obstacle_or_a_foreign_word(
    app: Served, browser: Browser, look: str
) -> None:
    context = browser.new_context(bypass_csp=True, **LOOKS[look])  # so that the page may run what audits it
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    seen: dict[str, Any] = {}
    looked_for: list[Callable[[Page], Any]] = [obstacles]
    if LOOKS[look]["locale"] == "zh-CN":
        looked_for.append(lambda page: english_on(page, CALLED))
    for state in walk(page, app):
        if found := [each for look_for in looked_for for each in look_for(page)]:
            seen[state] = found
    assert not seen, "\n".join(f"{state}: {found}" for state, found in seen.items())
    assert faults == []
    context.close()


# --- Without a mouse ------------------------------------------------------------------------------


def test_the_whole_walk_goes_by_the_keyboard_alone_and_the_focus_is_seen(app: Served, visit: Visit) -> None:
    page = visit.page
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(ASKED)
    page.keyboard.press("Enter")
    expect(page.locator("#current .actions")).to_be_visible()
    unseen = tab_to(page, "#current a.fn", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("#pane .reader-body .strong").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#current a.fn").first).to_be_focused()

    unseen += tab_to(page, "a[data-screen=library]", back=True)
    page.keyboard.press("Enter")
    unseen += tab_to(page, "footnote-library [data-act=menu]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("footnote-library [data-act=menu]").first).to_be_focused()

    unseen += tab_to(page, "a[data-screen=settings]", back=True)
    page.keyboard.press("Enter")
    tokens = page.locator("[data-setting='answering.answer_tokens']")
    unseen += tab_to(page, "[data-setting='answering.answer_tokens'] input")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("900")
    page.keyboard.press("Tab")
    expect(tokens).to_contain_text("Saved")

    unseen += tab_to(page, "a[data-screen=search]", back=True)
    page.keyboard.press("Enter")
    unseen += tab_to(page, "footnote-search [name=question]")
    page.keyboard.type(ASKED)
    page.keyboard.press("Enter")
    expect(page.locator("[data-side=A] .hit").first).to_be_visible()
    unseen += tab_to(page, "[data-side=A] [data-act=right]")
    assert unseen == []
    assert visit.elsewhere(app.address) == []
    assert visit.errors == []


# --- Quick, and where it was ----------------------------------------------------------------------

_STARTS_WATCHING = """() => {
    window.answered = [];
    let at = 0;
    addEventListener("click", () => { at = performance.now(); }, true);
    new MutationObserver(() => {
        if (at) window.answered.push(performance.now() - at);
        at = 0;
    }).observe(document, { attributes: true, childList: true, subtree: true, characterData: true });
}"""


def test_a_question_moves_little_and_every_click_shows_within_a_tenth_of_a_second(
    app: Served, visit: Visit
) -> None:
    page = visit.page
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    page.evaluate(SHIFTS)
    states.question_answered(page, ASKED)
    page.wait_for_timeout(500)  # what comes with the answer has come
    assert page.evaluate("window.shifted") < 0.1
    page.evaluate(_STARTS_WATCHING)
    pressed = (
        *("#current .copy summary", "#current .copy summary", "#current [data-rate=bad]"),
        *("footnote-composer .opens.scope", "footnote-composer .opens.scope", "#current a.fn"),
        *("a[data-screen=library]", "footnote-library [data-sort=name]", "footnote-library [data-act=pick]"),
        *("footnote-library [data-act=menu]", "a[data-screen=search]", "footnote-search [name=compare]"),
        *("a[data-screen=evaluation]", "footnote-evaluation .compare summary", "a[data-screen=activity]"),
        *("a[data-screen=settings]", "footnote-settings [data-act=back-up]", "a[data-screen=ask]"),
    )
    for count, selector in enumerate(pressed, start=1):
        page.locator(selector).first.click()
        wait_until(partial(page.evaluate, "(count) => window.answered.length >= count", count))
    took = dict(zip(pressed, page.evaluate("window.answered"), strict=True))
    assert {selector: ms for selector, ms in took.items() if ms > 100} == {}
    assert visit.elsewhere(app.address) == []


TURNS = 500


def prolong(app: Served) -> None:
    """Puts a conversation of ``TURNS`` turns into the library, each like the newest that was answered."""
    with closing(Database(app.log.parent / "home" / DATABASE)) as database, database.write() as connection:
        connection.execute(
            "INSERT INTO conversations (id, title, added, updated, owner) "
            "SELECT 'long', '五百个问题', added, updated, owner FROM conversations LIMIT 1"
        )
        connection.executemany(
            "INSERT INTO requests (id, conversation_id, position, question, state, asked, collection, wanted_model, "
            "added, searched, notices, text, answer, error) "
            "SELECT ?, 'long', ?, question, state, asked, collection, wanted_model, added, searched, notices, text, "
            "answer, error FROM requests WHERE answer IS NOT NULL LIMIT 1",
            [(f"turn{number}", number) for number in range(TURNS)],
        )


def test_of_five_hundred_turns_the_newest_is_there_at_once_and_the_others_when_they_are_scrolled_to(
    app: Served, visit: Visit
) -> None:
    page = visit.page
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    states.question_answered(page, ASKED)
    prolong(app)
    page.goto(app.address)
    took = []
    for _ in range(2):
        page.locator("a.anew").click()
        expect(page.locator(".welcome")).to_be_visible()
        visit.errors.clear()  # of what the second visit broke off, Gradio complains
        begun = time.monotonic()
        page.locator("#conversations [data-conversation=long] a").click()
        wait_until(
            lambda: page.evaluate(
                "() => document.querySelector('#current .question')?.id === 'tturn499'"
                " && Math.abs(document.querySelector('#current .question').getBoundingClientRect().top) < 100"
            )
        )
        took.append(time.monotonic() - begun)
    assert min(took) < 3, ".3 s where nothing else runs; 13 when all of them were drawn"
    shown = page.locator(".turn .question")
    assert shown.count() <= 11, "only those near the newest are drawn"
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("#tturn485")).to_be_attached()
    page.locator("footnote-earlier button").press("Enter")
    expect(page.locator("#tturn471")).to_be_attached()
    top = page.locator("#tturn481").evaluate("(each) => each.getBoundingClientRect().top")
    assert top > 0, "what was read stays in sight"
    assert visit.errors == []
