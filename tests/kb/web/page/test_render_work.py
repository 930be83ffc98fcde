"""How far imports are, in words, and which buttons act on them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kb.types import Document, DocumentState, JobKind, JobState, JobStatus, QueueStatus
from kb.web.page import render_work
from kb.web.page.strings_en import EN

DOCUMENT = Document(
    id="d1", name="report.pdf", collection="default", state=DocumentState.QUEUED, sha256="0", bytes=1,
    added="2026-03-04T05:06:07+00:00",
)  # fmt: skip
EMBEDDING = replace(
    DOCUMENT, state=DocumentState.EMBEDDING, pages=12, pages_done=4, chunks=340, chunks_done=120
)
JOB = JobStatus("d1", JobKind.IMPORT, JobState.QUEUED, attempts=0)


def words(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup).strip()


def pressed(markup: str) -> list[str]:
    return re.findall(r'data-act="([^"]+)"', markup)


@pytest.mark.parametrize(
    ("document", "job", "shown"),
    [
        (DOCUMENT, None, "waiting"),
        (DOCUMENT, replace(JOB, position=3), "waiting no. 3"),
        (DOCUMENT, replace(JOB, state=JobState.PAUSED), "paused"),
        (DOCUMENT, replace(JOB, state=JobState.WAITING), "held up"),
        (EMBEDDING, replace(JOB, seconds_left=200), "embedding page 4 of 12 · 120 / 340 · about 3 min left"),
        (replace(EMBEDDING, pages=None), None, "embedding 120 / 340"),
        (replace(EMBEDDING, chunks=0), None, "embedding"),
        (replace(EMBEDDING, state=DocumentState.READY), None, "ready"),
        (replace(DOCUMENT, state=DocumentState.READY, searchable=False), None, "left out"),
        (
            replace(DOCUMENT, state=DocumentState.FAILED),
            replace(JOB, kind=JobKind.CLEAR, state=JobState.WAITING),
            "failed",
        ),
    ],
)
def test_a_document_says_how_far_it_is(document: Document, job: JobStatus | None, shown: str) -> None:
    assert words(render_work.state(document, job, EN)) == shown


def test_only_a_document_that_is_embedded_has_a_bar() -> None:
    assert '<progress max="340" value="120">' in render_work.state(EMBEDDING, None, EN)
    assert "<progress" not in render_work.state(replace(EMBEDDING, state=DocumentState.READY), None, EN)
    assert "<progress" not in render_work.state(replace(EMBEDDING, chunks=0), None, EN)


def test_why_a_job_waits_comes_before_what_the_document_lacks() -> None:
    document = replace(DOCUMENT, reason="Two pages hold no text.")
    assert render_work.reason(document, replace(JOB, reason="No answer.")) == "No answer."
    assert render_work.reason(document, JOB) == "Two pages hold no text."
    assert render_work.reason(document, None) == "Two pages hold no text."


@pytest.mark.parametrize(
    ("state", "job", "acts"),
    [
        (DocumentState.QUEUED, JOB, ["pause", "cancel", "delete"]),
        (DocumentState.QUEUED, replace(JOB, state=JobState.PAUSED), ["resume", "cancel", "delete"]),
        (DocumentState.QUEUED, replace(JOB, state=JobState.WAITING), ["pause", "retry", "cancel", "delete"]),
        (DocumentState.READY, replace(JOB, kind=JobKind.EMBED), ["pause", "delete"]),
        (DocumentState.READY, replace(JOB, kind=JobKind.RECHUNK), ["pause", "delete"]),
        (DocumentState.READY, None, ["delete"]),
        (DocumentState.FAILED, replace(JOB, kind=JobKind.CLEAR), ["retry", "delete"]),
        (DocumentState.CANCELLED, None, ["retry", "delete"]),
        (DocumentState.DELETING, replace(JOB, kind=JobKind.DELETE), []),
    ],
)
def test_only_what_works_now_can_be_pressed(
    state: DocumentState, job: JobStatus | None, acts: list[str]
) -> None:
    markup = render_work.acts(replace(DOCUMENT, state=state), job, EN)
    assert pressed(markup) == acts
    assert re.findall(r'class="danger" data-act="([^"]+)"', markup) == [
        act for act in acts if act == "delete"
    ]


@pytest.mark.parametrize(
    ("status", "shown", "acts"),
    [
        (QueueStatus(), "", []),
        (
            QueueStatus(queued=4, running=1, chunks_per_second=2.5, seconds_left=7200),
            "5 to import · 2.5 passages a second · about 2 h left",
            ["pause-all"],
        ),
        (
            QueueStatus(paused=True, queued=5, chunks_per_second=2.5, seconds_left=7200),
            "5 to import · All imports are paused.",
            ["resume-all"],
        ),
        (QueueStatus(paused=True), "All imports are paused.", ["resume-all"]),
        (QueueStatus(paused_jobs=1), "1 to import", ["resume-all", "pause-all"]),
        (QueueStatus(failed=3), "", ["retry-failed"]),
    ],
)
def test_the_line_of_all_imports(status: QueueStatus, shown: str, acts: list[str]) -> None:
    markup = render_work.queue(status, EN)
    assert words(re.sub(r"<button.*?</button>", "", markup)) == shown
    assert pressed(markup) == acts
    assert bool(markup) == bool(shown or acts)


def test_what_holds_all_imports_up_is_said() -> None:
    assert "The disk is full." in words(
        render_work.queue(QueueStatus(queued=1, reason="The disk is full."), EN)
    )
