"""Every screen of the page in every state that a click leads to, as a walk; by marks in the markup, in any language."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served


def question_answered(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    expect(page.locator("#current .question")).to_have_text(question)
    expect(page.locator("#current .actions")).to_be_visible()


def _closed(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog, [role=menu], .panel:not([hidden])")).to_have_count(0)


def _unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('.tabitem details').forEach((each) => { each.open = true; })")


def asking(page: Page, app: Served, question: str) -> Iterator[str]:
    """The screen for questions: empty, answered, its panels and menus, the pane and the reader."""
    page.goto(app.address)
    expect(page.locator(".welcome")).to_be_visible()
    yield "no question"
    for panel in ("scope", "model"):
        page.locator(f"footnote-composer .opens.{panel}").click()
        expect(page.locator(".panel:not([hidden]), dialog[open]")).to_be_visible()
        yield f"choice of {panel}"
        _closed(page)
    question_answered(page, question)
    yield "answer"
    page.locator("#current .copy summary").click()
    yield "forms of copying"
    page.locator("#current .copy summary").click()
    page.locator("#current [data-rate=bad]").click()
    expect(page.locator("#current .reason")).to_be_visible()
    yield "reason of a rating"
    page.locator("#current a.fn").first.click()
    expect(page.locator("#pane .reader-body .strong").first).to_be_visible()
    yield "reader in the pane"
    page.keyboard.press("Escape")
    yield "sources in the pane"
    page.keyboard.press("Escape")
    page.locator("#current [data-again=edit]").click()
    yield "question that is edited"
    _closed(page)
    if page.locator("[data-act=open-menu]").is_visible():
        page.locator("[data-act=open-menu]").click()
        yield "conversations in a drawer"
    row = page.locator("#conversations li").first
    row.hover()
    row.locator("button").click()
    expect(page.get_by_role("menu")).to_be_visible()
    yield "menu of a conversation"
    page.get_by_role("menuitem").first.click()
    expect(page.locator("dialog")).to_be_visible()
    yield "conversation that is renamed"
    _closed(page)


def library(page: Page, app: Served) -> Iterator[str]:
    page.goto(f"{app.address}/library")
    rows = page.locator("footnote-library tr.doc")
    expect(rows.first).to_be_visible()
    yield "library"
    if page.locator("[data-act=filters]").is_visible():
        page.locator("[data-act=filters]").click()
        yield "filters"
    page.locator("[data-act=add]").click()
    yield "what can be added"
    page.locator("[data-act=paste]").click()
    expect(page.locator("dialog")).to_be_visible()
    yield "text that is pasted"
    _closed(page)
    page.locator("footnote-library [data-act=menu]").first.click()
    expect(page.get_by_role("menu")).to_be_visible()
    yield "menu of a document"
    _closed(page)
    page.locator("footnote-library [data-act=pick]").first.check()
    expect(page.locator("footnote-library .selection")).to_be_visible()
    yield "selection"
    page.locator("footnote-library [data-many=tag]").click()
    expect(page.locator("dialog")).to_be_visible()
    yield "tags"
    _closed(page)
    page.locator("footnote-library [data-act=work-open]").click()
    expect(page.locator("footnote-library .causes")).to_be_visible()
    yield "what failed"
    page.locator("footnote-library [data-filter=text]").fill("qqqqqq")
    expect(page.locator("footnote-library .none-match")).to_be_visible()
    yield "nothing found"


def document(page: Page, app: Served, document_id: str) -> Iterator[str]:
    page.goto(f"{app.address}/d/{document_id}?page=1")
    expect(page.locator(".doc-about h1")).to_be_visible()
    expect(page.locator(".doc-passages .passage").first).to_be_visible()
    expect(page.locator("footnote-document footnote-reader .sheet img").first).to_be_visible()
    yield "document"
    page.locator(".passage [data-act=correct]").first.click()
    expect(page.locator("dialog")).to_be_visible()
    yield "passage that is corrected"
    _closed(page)
    page.evaluate("history.pushState(null, '', '/d/nobody'); dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.locator(".doc-about .none-match")).to_be_visible()
    yield "document that is gone"
    page.goto(f"{app.address}/d/nobody")
    expect(page.locator("main.account a")).to_have_count(2)
    yield "address of a document that is gone"


def search(page: Page, app: Served, question: str) -> Iterator[str]:
    page.goto(f"{app.address}/search")
    expect(page.locator("footnote-search")).to_be_visible()
    yield "no search"
    page.locator("footnote-search [name=question]").fill(question)
    page.locator("footnote-search [name=question]").press("Enter")
    expect(page.locator("[data-side=A] .hit").first).to_be_visible()
    page.locator("footnote-search [name=compare]").check()
    expect(page.locator("[data-side=B] .hit").first).to_be_visible()
    expect(page.locator(".found.waits")).to_have_count(0)
    yield "two searches"
    page.locator("[data-side=A] [data-act=right]").first.click()
    expect(page.locator(".toast")).to_be_visible()
    yield "toast"


def evaluation(page: Page, app: Served) -> Iterator[str]:
    page.goto(f"{app.address}/evaluation")
    expect(page.locator("footnote-evaluation table.kept")).to_be_attached()
    yield "evaluation"
    if not page.locator("footnote-evaluation section.result").count():
        page.locator("footnote-evaluation [data-act=measure]").click()
    expect(page.locator("footnote-evaluation section.result")).to_be_visible()
    _unfold(page)
    yield "what was measured"


def activity(page: Page, app: Served) -> Iterator[str]:
    page.goto(f"{app.address}/activity")
    expect(page.locator("footnote-activity .wide tbody tr").first).to_be_visible()
    yield "activity"


def settings(page: Page, app: Served) -> Iterator[str]:
    page.goto(f"{app.address}/settings")
    expect(page.locator("footnote-settings h1")).to_be_visible()
    _unfold(page)
    expect(page.locator("footnote-embedder .bar select").first).to_be_visible()
    expect(page.locator("footnote-embedder details > .fine").first).not_to_be_empty()
    yield "settings"
    page.locator("footnote-settings [data-act=add-connection]").click()
    expect(page.locator("dialog")).to_be_visible()
    yield "connection that is added"
    _closed(page)
    page.locator("footnote-settings [data-act=widths]").click()
    expect(page.locator("[data-widths] tr").first).to_be_visible()
    page.locator("footnote-settings [data-act=back-up]").click()
    expect(page.locator("#part-storage [data-act=restore]").first).to_be_visible()
    yield "widths and a backup"
