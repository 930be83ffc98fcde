"""The activity -> markup: work under way, notices, and the log of requests. Like ``render``, one line each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape

from kb.text.document_names import shown_name
from kb.types import (
    EXTRACTIVE,
    Document,
    JobStatus,
    LoggedRequest,
    QueueStatus,
    RequestKind,
    RequestStatus,
    StoredNotice,
)
from kb.web.page.activity.render_plots import middle_and_slow, milliseconds
from kb.web.page.format import duration, local_time
from kb.web.page.library import render as render_library
from kb.web.page.library import render_work
from kb.web.page.markup import one_line
from kb.web.page.settings.render_setting import select
from kb.web.page.strings import Strings
from kb.web.page.words.activity import ActivityWords

_SHOWN = 160
"""Characters of what was asked."""
_HASH = "sha256:"
"""Begins what stands for a text that the log does not keep."""
_HASH_SHOWN = 19
"""Of such a one: enough to see whether two are the same."""


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """What the screen shows."""

    queue: QueueStatus
    jobs: Sequence[JobStatus]
    documents: Mapping[str, Document]
    """Those of the jobs, by their ids."""
    warnings: Sequence[str]
    notices: Sequence[StoredNotice]
    requests: Sequence[LoggedRequest]
    older: int | None
    """The cursor of the next page; None on the last one."""
    is_newest: bool
    kind: str = ""
    status: str = ""


def frame(words: ActivityWords) -> str:
    """Returns the element that the page's script fills."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    return one_line(f'<footnote-activity class="activity settings" data-words="{said}"></footnote-activity>')


def activity(page: ActivityPage, words: ActivityWords, strings: Strings) -> str:
    """Returns the whole screen."""
    notices = render_library.notices(page.warnings, page.notices, strings)
    return one_line(
        f'<h1>{escape(words.title)}</h1><div class="notices">{notices}</div>'
        f'<section aria-labelledby="head-now"><h2 id="head-now">{escape(words.now)}</h2>'
        f"{_work(page, words, strings)}</section>"
        f'<section data-plots aria-label="{escape(words.plots)}"></section>'
        f'<section aria-labelledby="head-log"><h2 id="head-log">{escape(words.log)}</h2>'
        f'<p class="hint">{escape(words.log_hint)}</p>{_bar(page, words)}{_log(page, words)}</section>'
    )


def _work(page: ActivityPage, words: ActivityWords, strings: Strings) -> str:
    queue = page.queue
    if not queue.unfinished:
        return f'<p class="hint">{escape(words.nothing)}</p>'
    held = queue.waiting + queue.paused_jobs
    said = [words.summary.format(running=queue.running, queued=queue.queued, held=held, failed=queue.failed)]
    said += [words.paused] if queue.paused else []
    said += [strings.said(queue.reason)] if queue.reason else []
    if queue.seconds_left is not None:
        said.append(words.left.format(time=duration(queue.seconds_left, strings)))
    rows = "".join(_job(job, page.documents.get(job.document_id), strings) for job in page.jobs)
    return f'<p>{escape(" · ".join(said))}</p><ul class="jobs">{rows}</ul>'


def _job(job: JobStatus, document: Document | None, strings: Strings) -> str:
    if document is None:
        return ""
    reason = render_work.reason(document, job, strings)
    said = f'<p class="hint">{escape(reason)}</p>' if reason else ""
    return (
        f'<li class="is-{document.state.value}"><bdi>{escape(shown_name(document.name))}</bdi> '
        f'<span class="state">{render_work.state(document, job, strings)}</span>{said}</li>'
    )


def _bar(page: ActivityPage, words: ActivityWords) -> str:
    kinds = [("", words.all_kinds), *((kind.value, words.of("kind", kind)) for kind in RequestKind)]
    ends = [("", words.every_end), *((end.value, words.of("status", end)) for end in RequestStatus)]
    by_kind = select(f'data-narrow="kind" aria-label="{escape(words.narrow_kind)}"', kinds, page.kind)
    by_end = select(f'data-narrow="status" aria-label="{escape(words.narrow_end)}"', ends, page.status)
    return (
        f'<div class="narrow">{by_kind}{by_end}<a class="button" href="/api/log/export?format=csv" download>'
        f"{escape(words.export)}</a></div>"
    )


def _log(page: ActivityPage, words: ActivityWords) -> str:
    if not page.requests:
        return f'<p class="hint">{escape(words.log_empty)}</p>'
    heads = "".join(
        f'<th scope="col"{" class=number" if name in ("tokens", "ms") else ""}>{escape(words.of("head", name))}</th>'
        for name in ("time", "kind", "origin", "model", "text", "tokens", "ms", "end")
    )
    rows = "".join(_request(each, words) for each in page.requests)
    older = (
        ""
        if page.older is None
        else f'<button type="button" data-before="{page.older}">{escape(words.older)}</button>'
    )
    newest = "" if page.is_newest else f'<button type="button" data-before="">{escape(words.newest)}</button>'
    return (
        f"{_took(page.requests, words)}"
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(words.log)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<nav class="pager">{newest}{older}</nav>'
    )


def _request(each: LoggedRequest, words: ActivityWords) -> str:
    tokens = " / ".join(f"{count:,}" for count in (each.tokens, each.tokens_written) if count is not None)
    most = _HASH_SHOWN if each.text.startswith(_HASH) else _SHOWN
    text = each.text if len(each.text) <= most else f"{each.text[:most]}…"
    model = words.quotes if each.model == EXTRACTIVE else each.model
    end = " ".join(filter(None, (words.of("status", each.status), each.reason)))
    origin = " ".join(filter(None, (words.of("origin", each.origin), each.key)))
    return (
        f'<tr class="is-{escape(each.status)}"><td><time datetime="{escape(each.time)}">'
        f"{escape(local_time(each.time))}</time></td><td>{escape(words.of('kind', each.kind))}</td>"
        f"<td>{escape(origin)}</td><td>{escape(model)}</td><td><bdi>{escape(text)}</bdi></td>"
        f'<td class="number">{tokens}</td><td class="number">{milliseconds(each.queued_ms + each.ms)}</td>'
        f"<td>{escape(end)}</td></tr>"
    )


def _took(requests: Sequence[LoggedRequest], words: ActivityWords) -> str:
    """Returns bars of the median and the 95th percentile of each kind, on one scale."""
    times: dict[str, list[float]] = {}
    for each in requests:
        times.setdefault(each.kind, []).append(each.queued_ms + each.ms)
    spans = {kind: middle_and_slow(took) for kind, took in times.items()}
    longest = max(slow for _, slow in spans.values()) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{escape(words.of("kind", kind))}</th>'
        f'<td class="number">{milliseconds(middle)}</td><td class="number">{milliseconds(slow)}</td>'
        f'<td class="bar" aria-hidden="true"><span style="width: {100 * slow / longest:.1f}%">'
        f'<i style="width: {100 * middle / (slow or 1.0):.1f}%"></i></span></td></tr>'
        for kind, (middle, slow) in spans.items()
    )
    hint = escape(words.took_hint)
    return f'<h3>{escape(words.took)}</h3><p class="hint">{hint}</p><table class="took">{rows}</table>'
