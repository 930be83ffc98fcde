"""A share of ``python -m tests.load``."""

from __future__ import annotations

from pathlib import Path

from tests.load import cold
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


def test_what_needs_no_model_is_answered_while_many_search_as_the_app_starts(tmp_path: Path) -> None:
    outcome = cold.run(tmp_path / "home", clients=12, embedder="paced-a", fresh=False)
    assert set(outcome.statuses) == {200}
    assert outcome.light
