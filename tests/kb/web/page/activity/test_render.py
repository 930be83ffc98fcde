"""The activity as markup: work, notices and requests in both languages, and nothing that could be obeyed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.types import LoggedRequest, QueueStatus, RequestKind, RequestStatus, StoredNotice
from kb.web.page.activity.render import ActivityPage, activity
from kb.web.page.strings_en import EN as PAGE_EN
from kb.web.page.strings_zh import ZH as PAGE_ZH
from kb.web.page.words.activity import EN, ZH

ASKED = LoggedRequest(
    time="2026-11-29T04:00:00.000+00:00",
    kind="answer",
    origin="page",
    owner="owner",
    engine="ollama",
    model="ollama/qwen3:8b",
    text="What is it?",
    tokens=120,
    tokens_written=40,
    queued_ms=5,
    ms=795,
    status="ok",
    reason="",
    job="",
    conversation="",
    key="",
)
EMPTY = ActivityPage(QueueStatus(), (), {}, (), (), (), None, is_newest=True)


def test_each_kind_and_end_of_a_request_has_a_word() -> None:
    for words in (EN, ZH):
        assert all(hasattr(words, f"kind_{kind}") for kind in RequestKind)
        assert all(hasattr(words, f"status_{status}") for status in RequestStatus)


def test_nothing_under_way_and_nothing_asked_is_said() -> None:
    assert EN.nothing in activity(EMPTY, EN, PAGE_EN)
    assert EN.log_empty in activity(EMPTY, EN, PAGE_EN)
    assert ZH.log_empty in activity(EMPTY, ZH, PAGE_ZH)


def test_a_request_is_a_row_with_its_times_and_what_was_asked_is_never_obeyed() -> None:
    evil = replace(ASKED, text="<script>alert(1)</script>", status="failed", reason="BackendDown", ms=3000)
    hashed = replace(ASKED, text="sha256:" + "a" * 64, kind="embedding", model="extractive")
    page = replace(EMPTY, requests=[ASKED, evil, hashed], older=7, is_newest=False)
    html = activity(page, EN, PAGE_EN)
    assert "<script" not in html
    assert "120 / 40" in html
    assert "800 ms" in html
    assert "failed BackendDown" in html
    assert "a" * 13 not in html
    assert "Quotes only" in html
    assert 'data-before="7"' in html
    assert 'data-before=""' in html


@pytest.mark.parametrize("paused", [True, False])
def test_work_and_notices_are_told(paused: bool) -> None:
    queue = QueueStatus(paused=paused, queued=3, running=1, waiting=2, failed=1, seconds_left=60)
    notice = StoredNotice(4, "2026-11-29", "A <b> was lost.")
    html = activity(replace(EMPTY, queue=queue, notices=[notice], warnings=["Disk full."]), EN, PAGE_EN)
    assert "1 running, 3 waiting, 2 held up, 1 failed" in html
    assert (EN.paused in html) == paused
    assert "A &lt;b&gt; was lost." in html
    assert 'data-notice="4"' in html
    assert "Disk full." in html
