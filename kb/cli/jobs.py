"""``jobs``, ``pause``, ``resume``, ``cancel`` and ``retry``: imports under way, and a person's actions on them.

They write to the database, where the worker of a running app notices within a fifth of a second.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from kb.cli.common import Commands, Wiring, json_option, opened
from kb.cli.output import print_json, say
from kb.errors import BadInput
from kb.types import OWNER, Document, JobStatus, QueueStatus

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_SHOWN = 50


def register(commands: Commands) -> None:
    json_option(commands.add("jobs", _jobs, "show imports and deletions: place, progress, speed, time left"))
    pause = commands.add("pause", _pause, "pause imports: those named, or all")
    resume = commands.add("resume", _resume, "let paused imports go on: those named, or all")
    for command in (pause, resume):
        command.add_argument("ids", nargs="*", metavar="ID")
    cancel = commands.add("cancel", _cancel, "end imports; an older version of the document stays")
    cancel.add_argument("ids", nargs="+", metavar="ID")
    retry = commands.add("retry", _retry, "queue failed or cancelled imports once more")
    retry.add_argument("ids", nargs="*", metavar="ID")
    retry.add_argument("--failed", action="store_true", help="all that failed")


def _jobs(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        queue = kb.jobs.queue(caller=OWNER)
        jobs = kb.jobs.all(caller=OWNER, limit=-1 if options.json else _SHOWN)
        found = kb.library.existing((job.document_id for job in jobs), caller=OWNER)
        documents = {document.id: document for document in found}
    if options.json:
        print_json({"queue": asdict(queue), "jobs": [_job_json(job, documents) for job in jobs]})
        return 0
    for job in jobs:
        if job.document_id in documents:
            say(_line(job, documents[job.document_id]))
    _print_queue(queue, hidden=queue.unfinished - len(jobs))
    return 0


def _job_json(job: JobStatus, documents: dict[str, Document]) -> dict[str, object]:
    document = documents.get(job.document_id)
    extent = ("name", "pages", "pages_done", "chunks", "chunks_done")
    return {**asdict(job), **{name: getattr(document, name, None) for name in extent}}


def _line(job: JobStatus, document: Document) -> str:
    doing = f"place {job.position}" if job.position else job.kind if job.kind != "import" else document.state
    done = f"{document.chunks_done}/{document.chunks} passages" if document.chunks else ""
    left = f"about {job.seconds_left:.0f} s left" if job.seconds_left else ""
    notes = "  ".join(note for note in (done, left, job.reason or "") if note)
    return f"{document.id}  {job.state:<8}  {doing:<10}  {document.name}  {notes}".rstrip()


def _print_queue(queue: QueueStatus, *, hidden: int) -> None:
    if hidden > 0:
        say(f"... and {hidden} more")
    if queue.paused:
        say("All imports are paused; app.py resume lets them go on.")
    if queue.reason:
        say(queue.reason)
    speed = f", {queue.chunks_per_second:.1f} passages/s" if queue.chunks_per_second else ""
    left = f", about {queue.seconds_left:.0f} s left" if queue.seconds_left else ""
    say(f"{queue.unfinished} to import{speed}{left}; {queue.failed} failed")


def _pause(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        for document_id in options.ids:
            kb.jobs.pause(document_id, caller=OWNER)
        if not options.ids:
            kb.jobs.pause_all(caller=OWNER)
    say(f"Paused {len(options.ids) or 'all imports'}.")
    return 0


def _resume(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        for document_id in options.ids:
            kb.jobs.resume(document_id, caller=OWNER)
        if not options.ids:
            kb.jobs.resume_all(caller=OWNER)
        note = _who_imports(kb)
    say(f"Resumed {len(options.ids) or 'all imports'}.{note}")
    return 0


def _cancel(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        for document_id in options.ids:
            kb.jobs.cancel(document_id, caller=OWNER)
    say(f"Cancelled {len(options.ids)}.")
    return 0


def _retry(options: argparse.Namespace, wiring: Wiring) -> int:
    if bool(options.ids) == options.failed:
        raise BadInput("Name documents to try again, or give --failed for all that failed.")
    with opened(options, wiring) as kb:
        for document_id in options.ids:
            kb.jobs.retry(document_id, caller=OWNER)
        count = kb.jobs.retry_failed(caller=OWNER) if options.failed else len(options.ids)
        note = _who_imports(kb)
    say(f"Queued {count} once more.{note}")
    return 0


def _who_imports(kb: KnowledgeBase) -> str:
    return "" if kb.maintenance.is_held() else " They are imported as soon as the app runs."
