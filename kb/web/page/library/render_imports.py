"""All imports together -> markup: one strip, which opens to the queue and to what needs somebody's attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from kb.text.document_names import shown_name
from kb.types import Cause, Document, JobState, JobStatus, QueueStatus
from kb.web.page.format import duration, with_commands
from kb.web.page.library import render_work
from kb.web.page.library.render import Say
from kb.web.page.markup import one_line


@dataclass(frozen=True, slots=True)
class Imports:
    """What the strip shows."""

    queue: QueueStatus = field(default_factory=QueueStatus)
    jobs: Sequence[JobStatus] = ()
    """Those under way first; None are needed while the queue is not open."""
    documents: Mapping[str, Document] = field(default_factory=dict)
    causes: Sequence[Cause] = ()
    is_open: bool = False


def strip(imports: Imports, say: Say) -> str:
    """Returns the strip; nothing while nothing is imported and nothing failed."""
    queue = imports.queue
    busy = bool(queue.unfinished or queue.paused)
    if not busy and not queue.failed:
        return ""
    line = _line(queue, say)
    shown = say.words.hide if imports.is_open else say.words.show
    buttons = [_button("work-open", shown, f' aria-expanded="{str(imports.is_open).lower()}"')]
    if queue.paused or queue.paused_jobs:
        buttons.append(_button("resume-all", say.strings.resume_all))
    if queue.unfinished and not queue.paused:
        buttons.append(_button("pause-all", say.strings.pause_all))
    held_up = (
        f'<p class="held-up">{with_commands(say.strings.said(queue.reason))}</p>' if queue.reason else ""
    )
    opened = _opened(imports, say) if imports.is_open else ""
    return one_line(
        f'<div class="work-line{" is-busy" if queue.running else ""}"><span class="said">{line}</span>'
        f"{''.join(buttons)}</div>{held_up}{opened}"
    )


def _line(queue: QueueStatus, say: Say) -> str:
    said = []
    if queue.unfinished:
        said.append(
            say.words.work_left.format(running=queue.running, queued=queue.unfinished - queue.running)
        )
        if queue.chunks_per_second and not queue.paused:
            said.append(say.strings.speed.format(speed=f"{queue.chunks_per_second:.1f}"))
        if queue.seconds_left and not queue.paused:
            said.append(say.strings.time_left.format(time=duration(queue.seconds_left, say.strings)))
    if queue.paused:
        said.append(say.strings.all_paused)
    line = escape(" · ".join(said))
    if queue.failed:
        one = queue.failed == 1
        needs = say.words.attention_one if one else say.words.attention_many.format(count=queue.failed)
        line += f'{" · " if said else ""}<strong class="needs">{escape(needs)}</strong>'
    return line


def _opened(imports: Imports, say: Say) -> str:
    rows = "".join(
        _queued(imports.documents[job.document_id], job, say)
        for job in imports.jobs
        if job.document_id in imports.documents
    )
    more = imports.queue.unfinished - len(imports.jobs)
    rest = f'<li class="rest">{escape(say.words.queue_more.format(count=more))}</li>' if more > 0 else ""
    queue = f'<ol class="queue">{rows}{rest}</ol>' if rows else ""
    found = "".join(_cause(cause, say) for cause in imports.causes)
    causes = f'<ul class="causes">{found}</ul>' if found else ""
    return f'<div class="work-open">{queue}{causes}</div>'


def _queued(document: Document, job: JobStatus, say: Say) -> str:
    name = escape(shown_name(document.name))
    act = "resume" if job.state is JobState.PAUSED else "pause"
    label = say.words.resume if act == "resume" else say.words.pause
    return (
        f'<li data-document="{escape(document.id)}" class="is-{document.state.value}"><bdi>{name}</bdi>'
        f'<span class="state">{render_work.state(document, job, say.strings)}</span>'
        f"{_named_button(act, label, name)}{_named_button('cancel', say.words.cancel_import, name)}</li>"
    )


def _cause(cause: Cause, say: Say) -> str:
    count = say.words.cause_count.format(count=cause.count)
    several = f"<strong>{escape(count)}</strong> " if cause.count > 1 else ""
    retry = _button("retry-cause", say.words.retry) if cause.retry_helps else ""
    names = _examples(cause, say)
    return (
        f'<li data-cause="{escape(cause.key)}"><p>{several}{with_commands(say.strings.said(cause.reason))}</p>'
        f"{names}{_button('show-cause', say.words.show_documents)}{retry}</li>"
    )


def _examples(cause: Cause, say: Say) -> str:
    """Returns the names of some documents; nothing where the sentence names the only one."""
    if cause.count == 1 and any(name in cause.reason for name in cause.examples):
        return ""
    examples = " · ".join(f"<bdi>{escape(shown_name(name))}</bdi>" for name in cause.examples)
    others = cause.count - len(cause.examples)
    rest = f" {escape(say.words.and_others.format(count=others))}" if others > 0 else ""
    return f'<p class="fine">{examples}{rest}</p>'


def _named_button(act: str, label: str, name: str) -> str:
    """Returns a button that says which document it is about to who cannot see where it stands."""
    return _button(act, label, f' aria-label="{escape(label)}: {name}"')


def _button(act: str, text: str, attributes: str = "") -> str:
    return f'<button type="button" data-act="{act}"{attributes}>{escape(text)}</button>'
