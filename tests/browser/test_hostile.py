"""Two hundred payloads on the real page: none runs, and none reaches another origin.

Fifty payloads, each in four places: in a file name, in a document's text (and so in passages and
quotes), in an answer, and in that answer while it is half there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Visit, open_screen, served
from tests.browser.payloads import payloads
from tests.browser.scripted_model import NAME, other_origin, scripted_model
from tests.browser.test_smoke import ask
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PER_ANSWER = 10
PIECE = 4
"""Characters of a token: small enough that the page shows every payload cut in half."""
BETWEEN_PIECES_S = 0.01

INSPECT = """() => {
    const places = document.querySelectorAll(
        '#now .md, #earlier .md, footnote-library tr.doc, .pane, footnote-reader, #tab-document .prose');
    const found = [];
    const NEVER = 'script, iframe, object, embed, svg *, math, form, meta, base, link, style, video, audio';
    for (const place of places) for (const element of place.querySelectorAll('*')) {
        element.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        const ours = element.closest('.icon, button, form.find');
        if (!ours && element.matches(NEVER))
            found.push(element.outerHTML.slice(0, 200));
        for (const { name, value } of element.attributes) {
            const fetches = name === 'style' && /[:(].*(url|expression|@)/i.test(value);
            if (name.startsWith('on') || name === 'srcset' || fetches) found.push(`${name}=${value}`);
            if (name === 'src' && !value.startsWith('/documents/')) found.push(`src=${value}`);
            if (name === 'href' && !/^(https?:|#|\\/(?!\\/))/.test(value)) found.push(`href=${value}`);
        }
    }
    return found;
}"""
"""What stands on the page that only a payload can have put there."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    with other_origin() as found:
        yield found


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, elsewhere: tuple[str, list[str]]) -> Iterator[Served]:
    """The app with a document for every payload, and a model that answers with payloads."""
    hostile = payloads(elsewhere[0])
    folder = tmp_path_factory.mktemp("hostile")

    def answer(prompt: str) -> Iterator[str]:
        part = re.findall(r"part (\d+)", prompt)
        chosen = hostile[int(part[-1]) * PER_ANSWER :][:PER_ANSWER] if part else []
        text = "\n\n".join(f"Turbines are inspected [1]. {payload} [2]" for payload in chosen)
        for start in range(0, len(text), PIECE):
            time.sleep(BETWEEN_PIECES_S)
            yield text[start : start + PIECE]

    with (
        scripted_model(answer) as endpoint,
        served(
            folder / "home",
            FOOTNOTE_ANSWERING__ENDPOINT_URL=endpoint,
            FOOTNOTE_ANSWERING__MODEL=f"endpoint/{NAME}",
        ) as app,
    ):
        for n, payload in enumerate(hostile):
            file = folder / f"{n}.txt"
            file.write_text(
                f"Turbine {n} is inspected in spring. {payload}\n\nThen turbine {n} is cleaned.\n"
            )
            app.upload(file, name=f"{payload}.txt".replace("\0", ""))  # a name with NUL is refused
        app.wait_until_settled()
        yield app


def test_payloads_stay_text(app: Served, visit: Visit, elsewhere: tuple[str, list[str]]) -> None:
    address, came = elsewhere
    count = len(payloads(address))
    assert count * 4 >= 200
    page = visit.page
    page.add_init_script("window.ran = []")
    page.goto(app.address)
    page.set_viewport_size({"width": 1280, "height": 60 * count})  # rows out of sight are not there
    open_screen(page, "Library")
    expect(page.locator("footnote-library tr.doc")).to_have_count(count)
    assert page.evaluate(INSPECT) == []
    page.locator("footnote-library tr.doc a").first.click()
    expect(page.locator("#tab-document footnote-reader .reading")).to_be_visible()
    assert page.evaluate(INSPECT) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    for part in range(count // PER_ANSWER):
        turn = ask(
            page, f"Turbine {part} is inspected in spring, then turbine {part} is cleaned: part {part}?"
        )
        expect(turn.locator(".answer").first).to_be_visible()
        expect(turn.locator(".writing")).to_have_count(0, timeout=120_000)
        expect(turn.locator("a.fn").first).to_be_visible()
        turn.locator("a.fn").first.click()
        expect(page.locator(".pane footnote-reader .reading")).to_be_visible()
        open_everything(page)
        assert page.evaluate(INSPECT) == []
    page.wait_for_timeout(500)
    assert page.evaluate("window.ran") == []
    assert came == []
    assert visit.elsewhere(app.address) == []
    assert visit.errors == [], "the policy had to stop something that the markup let through"


def test_what_gets_through_would_be_noticed(
    visit: Visit, app: Served, elsewhere: tuple[str, list[str]]
) -> None:
    """The nets themselves: a script that runs, a request that the policy stops, one that it does not."""
    address, came = elsewhere
    page = visit.page
    page.add_init_script("window.ran = []")
    page.goto(app.address)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=ran.push(1)>')")
    page.evaluate(f"new Image().src = '{address}/stopped.png'")
    # Asked again and again from outside: waiting inside of the page compiles text, which the policy forbids.
    wait_until(lambda: page.evaluate("window.ran.length > 0"))
    page.wait_for_timeout(500)
    assert page.evaluate("window.ran") == [1]
    assert any("Content Security Policy" in error for error in visit.errors)
    assert came == []
    page.context.new_page().goto(f"{address}/probe")
    assert "GET /probe" in came
    assert visit.elsewhere(app.address)


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(found => { found.open = true; })")
    page.wait_for_timeout(200)
