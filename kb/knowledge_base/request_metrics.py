"""Counts the requests of a process, in the form that Prometheus reads."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kb.types import LoggedRequest

_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper bounds of the histogram: from the embedding of a question to a summary of a long document on a CPU."""
_MOST_SERIES = 500
"""Combinations of labels; whoever asks names the model, and a name nobody has must not fill the memory."""

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Latencies:
    """A histogram of seconds."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(_BOUNDS_S, seconds)] += 1
        self.total_s += seconds


class RequestMetrics:
    """Since this process began; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Labels] = Counter()
        self._tokens: Counter[Labels] = Counter()
        self._worked: dict[Labels, _Latencies] = {}
        self._queued: Counter[Labels] = Counter()
        self._lost = 0

    def count(self, request: LoggedRequest) -> None:
        kind: Labels = (("kind", request.kind),)
        with self._lock:
            full = len(self._counts) >= _MOST_SERIES
            labels = self._labels(request, "other" if full else request.model)
            self._counts[labels] += 1
            self._tokens[(*kind, ("direction", "read"))] += request.tokens or 0
            self._tokens[(*kind, ("direction", "written"))] += request.tokens_written or 0
            self._worked.setdefault(kind, _Latencies()).add(request.ms / 1000)
            self._queued[kind] += round(request.queued_ms)

    def lose(self, count: int) -> None:
        """Counts requests that could not be kept in the log."""
        with self._lock:
            self._lost += count

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Returns all of it in Prometheus' text format; ``gauges``: name -> (what it is, its value now)."""
        with self._lock:
            return "\n".join([*self._lines(), *_gauge_lines(gauges), ""])

    def _labels(self, request: LoggedRequest, model: str) -> Labels:
        return (
            ("kind", request.kind),
            ("origin", request.origin),
            ("model", model),
            ("status", request.status),
        )

    def _lines(self) -> Iterator[str]:
        yield from _family("footnote_requests_total", "counter", "Requests that ended.", self._counts)
        yield from _family("footnote_tokens_total", "counter", "Tokens of requests.", self._tokens)
        seconds = {labels: ms / 1000 for labels, ms in self._queued.items()}
        yield from _family(
            "footnote_request_queued_seconds_total", "counter", "Time that requests waited.", seconds
        )
        yield from _family(
            "footnote_log_lost_total", "counter", "Requests that are not in the log.", {(): self._lost}
        )
        name = "footnote_request_seconds"
        yield f"# HELP {name} Time that requests were worked on."
        yield f"# TYPE {name} histogram"
        for labels, found in sorted(self._worked.items()):
            so_far = 0
            for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), found.buckets, strict=True):
                so_far += count
                yield f"{name}_bucket{_written((*labels, ('le', bound)))} {so_far}"
            yield f"{name}_sum{_written(labels)} {found.total_s:.6f}"
            yield f"{name}_count{_written(labels)} {so_far}"


def _family(name: str, kind: str, text: str, values: Mapping[Labels, float]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in sorted(values.items()):
        yield f"{name}{_written(labels)} {value:.15g}"


def _gauge_lines(gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
    for name, (text, value) in gauges.items():
        yield from _family(name, "gauge", text, {(): value})


def _written(labels: Iterable[tuple[str, str]]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
