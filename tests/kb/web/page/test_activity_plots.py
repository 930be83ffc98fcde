"""The log of requests over time: counted, timed, and what failed, in stretches up to now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kb.types import RequestPoint
from kb.web.page.activity.render_plots import SPANS, plots
from kb.web.page.activity.time_plots import Axis, Bar, Dot, bars, lines, round_above
from kb.web.page.words.activity import EN, ZH, ActivityWords

NOW = datetime(2026, 3, 1, 14, 25, tzinfo=timezone(timedelta(hours=8)))


def point(minutes_ago: float, ms: float = 100, *, kind: str = "answer", status: str = "ok") -> RequestPoint:
    """As the log writes it: in UTC."""
    ended = (NOW - timedelta(minutes=minutes_ago)).astimezone(UTC)
    return RequestPoint(ended.isoformat(timespec="milliseconds"), kind, status, ms)


@pytest.mark.parametrize("span", SPANS)
def test_the_last_stretch_holds_now_and_all_begin_at_round_times(span: str) -> None:
    chosen = SPANS[span]
    begin = chosen.begin(NOW)
    last = begin + (chosen.count - 1) * chosen.stretch
    assert last <= NOW < last + chosen.stretch
    assert (last.hour * 60 + last.minute) % min(1440, chosen.stretch // timedelta(minutes=1)) == 0


@pytest.mark.parametrize("words", [EN, ZH])
def test_requests_are_counted_timed_and_failures_told(words: ActivityWords) -> None:
    found = [
        *(point(3, ms) for ms in (100, 200, 300)),
        point(70, 900, status="failed"),
        point(70, 900, status="cancelled"),
        point(3, 5, kind="embedding"),
        point(60 * 30),  # before the first stretch
    ]
    shown = plots(found, words, span="day", now=NOW, most=100)
    assert words.counted.format(count="6") in shown
    assert words.failures.format(failed="1", stopped="1") in shown
    assert words.took_over.format(kind=words.kind_answer) in shown
    assert "14:00: 4" in shown, "in the time of this machine"
    assert "13:00: 2" in shown
    assert "14:00: 200 ms, 290 ms" in shown
    assert shown.count("<svg") == 3
    assert words.span_cut.format(count=7) in plots(found, words, span="day", now=NOW, most=7)


def test_where_no_answer_was_asked_for_what_is_most_is_timed_and_nothing_says_so() -> None:
    found = [point(1, kind="embedding"), point(1, kind="embedding"), point(1, kind="retrieval")]
    assert EN.took_over.format(kind=EN.kind_embedding) in plots(found, EN, span="hour", now=NOW, most=9)
    assert EN.span_empty in plots([], EN, span="month", now=NOW, most=9)
    assert EN.span_empty in plots([point(120)], EN, span="hour", now=NOW, most=9)


def test_bars_stand_on_each_other_and_a_line_is_broken_where_nothing_is() -> None:
    axis = Axis(["a", "b", "c", "d"])
    drawn = bars([Bar((1, 3), "<b>"), Bar((0, 0), "none")], ("is-failed", "is-stopped"), axis, label="x")
    (low, lower), (high, higher) = (
        (float(y), float(height)) for y, height in re.findall(r'y="([\d.]+)" height="([\d.]+)"', drawn)
    )
    assert high + higher == pytest.approx(low)
    assert higher == pytest.approx(3 * lower)
    assert "&lt;b&gt;" in drawn
    assert "none" not in drawn
    (path,) = re.findall(
        r'd="([^"]+)"', lines([("is-slow", [Dot(n, n, "") for n in (0, 1, 3)])], axis, label="x")
    )
    assert [letter for letter in path if letter.isalpha()] == ["M", "L", "M"]


def test_a_scale_ends_at_a_round_number() -> None:
    assert [round_above(value) for value in (0, 2, 3, 10, 11, 501, 9999)] == [2, 2, 5, 10, 20, 1000, 10000]
