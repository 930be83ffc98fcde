"""The part of ``render_library.py`` that shows how far imports are, and the buttons that act on them."""

from __future__ import annotations

from html import escape

from kb.types import Document, DocumentState, JobKind, JobState, JobStatus, QueueStatus
from kb.web.page.format import duration
from kb.web.page.strings import Strings


def state(document: Document, status: JobStatus | None, strings: Strings) -> str:
    """Returns the progress of a document's job: place, pages, passages, time left."""
    word = f'<span class="dot"></span>{escape(_word(document, status, strings))}'
    notes = " · ".join(_notes(document, status, strings))
    shown = f"{word} <span class='of'>{escape(notes)}</span>" if notes else word
    if document.state is not DocumentState.EMBEDDING or not document.chunks:
        return shown
    return f'{shown}<progress max="{document.chunks}" value="{document.chunks_done}"></progress>'


def reason(document: Document, status: JobStatus | None) -> str | None:
    """Returns the sentence below a document: why it waits, else why it failed or what it lacks."""
    return (status.reason if status else None) or document.reason


def acts(document: Document, status: JobStatus | None, strings: Strings) -> str:
    """Returns the buttons that can be pressed for a document now."""
    if document.state is DocumentState.DELETING:
        return ""
    wanted = []
    if status is not None and status.kind in (JobKind.IMPORT, JobKind.EMBED, JobKind.RECHUNK):
        wanted.append(
            ("resume", strings.resume) if status.state is JobState.PAUSED else ("pause", strings.pause)
        )
        if status.state is JobState.WAITING:
            wanted.append(("retry", strings.retry))
        if status.kind is JobKind.IMPORT:
            wanted.append(("cancel", strings.cancel))
    if document.state in (DocumentState.FAILED, DocumentState.CANCELLED):
        wanted.append(("retry", strings.retry))
    buttons = "".join(_button(act, text) for act, text in wanted)
    return buttons + _button("delete", strings.delete, danger=True)


def queue(status: QueueStatus, strings: Strings) -> str:
    """Returns all imports in a line: how many, how fast, how long; pause, resume, and retry all failed."""
    said, buttons = [], []
    if status.unfinished:
        said.append(strings.imports_left.format(count=status.unfinished))
        if status.chunks_per_second and not status.paused:
            said.append(strings.speed.format(speed=f"{status.chunks_per_second:.1f}"))
        if status.seconds_left and not status.paused:
            said.append(strings.time_left.format(time=duration(status.seconds_left, strings)))
    if status.paused:
        said.append(strings.all_paused)
    if status.paused or status.paused_jobs:
        buttons.append(_button("resume-all", strings.resume_all))
    if status.unfinished and not status.paused:
        buttons.append(_button("pause-all", strings.pause_all))
    if status.failed:
        buttons.append(_button("retry-failed", strings.retry_failed.format(count=status.failed)))
    if not said and not buttons:
        return ""
    held_up = f'<span class="held-up">{escape(status.reason)}</span>' if status.reason else ""
    words = f"<span>{escape(' · '.join(said))}</span>" if said else ""
    return f'<div class="bar work">{words}{"".join(buttons)}{held_up}</div>'


def _word(document: Document, status: JobStatus | None, strings: Strings) -> str:
    if status is not None and status.kind is not JobKind.CLEAR:
        if status.state is JobState.PAUSED:
            return strings.job_paused
        if status.state is JobState.WAITING:
            return strings.job_waiting
    if document.state is DocumentState.READY and not document.searchable:
        return strings.left_out
    return strings.state_name(document.state)


def _notes(document: Document, status: JobStatus | None, strings: Strings) -> list[str]:
    notes = []
    if status is not None and status.position is not None:
        notes.append(strings.place.format(position=status.position))
    if document.state is DocumentState.EMBEDDING and document.chunks:
        if document.pages:
            notes.append(strings.pages_done.format(done=document.pages_done, pages=document.pages))
        notes.append(f"{document.chunks_done} / {document.chunks}")
    if status is not None and status.seconds_left:
        notes.append(strings.time_left.format(time=duration(status.seconds_left, strings)))
    return notes


def _button(act: str, text: str, *, danger: bool = False) -> str:
    kind = ' class="danger"' if danger else ""
    return f'<button type="button"{kind} data-act="{act}">{escape(text)}</button>'
