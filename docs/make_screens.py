"""Makes ``docs/screens/``: every screen of the real app, light and dark, in English and Chinese, and on a phone.

python docs/make_screens.py [SCREEN ...]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

from make_screenshot import HANDBOOK, QUESTION, REPORT, add, running, write_pdf

FOLDER = Path(__file__).parent / "screens"
_SETTLED_MS = 1500
"""For what a screen fetches and draws after it is there."""
_PATIENCE_MS = 60_000
_DRAWN = {
    "start": ".welcome h2",
    "answer": "#now .actions",
    "reader": "#pane .sheet.is-drawn",
    "library": "footnote-library tr.doc",
    "document": ".document .sheet.is-drawn",
    "search": "footnote-search .hit",
    "evaluation": ".evaluation .large",
    "activity": "svg.over-time",
    "settings": ".settings .setting",
}
"""What stands on each screen once it shows what it is for."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a browser shows the page."""

    name: str
    width: int = 1280
    height: int = 800
    scheme: Literal["light", "dark"] = "light"
    locale: str = "en-US"


LOOKS = (
    Look("light"),
    Look("dark", scheme="dark"),
    Look("chinese", locale="zh-CN"),
    Look("phone", 390, 844),
    Look("phone-dark-chinese", 390, 844, "dark", "zh-CN"),
)


def screens(address: str) -> dict[str, str]:
    """Returns the name of each screen and its address; an answer is there for ``answer`` and ``reader``."""
    document = httpx.get(f"{address}/api/documents").json()["documents"][0]["id"]
    conversation = httpx.get(f"{address}/api/conversations").json()["conversations"][0]["id"]
    return {
        "answer": f"/c/{conversation}",
        "reader": f"/c/{conversation}",
        "library": "/library",
        "document": f"/d/{document}?page=1",
        "search": "/search",
        "evaluation": "/evaluation",
        "activity": "/activity",
        "settings": "/settings",
    }


def ask(page: Page, address: str) -> None:
    page.goto(address)
    box = page.locator("#question textarea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.locator("#now a.fn").first).to_be_visible(timeout=120_000)
    expect(page.locator("#now .writing")).to_have_count(0, timeout=120_000)


def measure(address: str) -> None:
    """Keeps a question with the passage that answers it, and measures with it."""
    found = httpx.get(f"{address}/api/search", params={"q": QUESTION}, timeout=60).json()["hits"]
    kept = {"question": QUESTION, "chunk_id": found[0]["chunk_id"]}
    httpx.post(f"{address}/api/kept-questions", json=kept).raise_for_status()
    httpx.post(f"{address}/api/evaluations", json={"kept": True, "answers": 1}, timeout=60).raise_for_status()
    while httpx.get(f"{address}/api/evaluations", timeout=60).json()["now"]["running"]:
        time.sleep(0.5)


@contextmanager
def looking(browser: Browser, look: Look) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height}, color_scheme=look.scheme, locale=look.locale
    )
    yield context.new_page()
    context.close()


def photograph(browser: Browser, address: str, name: str, path: str) -> None:
    """Takes the pictures of one screen."""
    for look in LOOKS:
        with looking(browser, look) as page:
            page.goto(f"{address}{path}")
            if name == "reader":
                page.locator("#now a.fn").first.click(timeout=_PATIENCE_MS)
                expect(page.locator("#pane .reader-body .strong").first).to_be_visible(timeout=_PATIENCE_MS)
            if name == "search":
                page.locator("#tab-search input").first.fill(QUESTION, timeout=_PATIENCE_MS)
                page.keyboard.press("Enter")
            expect(page.locator(_DRAWN[name]).first).to_be_visible(timeout=_PATIENCE_MS)
            page.wait_for_timeout(_SETTLED_MS)
            picture = FOLDER / f"{name}-{look.name}.png"
            page.screenshot(path=picture)
            Image.open(picture).convert("RGB").quantize(64).save(picture, optimize=True)


def main(wanted: list[str]) -> None:
    """Starts the app, photographs its first start, fills it, and photographs the rest."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "home") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        if not wanted or "start" in wanted:
            photograph(browser, address, "start", "/")
        handbook, report = Path(folder) / "Wind farm handbook.pdf", Path(folder) / "Annual report 2025.pdf"
        write_pdf(handbook, "Wind farm handbook", HANDBOOK)
        write_pdf(report, "Annual report 2025", REPORT)
        add(address, handbook, report)
        with looking(browser, LOOKS[0]) as page:
            ask(page, address)
        measure(address)
        for name, path in screens(address).items():
            if not wanted or name in wanted:
                photograph(browser, address, name, path)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
