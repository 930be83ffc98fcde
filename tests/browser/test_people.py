"""People on the real page: an owner lets them in and out in the settings, and who has a collection shares it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from kb.state.db import Database
from kb.state.people import People
from kb.system.home_layout import DATABASE
from kb.system.passwords import password_hash
from kb.types import Role
from kb.web.page.words.people import ZH
from tests.browser.audit import obstacles
from tests.browser.conftest import Served, Visit, served
from tests.browser.test_sign_in import PASSWORD, sign_in
from tests.browser.test_smoke import drop

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("people") / "home"
    with served(home, FOOTNOTE_SERVER__ACCOUNTS="true") as app:
        with closing(Database(home / DATABASE)) as database:
            for name, role in (("olga", Role.OWNER), ("anna", Role.EDITOR), ("bert", Role.READER)):
                People(database).add(name, password_hash(PASSWORD), role)
        yield app


def open_as(page: Page, app: Served, name: str, screen: str, password: str = PASSWORD) -> None:
    page.context.clear_cookies()
    page.goto(f"{app.address}/{screen}")
    sign_in(page, name, password)
    expect(page.get_by_role("navigation", name="Navigation")).to_be_visible()


def documents_of(app: Served, name: str) -> int:
    with httpx.Client(base_url=app.address, trust_env=False, timeout=60) as client:
        client.post("/sign-in", data={"name": name, "password": PASSWORD})
        return int(client.get("/api/documents").json()["total"])


def test_an_owner_lets_people_in_gives_them_roles_and_takes_them_out(app: Served, visit: Visit) -> None:
    page = visit.page
    open_as(page, app, "olga", "settings")
    people = page.locator("footnote-people")
    expect(people.locator("tbody tr")).to_have_count(3)
    people.get_by_label("Name of the new person").fill("cleo")
    page.keyboard.press("Enter")
    shown = page.locator("dialog input")
    expect(shown).to_be_focused()
    password = shown.input_value()
    page.keyboard.press("Enter")
    row = people.locator("tbody tr", has_text="cleo")
    expect(row.get_by_role("combobox")).to_have_value("editor")
    signed = app.post("/sign-in", data={"name": "cleo", "password": password})
    assert signed.status_code == 303
    row.get_by_label("Role of cleo").select_option("reader")
    expect(row).to_contain_text("never")
    expect(people.get_by_label("Role of cleo")).to_have_value("reader")
    people.get_by_label("Role of olga").select_option("editor")
    expect(people.get_by_role("alert")).to_contain_text("This is the last owner.")
    expect(people.get_by_label("Role of olga")).to_have_value("owner")
    people.get_by_label("Name of the new group").fill("lab")
    people.get_by_label("Members, with").fill("cleo, bert")
    people.get_by_role("button", name="Add a group").click()
    expect(people.locator(".groups li")).to_contain_text("lab: bert, cleo")
    people.get_by_role("button", name="Change the group lab").click()
    page.locator("dialog input").fill("bert")
    page.keyboard.press("Enter")
    expect(people.locator(".groups li")).to_contain_text(re.compile("^lab: bert"))
    people.get_by_role("button", name="New password for cleo").click()
    page.locator("dialog input").fill("short")
    page.keyboard.press("Enter")
    expect(people.get_by_role("alert")).to_contain_text("8 to 256 characters")
    people.get_by_role("button", name="Remove cleo").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(people.locator("tbody tr")).to_have_count(3)
    people.get_by_role("button", name="Remove lab").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(people.locator(".groups")).to_have_text("There is no group yet.")
    assert [error for error in visit.errors if "400" not in error and "409" not in error] == []


def test_who_has_a_collection_shares_it_and_takes_it_back(app: Served, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    note = tmp_path / "heron.txt"
    note.write_text("The heron stands in the reeds.", encoding="utf-8")
    open_as(page, app, "anna", "library")
    expect(page.locator("footnote-library .empty")).to_be_visible()
    drop(page, note)
    expect(page.locator("footnote-library tr.doc .state")).to_have_text("Ready", timeout=120_000)
    share = page.get_by_role("button", name="Share…")
    share.click()  # of the only collection that there is
    dialog = page.get_by_role("dialog", name="Who sees anna/default")
    expect(dialog).to_contain_text("It is shared with nobody.")
    expect(dialog.get_by_label("Person or group")).to_be_focused()
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("There is no account and no group 'nobody'")
    dialog.get_by_label("Person or group").fill("bert")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Role of bert")).to_have_value("reader")
    assert documents_of(app, "bert") == 1
    dialog.get_by_label("Role of bert").select_option("editor")
    expect(dialog.get_by_label("Role of bert")).to_have_value("editor")
    dialog.get_by_role("button", name="Stop sharing with bert").click()
    expect(dialog).to_contain_text("It is shared with nobody.")
    assert documents_of(app, "bert") == 0
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert [error for error in visit.errors if "404" not in error] == []
    with httpx.Client(base_url=app.address, trust_env=False, timeout=60) as olga:
        olga.post("/sign-in", data={"name": "olga", "password": PASSWORD})
        olga.post(
            "/api/documents", files={"file": (note.name, note.read_bytes())}, data={"collection": "reports"}
        )
        olga.put("/api/collections/reports/shares", json={"name": "anna", "role": "editor"})
    page.reload()
    collections = page.locator("footnote-library select[data-filter=collection]")
    expect(collections.locator("option")).to_have_count(3)
    expect(share).to_be_hidden()
    for name, hidden in (("anna/default", False), ("reports", True), ("anna/default", False)):
        collections.select_option(name)
        expect(share).to_be_visible(visible=not hidden)


def test_readers_share_nothing_and_an_owner_reads_it_in_chinese(app: Served, browser: Browser) -> None:
    context = browser.new_context(  # so that the page may run what audits it
        viewport={"width": 390, "height": 844}, locale="zh-CN", color_scheme="dark", bypass_csp=True
    )
    page = context.new_page()
    page.goto(f"{app.address}/library")
    page.get_by_label("名称").fill("bert")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("footnote-library")).to_be_visible()
    expect(page.locator("footnote-share")).to_have_count(0)
    context.clear_cookies()
    page.goto(f"{app.address}/settings")
    page.get_by_label("名称").fill("olga")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    people = page.locator("footnote-people")
    expect(people.get_by_label("anna 的角色")).to_have_value("editor")
    expect(page.get_by_role("heading", name="账户与共享")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    people.scroll_into_view_if_needed()
    assert obstacles(page) == []
    page.goto(f"{app.address}/library")
    expect(page.locator("footnote-library")).to_be_visible()
    people_words = json.dumps(asdict(ZH))
    page.evaluate(f"import('/ui/static/sharing.js').then((it) => it.openSharing('x', 'x', {people_words}))")
    expect(page.get_by_role("dialog")).to_contain_text("没有与任何人共享")
    assert obstacles(page) == []
    page.goto(f"{app.address}/account")
    assert obstacles(page) == []
    context.close()
