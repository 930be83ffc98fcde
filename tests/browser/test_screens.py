"""Every screen in every state: no obstacle for who cannot see or point, and no English in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from tests.browser import states
from tests.browser.audit import english_on, obstacles
from tests.browser.conftest import Served, served
from tests.browser.scripted_model import NAME, scripted_model
from tests.browser.test_answer import number_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASKED = "风机多久检查一次？"
CHECKED = "每台风机每年在四月和十月检查两次。"
CALLED = (
    rf"(?:endpoint/)?{NAME}|intfloat/[\w-]+|qwen[\w:]+|chroma|sha256:\w+|FOOTNOTE_\w+|Linux \w+|(?:mrr|ndcg)@\d+|"
    r"context [\d,]+|holds no text, only white space"  # what a server and a stored reason say
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
    found = httpx.get(f"{app.address}/api/documents", trust_env=False, timeout=60).json()["documents"]
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
