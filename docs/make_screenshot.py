"""Makes ``docs/screenshot.png``: the real app, two documents that this script writes, one question.

python docs/make_screenshot.py
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "screenshot.png"
QUESTION = "How often are the turbines inspected, and what does the upkeep cost?"

HANDBOOK = {
    "Upkeep": (
        "Every turbine is inspected twice a year, in April and in October, when winds are lowest. "
        "An inspection takes one day and needs two technicians.",
        "The gearbox oil is changed every three years, or after 25,000 hours of operation, "
        "whichever comes first. Blades are washed when their output falls by two percent.",
    ),
    "Noise": (
        "At the nearest house the noise must not exceed 45 decibels at night. Between ten in the evening "
        "and six in the morning, turbines 3 and 4 run at reduced speed.",
    ),
}
REPORT = {
    "Costs": (
        "The upkeep of the wind farm cost 48,000 euros per turbine in 2025, four percent more than in the "
        "year before. Sixty percent of it was labour and forty percent was parts.",
        "Insurance cost 9,500 euros per turbine, and the lease of the land 12,000 euros.",
    ),
    "Output": (
        "The six turbines produced 41.2 gigawatt hours, enough for 11,800 households. "
        "The strongest month was January and the weakest was August.",
    ),
}


def write_pdf(path: Path, title: str, chapters: dict[str, tuple[str, ...]]) -> None:
    """A short document with headings."""
    styles = getSampleStyleSheet()
    story = [Paragraph(title, styles["Title"])]
    for heading, paragraphs in chapters.items():
        story += [
            Paragraph(heading, styles["Heading2"]),
            *(Paragraph(text, styles["BodyText"]) for text in paragraphs),
        ]
    SimpleDocTemplate(
        str(path), pagesize=A5, title=title, leftMargin=45, rightMargin=45, topMargin=45, bottomMargin=45
    ).build(story)


def add(address: str, *files: Path) -> None:
    """Uploads the files and waits until they can be asked about."""
    for file in files:
        with file.open("rb") as opened:
            httpx.post(f"{address}/api/documents", files={"file": opened}).raise_for_status()
    while any(
        found["state"] != "ready" for found in httpx.get(f"{address}/api/documents").json()["documents"]
    ):
        time.sleep(0.5)


def photograph(page: Page, address: str) -> None:
    """Asks, opens the first footnote, and takes the picture."""
    page.goto(address)
    box = page.locator("#question textarea")
    box.fill(QUESTION)
    box.press("Enter")
    turn = page.locator("#now")
    expect(turn.locator("a.fn").first).to_be_visible(timeout=120_000)
    expect(turn.locator(".writing")).to_have_count(0, timeout=120_000)
    turn.locator("a.fn").first.click()
    expect(page.locator("#pane .reader-body .strong").first).to_be_visible(timeout=60_000)
    expect(page.locator("#pane .sheet img").first).to_have_js_property("complete", True, timeout=60_000)
    page.wait_for_timeout(1000)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=PICTURE)
    Image.open(PICTURE).quantize(128).save(PICTURE, optimize=True)


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The app over ``home`` on a free port; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "serve", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as app:  # noqa: S603
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx.get(address, timeout=60)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        try:
            yield address
        finally:
            app.send_signal(signal.SIGINT)


def main() -> None:
    """Starts the app, fills it, photographs it, ends it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "home") as address,
        sync_playwright() as playwright,
    ):
        handbook, report = Path(folder) / "Wind farm handbook.pdf", Path(folder) / "Annual report 2025.pdf"
        write_pdf(handbook, "Wind farm handbook", HANDBOOK)
        write_pdf(report, "Annual report 2025", REPORT)
        add(address, handbook, report)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        photograph(browser.new_page(viewport={"width": 1280, "height": 860}), address)
        browser.close()


if __name__ == "__main__":
    main()
