"""The rows of the library and what stands above them: data stays text, and every control says what it is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.types import Cause, Document, DocumentState, QueueStatus, StoredNotice
from kb.web.page.library import render as render_library
from kb.web.page.library import render_imports
from kb.web.page.library.fragments import say_of
from kb.web.page.library.render import Say
from kb.web.page.library.render_imports import Imports
from tests.kb.web.page.answer.test_render import DOCUMENT, HOSTILE, Outline

EN = say_of({})
ZH = say_of({"accept-language": "zh-CN"})


def shown(document: Document, say: Say = EN) -> Outline:
    return Outline(f"<table>{render_library.row(document, None, say)}</table>")


@pytest.mark.parametrize("say", [EN, ZH])
def test_hostile_data_stays_text_on_one_line(say: Say) -> None:
    document = replace(
        DOCUMENT, name=HOSTILE, collection=HOSTILE, reason=HOSTILE, added=HOSTILE, path=HOSTILE, folder="x"
    )
    cause = Cause(HOSTILE, HOSTILE, 2, retry_helps=True, examples=(HOSTILE,))
    opened = Imports(QueueStatus(failed=2), causes=[cause], is_open=True)
    for markup in (
        render_library.row(document, None, say),
        render_library.frame(say, max_megabytes=1),
        render_imports.strip(opened, say),
        render_library.notices([HOSTILE], [StoredNotice(7, "", HOSTILE)], say.strings),
    ):
        outline = Outline(markup)
        assert not outline.all("script")
        assert not outline.all("img")
        assert not any(name.startswith("on") for _, found in outline.elements for name in found)
    assert "\n" not in render_library.row(document, None, say) + render_library.frame(say, max_megabytes=1)


def test_every_control_of_a_row_says_which_document_it_is_about() -> None:
    outline = shown(DOCUMENT)
    (tick,), (menu,) = outline.all("input"), outline.all("button")
    assert tick["aria-label"] == "Select report.pdf"
    assert menu["aria-label"] == "Actions for report.pdf"
    assert [link["href"] for link in outline.all("a")] == ["/d/d1"]


def test_a_row_shows_tags_length_reason_and_that_it_is_left_out() -> None:
    left_out = replace(DOCUMENT, tags=("old", "steel"), searchable=False, reason="Two pages hold no text.")
    outline = shown(left_out)
    (row,) = outline.all("tr")
    assert row["data-tags"] == "old steel"
    assert row["class"] == "doc is-ready is-off"
    for said in ("#old", "#steel", "12 pages", "Two pages hold no text.", "Left out", "PDF", "General"):
        assert said in outline.words
    assert "1,200 words" in shown(replace(DOCUMENT, pages=None, words=1200)).words
    assert "words" not in shown(replace(DOCUMENT, pages=None)).words
    for state in DocumentState:
        assert EN.strings.state_name(state) in shown(replace(DOCUMENT, state=state)).words


def test_two_files_of_one_name_are_told_apart_by_their_folders() -> None:
    inner = replace(DOCUMENT, folder="mill/notes", path="mill/notes/report.pdf")
    assert "report.pdfmill/notes" in shown(inner).words
    far = replace(DOCUMENT, folder="/home/ann/papers/2024/may", path="/home/ann/papers/2024/may/report.pdf")
    assert "…/2024/may" in shown(far).words
    assert "papers" not in shown(far).words
    failed = replace(inner, state=DocumentState.FAILED, reason="It is empty.")
    assert "It is empty." in shown(failed).words


def test_a_cause_names_a_single_document_once() -> None:
    of_one = Cause("k", "a.pdf is empty.", 1, retry_helps=False, examples=("a.pdf",))
    of_two = Cause("k", "Each of these files is empty.", 2, retry_helps=False, examples=("a.pdf", "b.pdf"))
    for cause, said in ((of_one, 1), (of_two, 1)):
        opened = Imports(QueueStatus(failed=2), causes=[cause], is_open=True)
        assert Outline(render_imports.strip(opened, EN)).words.count("a.pdf") == said


def test_notices_can_be_put_away() -> None:
    html = render_library.notices(
        ["The disk is nearly full."], [StoredNotice(7, "", "<b>lost</b> & found")], EN.strings
    )
    assert "The disk is nearly full." in html
    assert "&lt;b&gt;lost&lt;/b&gt; &amp; found" in html
    assert 'data-act="put-away" data-notice="7"' in html
