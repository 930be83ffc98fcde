"""``app.py results``: listing and deleting what evaluations measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.config import Settings
from kb.knowledge_base import open_knowledge_base
from kb.types import OWNER, Evaluation, Figure
from tests.kb.cli.test_jobs import command
from tests.kb.web.conftest import OnePagePictures


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with three results."""
    kb = open_knowledge_base(
        Settings(home=tmp_path / "home"), renderer=OnePagePictures(), suffixes=frozenset()
    )
    for name in ("bridges", "ships", "bridges"):
        figures = {"hit@1": Figure(0.75, 0.5, 1.0, 4)}
        kb.evaluations.add(
            Evaluation(name, name, "e5@1#384", {"passages": "5"}, 1, 4, 4, figures=figures), caller=OWNER
        )
    kb.close()
    return tmp_path / "home"


def ids(home: Path) -> list[int]:
    return [found["id"] for found in json.loads(command(home, "results", "--json"))]


def test_results_are_listed_and_deleted_all_or_none(home: Path) -> None:
    listed = command(home, "results")
    assert "hit@1 0.750" in listed
    assert "ships  (passages=5)" in listed
    assert ids(home) == [3, 2, 1]
    assert "--yes" in command(home, "results", "--remove", "1", code=1)
    assert "evaluation 9" in command(home, "results", "--remove", "1", "9", "--yes", code=1)
    assert ids(home) == [3, 2, 1]
    assert "Deleted 2" in command(home, "results", "--remove", "1", "3", "--yes")
    assert ids(home) == [2]
