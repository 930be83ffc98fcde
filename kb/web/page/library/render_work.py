"""How far the work on a document is, and what can be done with it now."""

from __future__ import annotations

from html import escape

from kb.types import Document, DocumentState, JobKind, JobState, JobStatus
from kb.web.page.format import duration
from kb.web.page.strings import Strings

IMPORTING = (JobKind.IMPORT, JobKind.EMBED, JobKind.RECHUNK)
"""What can be paused."""


def state(document: Document, status: JobStatus | None, strings: Strings, *, with_pages: bool = True) -> str:
    """Returns the progress of a document's job: place, pages, passages, time left.

    ``with_pages`` where there is room for them: passages tell the same more exactly.
    """
    word = f'<span class="dot"></span>{escape(_word(document, status, strings))}'
    notes = " · ".join(_notes(document, status, strings, with_pages=with_pages))
    shown = f"{word} <span class='of'>{escape(notes)}</span>" if notes else word
    if document.state is not DocumentState.EMBEDDING or not document.chunks:
        return shown
    return f'{shown}<progress max="{document.chunks}" value="{document.chunks_done}"></progress>'


def reason(document: Document, status: JobStatus | None, strings: Strings) -> str | None:
    """Returns the sentence below a document: why it waits, else why it failed or what it lacks."""
    stored = (status.reason if status else None) or document.reason
    return strings.said(stored) if stored else None


def acts(document: Document, status: JobStatus | None) -> list[str]:
    """Returns what can be done with a document now, in the order of its menu."""
    if document.state is DocumentState.DELETING:
        return []
    possible = ["open", "download", "tag", "move"]
    if document.state is DocumentState.READY:
        possible.append("leave_out" if document.searchable else "take_in")
        if status is None:
            possible.append("read_again")
    if status is not None and status.kind in IMPORTING:
        possible.append("resume" if status.state is JobState.PAUSED else "pause")
        if status.state is JobState.WAITING:
            possible.append("retry")
        if status.kind is JobKind.IMPORT:
            possible.append("cancel")
    if document.state is DocumentState.CANCELLED or _may_succeed(document):
        possible.append("retry")
    return [*possible, "remove"]


def _may_succeed(document: Document) -> bool:
    """Returns whether a failed import may work the next time."""
    return document.state is DocumentState.FAILED and not document.unreadable


def _word(document: Document, status: JobStatus | None, strings: Strings) -> str:
    if status is not None and status.kind is not JobKind.CLEAR:
        if status.state is JobState.PAUSED:
            return strings.job_paused
        if status.state is JobState.WAITING:
            return strings.job_waiting
    if document.state is DocumentState.READY and not document.searchable:
        return strings.left_out
    return strings.state_name(document.state)


def _notes(document: Document, status: JobStatus | None, strings: Strings, *, with_pages: bool) -> list[str]:
    notes = []
    if status is not None and status.position is not None:
        notes.append(strings.place.format(position=status.position))
    if document.state is DocumentState.EMBEDDING and document.chunks:
        if document.pages and with_pages:
            notes.append(strings.pages_done.format(done=document.pages_done, pages=document.pages))
        notes.append(
            strings.passages_done.format(done=f"{document.chunks_done:,}", total=f"{document.chunks:,}")
        )
    if status is not None and status.seconds_left:
        notes.append(strings.time_left.format(time=duration(status.seconds_left, strings)))
    return notes
