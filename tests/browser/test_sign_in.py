"""Signing in as people do: the first visit, a wrong password, two people who share a server, and a tab that is left."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kb.state.db import Database
from kb.state.people import People
from kb.state.shares import Shares
from kb.system.home_layout import DATABASE
from kb.system.passwords import password_hash
from kb.types import Role
from tests.browser.conftest import Served, Visit, served
from tests.browser.test_smoke import ask, drop
from tests.harness.ports import free_port
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse"
OTHER = "battery staple"
HERON = "The heron stands in the reeds by the mill."


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An app whose owner is olga, and which anna and bert use, too."""
    home = tmp_path_factory.mktemp("shared") / "home"
    with served(home, FOOTNOTE_SERVER__ACCOUNTS="true") as app:
        with closing(Database(home / DATABASE)) as database:
            for name, role in (("olga", Role.OWNER), ("anna", Role.EDITOR), ("bert", Role.EDITOR)):
                People(database).add(name, password_hash(PASSWORD), role)
        yield app


@pytest.fixture
def other(browser: Browser) -> Iterator[BrowserContext]:
    """Another browser, with cookies of its own."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    context.set_default_timeout(60_000)
    yield context
    context.close()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_first_visit_makes_the_owner_who_signs_out_in_every_tab(
    tmp_path: Path, visit: Visit, other: BrowserContext
) -> None:
    page = visit.page
    with served(tmp_path / "home", FOOTNOTE_SERVER__ACCOUNTS="true") as app:
        code = re.search(r"with the code (\S+)", app.log.read_text())
        assert code is not None
        page.goto(f"{app.address}/library")
        expect(page.get_by_role("heading")).to_have_text("Make the owner's account")
        expect(page.get_by_label("Code")).to_be_focused()
        for typed in ("a guess", code[1]):
            page.get_by_label("Code").fill(typed)
            page.get_by_label("Name").fill("olga")
            page.get_by_label("Password").fill(PASSWORD)
            page.keyboard.press("Enter")
            if typed != code[1]:
                expect(page.get_by_role("alert")).to_contain_text("The code is wrong.")
        expect(page.locator("footnote-library")).to_be_visible()
        page.get_by_role("link", name="olga").click()
        expect(page.locator(".who")).to_have_text("olgaSees and runs the whole library")
        page.get_by_role("button", name="Sign out", exact=True).click()

        sign_in(page, "olga", "wrong horse")
        expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
        expect(page.get_by_label("Name")).to_have_value("olga")
        expect(page.get_by_label("Password")).to_be_focused()
        sign_in(page, "olga")
        expect(page.locator(".welcome")).to_be_visible()

        page.goto(f"{app.address}/account")
        page.get_by_label("Old password").fill(PASSWORD)
        page.get_by_label("New password").fill(OTHER)
        page.get_by_role("button", name="Change", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("The password is changed.")

        phone = other.new_page()
        phone.goto(app.address)
        sign_in(phone, "olga", OTHER)
        expect(phone.locator(".welcome")).to_be_visible()
        tab = page.context.new_page()
        tab.goto(f"{app.address}/account")
        tab.get_by_role("button", name="Sign out on all devices").click()
        expect(tab.get_by_role("heading")).to_have_text("Sign in")
        expect(phone).to_have_url(re.compile("/sign-in"), timeout=60_000)
        phone.goto(f"{app.address}/library")
        expect(phone.get_by_role("heading")).to_have_text("Sign in")


def test_what_one_person_adds_another_does_not_see(
    shared: Served, visit: Visit, other: BrowserContext, tmp_path: Path
) -> None:
    note = tmp_path / "heron.txt"
    note.write_text(HERON, encoding="utf-8")
    anna, bert = visit.page, other.new_page()
    for page, name in ((anna, "anna"), (bert, "bert")):
        page.goto(f"{shared.address}/library")
        sign_in(page, name)
        expect(page.locator("footnote-library")).to_be_visible()
    drop(anna, note)
    row = anna.locator("footnote-library tr.doc", has_text="heron.txt")
    expect(row.locator(".state")).to_have_text("Ready", timeout=120_000)
    turn = ask(anna, "Where does the heron stand?")
    expect(turn.locator("a.fn").first).to_be_visible()
    expect(turn.locator(".answer").first).to_contain_text("in the reeds")
    bert.reload()
    expect(bert.locator("footnote-library")).to_be_visible()
    bert.goto(f"{shared.address}/")
    expect(bert.locator(".welcome")).to_be_visible()
    box = bert.locator("#question textarea")
    box.fill("Where does the heron stand?")
    box.press("Enter")
    expect(bert.locator("#now .question")).to_be_visible()
    expect(bert.locator("#now .writing")).to_have_count(0)
    assert "reeds" not in bert.content()
    assert "heron.txt" not in bert.content()
    assert visit.errors == []


def test_a_link_from_another_site_leads_to_signing_in_and_on(shared: Served, visit: Visit) -> None:
    page = visit.page
    link = f'<a href="{shared.address}/library">The library</a>'
    page.route("http://elsewhere.test/", lambda route: route.fulfill(content_type="text/html", body=link))
    page.goto("http://elsewhere.test/")
    page.get_by_role("link").click()
    sign_in(page, "anna")
    expect(page.locator("footnote-library")).to_be_visible()
    page.goto("http://elsewhere.test/")
    page.get_by_role("link").click()
    expect(page.locator("footnote-library")).to_be_visible()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a provider of identities at another site, who knows dora."""
    port = free_port()
    dora = {
        "sub": "dora-1",
        "preferred_username": "dora",
        "email": "dora@office.example",
        "email_verified": True,
        "groups": ["/office/lab"],
    }
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--user-claims",
        json.dumps(dora),
    ]
    log = tmp_path_factory.mktemp("office") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://localhost:{port}"
    try:
        wait_until(lambda: process.poll() is not None or answers(address), 60)
        assert process.poll() is None, log.read_text()
        yield address
    finally:
        process.terminate()
        process.wait()


def answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False, timeout=30).is_success
    except httpx.TransportError:
        return False


def test_who_has_an_account_of_the_office_signs_in_with_it(tmp_path: Path, office: str, visit: Visit) -> None:
    page = visit.page
    settings: Any = {
        "FOOTNOTE_SERVER__ACCOUNTS": "true",
        "FOOTNOTE_OIDC__ISSUER": office,
        "FOOTNOTE_OIDC__CLIENT_ID": "footnote",
        "FOOTNOTE_OIDC__CLIENT_SECRET": "secret",
        "FOOTNOTE_OIDC__NAME": "the office",
        "FOOTNOTE_OIDC__DOMAINS": "office.example",
        "FOOTNOTE_OIDC__TO_GROUPS": "/office/lab = laboratory; heads = heads",
    }
    home = tmp_path / "home"
    with served(home, **settings) as app:
        page.goto(app.address)
        expect(page.get_by_label("Code")).to_be_visible()
        expect(page.get_by_role("link", name="Sign in with")).to_have_count(0)
        with closing(Database(home / DATABASE)) as database:
            People(database).add("olga", password_hash(PASSWORD), Role.OWNER)
        page.goto(f"{app.address}/library")
        page.get_by_role("link", name="Sign in with the office").click()
        page.get_by_placeholder("sub").fill("eve")
        page.get_by_role("button", name="Authorize").click()
        expect(page.get_by_role("alert")).to_contain_text("knows you, but you may not come in")
        page.goto(f"{app.address}/library")
        page.get_by_role("link", name="Sign in with the office").click()
        page.get_by_role("button", name="dora-1").click()
        expect(page.locator("footnote-library")).to_be_visible()
        assert page.url == f"{app.address}/library"
        page.get_by_role("link", name="dora").click()
        expect(page.get_by_text("You can sign in with the office.")).to_be_visible()
        with closing(Database(home / DATABASE)) as database:
            (group,) = Shares(database).groups()
        assert (group.name, group.members) == ("laboratory", ("dora",))
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("button", name="End session").click()  # there
        expect(page).to_have_url(f"{app.address}/sign-in")
        page.goto(f"{app.address}/add#title=Tides&text=High+water")
        page.get_by_role("link", name="Sign in with the office").click()
        page.get_by_role("button", name="dora-1").click()
        expect(page.get_by_label("Text")).to_have_value("High water")
        expect(page).to_have_url(f"{app.address}/add")


def test_the_sixth_try_is_refused_in_chinese(shared: Served, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN", color_scheme="dark")
    page = context.new_page()
    page.goto(shared.address)
    expect(page.get_by_role("heading")).to_have_text("登录")
    said = []
    for _ in range(6):
        page.get_by_label("名称").fill("bert")
        page.get_by_label("密码").fill("wrong horse")
        with page.expect_navigation():
            page.get_by_role("button", name="登录").click()
        said.append(page.get_by_role("alert").inner_text())
    assert said == ["名称或密码不正确。"] * 5 + ["尝试次数过多。请过几分钟再试。"]
    context.close()


def test_what_was_to_be_added_waits_for_whoever_signs_in(shared: Served, visit: Visit) -> None:
    page = visit.page
    text = "潮汐 & winds = 100% #1 " + "x" * 40_000
    behind = urlencode(
        {"title": "Tides", "url": "https://tides.example/?day=1", "collection": "x", "text": text}
    )
    for address in (f"/add#{behind}", f"/add?{behind[:9000]}"):
        page.goto(f"{shared.address}{address}")
        expect(page).to_have_url(f"{shared.address}/sign-in?next=/add")
        page.route("https://login.example/**", lambda route: route.fulfill(body="signed in there"))
        page.goto("https://login.example/authorize")  # as the way by a provider of identities leads
        page.goto(f"{shared.address}/sign-in?next=/add")
        sign_in(page, "anna", "wrong horse")
        expect(page.get_by_role("alert")).to_be_visible()
        sign_in(page, "anna")
        expect(page.get_by_label("Title")).to_have_value("Tides")
        expect(page.get_by_label("Address")).to_have_value("https://tides.example/?day=1")
        expect(page.get_by_label("Text")).to_have_value(re.compile("潮汐 & winds = 100% #1 x{8000}"))
        page.context.clear_cookies()
    page.get_by_label("Title").fill("Ebb")  # and the session ends meanwhile
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page).to_have_url(f"{shared.address}/sign-in?next=/add")
    sign_in(page, "anna")
    expect(page.get_by_label("Title")).to_have_value("Ebb")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Ebb.txt")).to_be_visible()
    page.goto(f"{shared.address}/add")
    expect(page.get_by_label("Text")).to_have_value("")
    sent = [url for url in visit.requests if shared.address in url and "tides.example" in url]
    assert all("/add?" in url for url in sent), "no server sees it but where it was sent"
    assert "潮汐" not in shared.log.read_text()
