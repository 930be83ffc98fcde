"""The log of requests over time -> markup: how many, how long they took, and how many failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from statistics import quantiles

from kb.types import RequestKind, RequestPoint, RequestStatus
from kb.web.page.activity.time_plots import Axis, Bar, Dot, bars, lines
from kb.web.page.markup import one_line
from kb.web.page.settings.render_setting import select
from kb.web.page.words.activity import ActivityWords

_TWENTIETHS = 20


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time up to now, and the stretches into which it is cut."""

    stretch: timedelta
    count: int
    written: str
    """How the beginning of a stretch is written, for ``strftime``."""

    def begin(self, now: datetime) -> datetime:
        """Returns when the first stretch begins: at a round time, so that the last one holds ``now``."""
        if self.stretch >= timedelta(days=1):
            last = now.replace(hour=0, minute=0, second=0, microsecond=0)
        else:
            day = now.replace(hour=0, minute=0, second=0, microsecond=0)
            last = day + (now - day) // self.stretch * self.stretch
        return last - (self.count - 1) * self.stretch


SPANS = {
    "hour": Span(timedelta(minutes=2), 30, "%H:%M"),
    "day": Span(timedelta(hours=1), 24, "%H:%M"),
    "month": Span(timedelta(days=1), 30, "%m-%d"),
}


@dataclass(slots=True)
class _Stretch:
    label: str
    ended: dict[str, int] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)


def plots(
    points: Sequence[RequestPoint], words: ActivityWords, *, span: str, now: datetime, most: int
) -> str:
    """Returns three plots of the requests within ``span`` of ``SPANS``, up to ``now``, which has a time zone.

    ``most`` is how many ``points`` were asked for: where there are so many, older ones are missing.
    """
    chosen = SPANS[span]
    stretches = _sorted(points, chosen, now)
    choice = select(
        f'data-span aria-label="{escape(words.span)}"',
        [(name, words.of("span", name)) for name in SPANS],
        span,
    )
    head = f'<div class="narrow"><h3>{escape(words.plots)}</h3>{choice}</div>'
    if not any(each.ended for each in stretches):
        return one_line(f'{head}<p class="hint">{escape(words.span_empty)}</p>')
    cut = f'<p class="hint">{escape(words.span_cut.format(count=most))}</p>' if len(points) >= most else ""
    return one_line(
        f'{head}<div class="plots">{_counted(stretches, words)}{_took(stretches, words)}'
        f"{_failed(stretches, words)}</div>{cut}"
    )


def _sorted(points: Sequence[RequestPoint], span: Span, now: datetime) -> list[_Stretch]:
    begin = span.begin(now)
    stretches = [_Stretch((begin + at * span.stretch).strftime(span.written)) for at in range(span.count)]
    for point in points:
        at = (datetime.fromisoformat(point.time) - begin) // span.stretch
        if 0 <= at < span.count:
            found = stretches[at]
            found.ended[point.status] = found.ended.get(point.status, 0) + 1
            found.took.setdefault(point.kind, []).append(point.ms)
    return stretches


def _counted(stretches: Sequence[_Stretch], words: ActivityWords) -> str:
    found = [
        Bar((sum(each.ended.values()),), f"{each.label}: {sum(each.ended.values())}") for each in stretches
    ]
    total = sum(bar.counts[0] for bar in found)
    label = words.counted.format(count=f"{total:,}")
    return _figure(label, bars(found, ("is-done",), _axis(stretches), label=label))


def _failed(stretches: Sequence[_Stretch], words: ActivityWords) -> str:
    ends = (RequestStatus.FAILED, RequestStatus.CANCELLED)
    found = []
    for each in stretches:
        counts = [each.ended.get(end, 0) for end in ends]
        said = ", ".join(
            f"{words.of('status', end)} {count}" for end, count in zip(ends, counts, strict=True)
        )
        found.append(Bar(counts, f"{each.label}: {said}"))
    failed, stopped = (sum(bar.counts[place] for bar in found) for place in range(2))
    label = words.failures.format(failed=f"{failed:,}", stopped=f"{stopped:,}")
    return _figure(label, bars(found, ("is-failed", "is-stopped"), _axis(stretches), label=label))


def _took(stretches: Sequence[_Stretch], words: ActivityWords) -> str:
    """Returns the median and the 95th percentile of one kind: of answers where there are any, else of what is most."""
    counts: dict[str, int] = {}
    for each in stretches:
        for kind, took in each.took.items():
            counts[kind] = counts.get(kind, 0) + len(took)
    kind = RequestKind.ANSWER if RequestKind.ANSWER in counts else max(counts, key=lambda name: counts[name])
    half, most = [], []
    for at, each in enumerate(stretches):
        if kind in each.took:
            middle, slow = middle_and_slow(each.took[kind])
            said = f"{each.label}: {milliseconds(middle)}, {milliseconds(slow)}"
            half.append(Dot(at, middle, said))
            most.append(Dot(at, slow, said))
    label = words.took_over.format(kind=words.of("kind", kind))
    found = [("is-slow", most), ("is-middle", half)]
    return _figure(label, lines(found, _axis(stretches, of_time=True), label=label))


def _axis(stretches: Sequence[_Stretch], *, of_time: bool = False) -> Axis:
    labels = [each.label for each in stretches]
    return Axis(labels, _short) if of_time else Axis(labels)


def _short(count: float) -> str:
    """Returns a round number of milliseconds in as few characters as it can have."""
    return f"{count:g} ms" if count < 1000 else f"{count / 1000:g} s"


def _figure(label: str, plot: str) -> str:
    return f"<figure><figcaption>{escape(label)}</figcaption>{plot}</figure>"


def middle_and_slow(times: Sequence[float]) -> tuple[float, float]:
    """Returns the median and the 95th percentile of at least one number."""
    if len(times) == 1:
        return times[0], times[0]
    cuts = quantiles(times, n=_TWENTIETHS, method="inclusive")
    return cuts[_TWENTIETHS // 2 - 1], cuts[-1]


def milliseconds(count: float) -> str:
    """Returns a length of time in milliseconds, or in seconds where that is shorter to read."""
    return f"{count:,.0f} ms" if count < 10_000 else f"{count / 1000:,.1f} s"
