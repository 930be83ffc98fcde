"""A share of ``python -m tests.crash``, and the proof that it would see a fault."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.crash import faults
from tests.crash.run import Plan, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def test_nothing_acknowledged_is_lost_whenever_the_app_is_killed(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "home", kills=16, seed=7, longest_work=0.5, longest_start=1.0)
    outcome = run(plan, report=lambda _: None)
    assert outcome.violations == []
    assert outcome.kills == 16
    # the kills hit an app at work, even where other tests take most of the machine
    assert outcome.counts.added > 5
    assert outcome.counts.replaced + outcome.counts.removed > 1
    assert outcome.counts.in_doubt > 0


@pytest.mark.parametrize(
    ("unsafe", "kind", "resting"),
    [("commit-later", "lost", 0.0), ("delete-later", "resurrected", 0.0), ("leave-files", "orphan", 1.0)],
)
def test_the_harness_sees_an_app_that_breaks_its_promise(
    unsafe: str, kind: str, resting: float, tmp_path: Path
) -> None:
    plan = Plan(tmp_path / "home", kills=40, seed=7, unsafe=unsafe, resting=resting, until=kind)
    assert run(plan, report=lambda _: None).count(kind) > 0


def test_no_original_is_lost_whatever_becomes_of_the_files_beside_them(tmp_path: Path) -> None:
    kinds = [
        ("flip_hashes", False),
        ("put_yesterday_back", False),
        ("remove_database", True),
    ]
    outcome = faults.run(tmp_path / "home", faults=3, seed=7, report=lambda _: None, kinds=kinds)
    assert outcome.acknowledged > 8
    assert [
        outcome.total(name) for name in ("faults", "originals_lost", "documents_lost", "failed_starts")
    ] == [3, 0, 0, 0]


def test_the_harness_sees_a_start_that_removes_what_its_database_does_not_name(tmp_path: Path) -> None:
    kinds = [("put_yesterday_back", False)]
    outcome = faults.run(
        tmp_path / "home", faults=1, seed=7, report=lambda _: None, kinds=kinds, unsafe="sweep-files"
    )
    assert outcome.total("originals_lost") > 0
