"""A real Chromium on the real app, in a process of its own with a fresh data folder."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.harness.ports import free_port
from tests.harness.served_app import ServedApp
from tests.kb.models.embed.unpacked import bundled_home

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=30_000)

START_S = 90
"""Patience with a busy machine; the promised 4 s are measured elsewhere, on an idle one."""


@dataclass
class Served:
    """A running app."""

    address: str
    process: ServedApp
    log: Path

    def get(self, path: str, *, params: dict[str, str] | None = None) -> httpx.Response:
        """What it answers to a GET. Patient, as ``post`` is: the first question of a home waits for its model."""
        return httpx.get(f"{self.address}{path}", params=params, trust_env=False, timeout=START_S)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        """What it answers to a POST; ``sent`` as ``httpx`` names it (``json``, ``data``, ``files``)."""
        return httpx.post(f"{self.address}{path}", trust_env=False, timeout=START_S, **sent)

    def upload(self, file: Path, *, name: str | None = None) -> str:
        """Adds a document over the API; its id."""
        with file.open("rb") as opened:
            response = self.post("/api/documents", data={"name": name or file.name}, files={"file": opened})
        response.raise_for_status()
        return str(response.json()["document"]["id"])

    def names(self) -> set[str]:
        """The names of all documents, those that are being deleted included."""
        found = self.get("/api/documents?limit=1000").json()
        return {document["name"] for document in found["documents"]}

    def control(self, route: str) -> None:
        """Posts to a route of the API that takes no body."""
        self.post(route).raise_for_status()

    def wait_until_settled(self, seconds: float = 120) -> dict[str, str]:
        """Name -> state of all documents, once nothing more happens to any of them."""
        deadline = time.monotonic() + seconds
        while True:
            response = self.get("/api/documents?limit=1000").json()
            states = [(found["name"], found["state"]) for found in response["documents"]]
            if all(state in ("ready", "failed", "cancelled") for _, state in states):
                return dict(states)
            assert time.monotonic() < deadline, states
            time.sleep(0.2)


def open_screen(page: Page, name: str) -> None:
    """Goes to another screen by the rail; while something is imported, its number stands behind the name."""
    named = re.compile(rf"^{name}(\s*\d+)?$")
    page.get_by_role("navigation").get_by_role("link", name=named).click()


@contextmanager
def served(
    home: Path, *, first_start: bool = False, forked: bool = True, **environment: str
) -> Iterator[Served]:
    """``app.py serve`` on a free port, ended with SIGINT; the model is there unless it is a ``first_start``.

    ``forked`` as ``ServedApp`` takes it.
    """
    if not first_start:
        bundled_home(home)
    port = free_port()
    log = home.parent / f"{home.name}.log"
    process = ServedApp(home, port, log=log, environment=environment, forked=forked)
    app = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_for_page(app)
        yield app
    finally:
        if not process.end(patience_s=START_S):
            pytest.fail(f"the app did not end within {START_S} s: {app.log.read_text()}")


def _wait_for_page(app: Served) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and app.process.is_alive():
        try:
            httpx.get(app.address, trust_env=False, timeout=START_S)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the app did not start: {app.log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for the tests of one file.

    No longer than that: while Playwright's blocking interface is open, an event loop runs in the main
    thread, and no asynchronous test could run there.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that notes what it asks for and what goes wrong on it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def elsewhere(self, address: str) -> list[str]:
        """The requests that went to another origin."""
        own = urlsplit(address).netloc
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != own
        ]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def visit(context: BrowserContext) -> Visit:
    visit = Visit(context.new_page())

    def note(request: Request) -> None:
        visit.requests.append(request.url)

    context.on("request", note)
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.page.on("console", lambda said: visit.errors.append(said.text) if said.type == "error" else None)
    return visit
