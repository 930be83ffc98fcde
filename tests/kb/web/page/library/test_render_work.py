"""How far imports are, in words, and what can be done with them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from kb.types import Cause, Document, DocumentState, JobKind, JobState, JobStatus, QueueStatus
from kb.web.page.library import render_imports, render_work
from kb.web.page.library.fragments import say_of
from kb.web.page.library.render_imports import Imports
from kb.web.page.strings_en import EN
from kb.web.page.strings_zh import ZH

DOCUMENT = Document(
    id="d1", name="report.pdf", collection="default", state=DocumentState.QUEUED, sha256="0", bytes=1,
    added="2026-03-04T05:06:07+00:00",
)  # fmt: skip
EMBEDDING = replace(
    DOCUMENT, state=DocumentState.EMBEDDING, pages=12, pages_done=4, chunks=340, chunks_done=120
)
SAY = say_of({})
JOB = JobStatus("d1", JobKind.IMPORT, JobState.QUEUED, attempts=0)


def words(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup).strip()


def pressed(markup: str) -> list[str]:
    return re.findall(r'data-act="([^"]+)"', markup)


@pytest.mark.parametrize(
    ("document", "job", "shown"),
    [
        (DOCUMENT, None, "Waiting"),
        (DOCUMENT, replace(JOB, position=3), "Waiting no. 3"),
        (DOCUMENT, replace(JOB, state=JobState.PAUSED), "Paused"),
        (DOCUMENT, replace(JOB, state=JobState.WAITING), "Held up"),
        (
            EMBEDDING,
            replace(JOB, seconds_left=200),
            "Preparing page 4 of 12 · 120 of 340 passages · about 3 min left",
        ),
        (replace(EMBEDDING, pages=None), None, "Preparing 120 of 340 passages"),
        (replace(EMBEDDING, chunks=0), None, "Preparing"),
        (replace(EMBEDDING, state=DocumentState.READY), None, "Ready"),
        (replace(DOCUMENT, state=DocumentState.READY, searchable=False), None, "Left out"),
        (
            replace(DOCUMENT, state=DocumentState.FAILED),
            replace(JOB, kind=JobKind.CLEAR, state=JobState.WAITING),
            "Failed",
        ),
    ],
)
def test_a_document_says_how_far_it_is(document: Document, job: JobStatus | None, shown: str) -> None:
    assert words(render_work.state(document, job, EN)) == shown


def test_a_row_has_no_room_for_pages_and_chinese_says_what_is_counted() -> None:
    brief = render_work.state(EMBEDDING, replace(JOB, seconds_left=200), EN, with_pages=False)
    assert words(brief) == "Preparing 120 of 340 passages · about 3 min left"
    assert words(render_work.state(EMBEDDING, None, ZH, with_pages=False)) == "准备检索中 340 段中的 120 段"


def test_only_a_document_that_is_embedded_has_a_bar() -> None:
    assert '<progress max="340" value="120">' in render_work.state(EMBEDDING, None, EN)
    assert "<progress" not in render_work.state(replace(EMBEDDING, state=DocumentState.READY), None, EN)
    assert "<progress" not in render_work.state(replace(EMBEDDING, chunks=0), None, EN)


def test_why_a_job_waits_comes_before_what_the_document_lacks() -> None:
    document = replace(DOCUMENT, reason="Two pages hold no text.")
    assert render_work.reason(document, replace(JOB, reason="No answer."), EN) == "No answer."
    assert render_work.reason(document, JOB, EN) == "Two pages hold no text."
    assert render_work.reason(document, None, EN) == "Two pages hold no text."


@pytest.mark.parametrize(
    ("changes", "job", "acts"),
    [
        ({}, JOB, ["pause", "cancel"]),
        ({}, replace(JOB, state=JobState.PAUSED), ["resume", "cancel"]),
        ({}, replace(JOB, state=JobState.WAITING), ["pause", "retry", "cancel"]),
        ({"state": DocumentState.READY}, replace(JOB, kind=JobKind.EMBED), ["leave_out", "pause"]),
        ({"state": DocumentState.READY}, None, ["leave_out", "read_again"]),
        ({"state": DocumentState.READY, "searchable": False}, None, ["take_in", "read_again"]),
        ({"state": DocumentState.FAILED}, replace(JOB, kind=JobKind.CLEAR), ["retry"]),
        ({"state": DocumentState.FAILED, "unreadable": True}, None, []),
        ({"state": DocumentState.CANCELLED}, None, ["retry"]),
    ],
)
def test_only_what_works_now_is_in_the_menu(
    changes: dict[str, Any], job: JobStatus | None, acts: list[str]
) -> None:
    found = render_work.acts(replace(DOCUMENT, **changes), job)
    assert found == ["open", "download", "tag", "move", *acts, "remove"]


def test_nothing_is_done_with_what_is_being_deleted() -> None:
    deleting = replace(DOCUMENT, state=DocumentState.DELETING)
    assert render_work.acts(deleting, replace(JOB, kind=JobKind.DELETE)) == []


@pytest.mark.parametrize(
    ("status", "shown", "acts"),
    [
        (QueueStatus(), "", []),
        (
            QueueStatus(queued=4, running=1, chunks_per_second=2.5, seconds_left=7200),
            "1 being read · 4 waiting · 2.5 passages a second · about 2 h left",
            ["work-open", "pause-all"],
        ),
        (
            QueueStatus(paused=True, queued=5, chunks_per_second=2.5, seconds_left=7200),
            "0 being read · 5 waiting · All imports are paused.",
            ["work-open", "resume-all"],
        ),
        (QueueStatus(paused=True), "All imports are paused.", ["work-open", "resume-all"]),
        (QueueStatus(paused_jobs=1), "0 being read · 1 waiting", ["work-open", "resume-all", "pause-all"]),
        (QueueStatus(failed=1), "1 needs attention", ["work-open"]),
        (
            QueueStatus(failed=3, queued=1),
            "0 being read · 1 waiting · 3 need attention",
            ["work-open", "pause-all"],
        ),
    ],
)
def test_the_line_of_all_imports(status: QueueStatus, shown: str, acts: list[str]) -> None:
    markup = render_imports.strip(Imports(status), SAY)
    assert words(re.sub(r"<button.*?</button>", "", markup)) == shown
    assert pressed(markup) == acts


def test_what_holds_all_imports_up_is_said() -> None:
    markup = render_imports.strip(Imports(QueueStatus(queued=1, reason="The disk is full.")), SAY)
    assert "The disk is full." in words(markup)


def test_opened_it_lists_what_runs_and_offers_another_try_only_where_that_can_help() -> None:
    running = replace(JOB, state=JobState.RUNNING)
    slow = Cause("k1", "a.pdf took too long.", 3, retry_helps=True, examples=("a.pdf",))
    empty = Cause("k2", "b.txt holds no text.", 1, retry_helps=False, examples=("b.txt",))
    opened = Imports(
        QueueStatus(running=1, queued=8, failed=4),
        [running],
        {"d1": EMBEDDING},
        [slow, empty],
        is_open=True,
    )
    markup = render_imports.strip(opened, SAY)
    assert 'aria-label="Pause: report.pdf"' in markup
    assert "and 8 more are waiting" in words(markup)
    assert "3 documents" in words(markup)
    assert "and 2 more" in words(markup)
    first, second = markup.split('data-cause="k2"')
    assert "retry-cause" in first
    assert "retry-cause" not in second
    assert "show-cause" in second
