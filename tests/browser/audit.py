"""What is looked for on every screen, in every state: obstacles for who cannot see or point, and English in Chinese."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from playwright.sync_api import Page, expect

from tests.kb.web.page.test_words import english_in

_STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""The rules that are taken, by their tags; the others are advice, and none of it grave."""
GRAVE = ("critical", "serious")
_FORMATS = r"\b(?:pdf|txt|md|docx|kB)\b"

_SAID = """() => {
    const said = [];
    const named = ["aria-label", "title", "placeholder", "alt", "aria-valuetext"];
    const seen = (element) => element.checkVisibility({ visibilityProperty: true });
    const own = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = own.currentNode; node; node = own.nextNode()) {
        const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        if (element.closest("script, style, template, code, kbd, #part-about table") || !seen(element)) continue;
        if (node.nodeType === Node.TEXT_NODE) said.push(node.data);
        else for (const name of named) said.push(element.getAttribute(name) ?? "");
    }
    return said.map((text) => text.trim()).filter(Boolean);
}"""


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def obstacles(page: Page) -> list[str]:
    """What axe-core calls critical or serious on the page as it stands, a line for each rule.

    The script is evaluated by the browser's own debugger, which the page's policy does not bind.
    """
    expect(page.locator("[aria-busy=true]")).to_have_count(
        0
    )  # a button that was pressed is pale for a moment
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(
        "(tags) => axe.run(document, { resultTypes: ['violations'], runOnly: tags })", _STANDARD
    )
    return [
        f"{each['impact']} {each['id']} {len(each['nodes'])}: {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


def english_on(page: Page, data: str) -> set[str]:
    """What is seen on the page or read aloud and has words of Latin letters, names and ``data`` (a pattern) apart.

    Packages and their licences are called as their authors call them.
    """
    known = re.compile(rf"{data}|{_FORMATS}", re.IGNORECASE)
    return {text for text in page.evaluate(_SAID) if english_in(known.sub("", text))}
