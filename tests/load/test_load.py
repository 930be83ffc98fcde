"""A share of ``python -m tests.load``."""

from __future__ import annotations

from pathlib import Path

from tests.load.run import Plan, run


def test_every_question_ends_stored_and_reaches_only_the_one_who_asked(tmp_path: Path) -> None:
    plan = Plan(
        tmp_path / "home", people=12, questions=4, model_fails=0.25, clients_drop=0.3, seed=3, accounts=True
    )
    outcome = run(plan, report=lambda _: None)
    assert outcome.kept, "\n".join(outcome.lines())
    assert outcome.asked == 48
    assert outcome.model_failed > 3, "otherwise this shows little"
    assert outcome.reconnected > 3
    assert outcome.ends["whole"] > 20
