"""All tables of one SQLite file."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.state.db import Database
from tests.state import State


@pytest.fixture
def state(database: Database, tmp_path: Path) -> State:
    """Every repository on one empty file."""
    return State(database, tmp_path)
