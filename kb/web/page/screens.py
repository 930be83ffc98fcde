"""The screens that the rail leads to. A new one is a line here, and a tab with the id ``tab-NAME`` in ``layout.py``."""

from __future__ import annotations

from dataclasses import dataclass

ICONS = {
    "ask": '<path d="M4 5.5h12v8.5H9.5L6 17v-3H4z"/>',
    "library": '<path d="M4.5 4h3v12h-3zM9 4h3v12H9zM13.4 4.6l2.7-.7 2.4 11.4-2.8.6z"/>',
    "search": '<circle cx="9" cy="9" r="4.5"/><path d="m12.5 12.5 4 4"/>',
    "evaluation": '<path d="M4 16V9.5M8 16V4M12 16v-8M16 16v-4.5"/>',
    "activity": '<path d="M3 10.5h3l2-6 3.5 11 2-5H17"/>',
    "account": '<circle cx="10" cy="7" r="3"/><path d="M4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5"/>',
    "settings": '<path d="M3 6h6m4 0h4M3 14h3m4 0h7"/><circle cx="11" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>',
}
"""What is drawn in a square of 20 units, in lines of the text's colour."""


@dataclass(frozen=True, slots=True)
class Screen:
    """An entry of the rail."""

    id: str
    """Of its tab, of its icon, and of its word in ``kb.web.page.words.frame``."""
    path: str
    of_owner: bool = False
    """Whether it is about the library as a whole, and so for its owners alone."""


SCREENS = (
    Screen("ask", "/"),
    Screen("library", "/library"),
    Screen("search", "/search"),
    Screen("evaluation", "/evaluation", of_owner=True),
    Screen("activity", "/activity", of_owner=True),
    Screen("settings", "/settings", of_owner=True),
)
