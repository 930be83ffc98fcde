"""What a click opens on a page: answers, tabs, "read more". It is content, though the saved page hides it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from ingest.parse.page.tree import leave_out, name_of
from kb.text.sentences import is_question

_POINTERS = ("aria-controls", "data-target", "data-bs-target", "data-toggle-target", "aria-owns")
_CONTROL_ROLES = frozenset({"button", "tab"})
_CONTROLS = frozenset({"button", "summary", "label", "dt"})
_HEADINGS = frozenset({f"h{level}" for level in range(1, 7)})
_PANEL = frozenset(
    {
        *(
            "accordion",
            "answer",
            "body",
            "collapse",
            "collapsed",
            "collapsible",
            "content",
            "detail",
            "details",
        ),
        *(
            "expand",
            "expandable",
            "expanded",
            "faq",
            "full",
            "more",
            "pane",
            "panel",
            "spoiler",
            "tab",
            "tabpanel",
        ),
        *("tabcontent", "toggle", "drawer", "dropdown", "reveal", "hidden"),
    }
)
"""Words in the classes and ids of panels."""
_NO_PANEL = frozenset(
    {
        *(
            "modal",
            "popup",
            "popover",
            "dialog",
            "overlay",
            "cookie",
            "consent",
            "tooltip",
            "menu",
            "submenu",
            "nav",
        ),
        *(
            "navbar",
            "lightbox",
            "toast",
            "error",
            "errors",
            "alert",
            "loading",
            "loader",
            "spinner",
            "template",
        ),
        *("offcanvas", "search"),
    }
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_FRAME = frozenset({"nav", "header", "footer", "form", "dialog"})
_SHORTEST = 20
"""Characters; what is hidden beside a button is a message or a sign if it is shorter."""


def words_of(node: etree._Element) -> set[str]:
    """Returns the words in the class and id of an element, in lower case: ``tabPane-2`` holds tab and pane."""
    text = f"{node.get('class', '')} {node.get('id', '')}"[:500]
    return {word.lower() for word in WORD.findall(text)} if text.strip() else set()


class Panels:
    """The panels of one page, and the controls that open them."""

    def __init__(self, root: etree._Element) -> None:
        self._control_of: dict[str, etree._Element] = {}
        for node in root.iter(etree.Element):
            if _is_control(node):
                for identity in _targets(node):
                    self._control_of.setdefault(identity, node)

    def opens(self, node: etree._Element) -> bool:
        """Returns whether the hidden ``node`` is content that a click opens."""
        role, words = node.get("role", ""), words_of(node)
        if role in ("dialog", "alertdialog", "menu", "tooltip", "listbox") or node.get("aria-modal"):
            return False
        if words & _NO_PANEL or any(name_of(above) in _FRAME for above in node.iterancestors()):
            return False
        if (
            role == "tabpanel"
            or node.get("hidden") == "until-found"
            or node.get("id", "") in self._control_of
        ):
            return True
        before, after = _beside(node, -1), _beside(node, 1)
        if before is not None and (_leads(before) or _asks(before) or _defines(before, node)):
            return True
        if words & _PANEL and before is not None and _head(before) is not None:
            return True
        more = after is not None and (name_of(after) == "button" or _is_control(after))
        return more and len("".join(map(str, node.itertext())).strip()) >= _SHORTEST

    def show(self, node: etree._Element) -> None:
        """Makes a panel visible, with the text of what opens it."""
        for name in ("hidden", "style", "aria-hidden"):
            node.attrib.pop(name, "")
        control = self._control_of.get(node.get("id", ""))
        if control is None:
            beside = _beside(node, -1)
            control = None if beside is None else _head(beside)
        if control is not None:
            _keep_label(control, node)


def open_heads(root: etree._Element) -> None:
    """Keeps the texts of buttons that open what does not say that it is hidden: the first answer of a list, or all
    of them where a style sheet or a height of 0 folds them away.
    """
    named = {node.get("id", ""): node for node in root.iter(etree.Element) if node.get("id")}
    for button in list(root.iter("button")):
        if button.get("aria-haspopup") or _in_frame(button):
            continue
        if button.get("aria-expanded") == "true" or (
            button.get("aria-expanded") == "false" and (_in_heading(button) or _opens_text(button, named))
        ):
            _keep_label(button, None)


def _opens_text(button: etree._Element, named: Mapping[str, etree._Element]) -> bool:
    """Returns whether what ``button`` controls is content, and no menu or message."""
    targets = [named[identity] for identity in _targets(button) if identity in named]
    return any(not words_of(node) & _NO_PANEL and not _in_frame(node) for node in targets)


def _in_heading(node: etree._Element) -> bool:
    return any(name_of(above) in _HEADINGS for above in node.iterancestors())


def _keep_label(control: etree._Element, panel: etree._Element | None) -> None:
    if control.get("role") == "tab" and panel is not None:
        label = " ".join(map(str, control.itertext())).strip()
        leave_out(control)
        if label:
            head = etree.Element("div")
            head.text = label
            head.tail, panel.text = panel.text, None
            panel.insert(0, head)
    elif name_of(control) == "button":
        control.tag = "span" if _in_heading(control) else "div"


def _is_control(node: etree._Element) -> bool:
    return (
        name_of(node) in ("button", "summary")
        or node.get("role") in _CONTROL_ROLES
        or node.get("aria-expanded") is not None
        or node.get("data-toggle") in ("collapse", "tab", "pill")
        or node.get("data-bs-toggle") in ("collapse", "tab", "pill")
    )


def _targets(node: etree._Element) -> Iterator[str]:
    for name in _POINTERS:
        yield from node.get(name, "").replace("#", " ").split()
    if (target := node.get("href", "")).startswith("#") and len(target) > 1:
        yield target[1:]


def _beside(node: etree._Element, step: int) -> etree._Element | None:
    """Returns the element before (-1) or after (1) ``node``, where no text stands between them."""
    beside = node.getprevious() if step < 0 else node.getnext()
    between = beside.tail if step < 0 and beside is not None else node.tail
    return None if beside is None or (between or "").strip() else beside


def _leads(node: etree._Element) -> bool:
    """Returns whether an element opens what follows it: a control, a label, or a heading that holds one."""
    if _is_control(node) or name_of(node) == "label":
        return True
    return name_of(node) in _HEADINGS | {"div", "dt", "p"} and any(_is_control(child) for child in node)


def _asks(node: etree._Element) -> bool:
    """Returns whether ``node`` is a heading that asks something: what is hidden behind it is the answer."""
    return name_of(node) in _HEADINGS and is_question("".join(map(str, node.itertext())))


def _defines(node: etree._Element, hidden: etree._Element) -> bool:
    return name_of(node) == "dt" and name_of(hidden) == "dd"


def _head(node: etree._Element) -> etree._Element | None:
    """Returns the control or heading in ``node``; None where it is neither."""
    if _is_control(node) or name_of(node) in _CONTROLS | _HEADINGS:
        inner = next((child for child in node.iter("button")), None)
        return node if inner is None else inner
    if name_of(node) not in ("div", "p"):
        return None
    return next((child for child in node if _is_control(child) or name_of(child) in _HEADINGS), None)


def _in_frame(node: etree._Element) -> bool:
    return any(
        name_of(above) in _FRAME or above.get("role") == "navigation" for above in node.iterancestors()
    )
