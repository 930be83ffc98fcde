"""Going through the page with the keyboard alone, as who cannot use a mouse does."""

from __future__ import annotations

from playwright.sync_api import Page

_FARTHEST = 120
"""Presses of Tab after which something counts as out of reach."""
_FOCUSED = """() => {
    const here = document.activeElement;
    const name = here.getAttribute("aria-label") ?? here.labels?.[0]?.innerText ?? here.innerText ?? here.title;
    const around = here.closest("label, .input-container, footnote-composer, #composer");
    const looks = () => [here, here.parentElement, around]
        .flatMap((each) => each ? [getComputedStyle(each), getComputedStyle(each, "::after")] : [])
        .map((style) => [style.outline, style.boxShadow, style.borderColor, style.backgroundColor, style.color].join());
    for (const moving of document.getAnimations()) if (moving instanceof CSSTransition) moving.finish();
    const focused = looks().join();
    here.blur();
    for (const moving of document.getAnimations()) if (moving instanceof CSSTransition) moving.finish();
    const blurred = looks().join();
    here.focus({ preventScroll: true });
    return { tag: here.tagName, name: (name || here.value || "").trim(), id: here.id, seen: focused !== blurred };
}"""


def tab_to(page: Page, selector: str, *, back: bool = False) -> list[str]:
    """Presses Tab until what ``selector`` names has the focus; the stops on the way whose focus cannot be seen.

    With ``back``, Shift and Tab.
    """
    unseen = []
    for _ in range(_FARTHEST):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = page.evaluate(_FOCUSED)
        if stop["tag"] != "BODY" and not stop["seen"]:
            unseen.append(f"{stop['tag']} {stop['id']} {stop['name'][:40]!r}")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return unseen
    raise AssertionError(f"{selector} is not reached; the focus is on {page.evaluate(_FOCUSED)}")
