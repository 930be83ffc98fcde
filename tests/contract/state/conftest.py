"""The databases that the suite of ``kb.state`` is run on; another one joins with a line in ``DATABASES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from kb.state.db import Database
from kb.state.sql import SqlDatabase
from tests.state import State

DATABASES: dict[str, Callable[[Path], AbstractContextManager[SqlDatabase]]] = {
    "sqlite": lambda folder: closing(Database(folder / "footnote.db")),
}
"""Name -> makes an empty one, which is gone when the block ends; it may use the folder."""


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlDatabase]:
    """An empty database of each kind."""
    with DATABASES[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
def state(database: SqlDatabase, tmp_path: Path) -> State:
    """Every repository on it."""
    return State(database, tmp_path)
