"""What is looked for on every screen, in every state: obstacles for who cannot see or point, and English in Chinese."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

from tests.kb.web.page.test_words import english_in

GRAVE = ("critical", "serious")

_SAID = """() => {
    const said = [];
    const named = ["aria-label", "title", "placeholder", "alt", "aria-valuetext"];
    const seen = (element) => element.checkVisibility({ visibilityProperty: true });
    const own = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = own.currentNode; node; node = own.nextNode()) {
        const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        if (element.closest("script, style, template, code, kbd, svg title") || !seen(element)) continue;
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
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['impact']} {each['id']} {len(each['nodes'])}: {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


def english_on(page: Page, data: str) -> set[str]:
    """What is seen on the page or read aloud and has words of Latin letters, ``data`` (a pattern) and names apart."""
    return {text for text in page.evaluate(_SAID) if english_in(re.sub(data, "", text))}
