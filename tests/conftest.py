"""What every test may use: a database, the bundled embedder, the shared evaluation data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a test that wants the network is wrong
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

from kb.config import Settings
from kb.models.embed.choose import choose
from kb.ports import Embedder
from kb.state.db import Database
from tests.kb.models.embed.unpacked import bundled_home

EVAL = Path(__file__).parents[1].parent / "shared" / "eval"


@pytest.fixture(scope="session")
def shared_eval() -> Path:
    """The folder of real documents and questions; tests that need it are skipped where it is absent."""
    if not EVAL.is_dir():
        pytest.skip("the shared evaluation data is not beside this checkout")
    return EVAL


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database in a folder of its own."""
    opened = Database(tmp_path / "footnote.db")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    """The real bundled model."""
    home = bundled_home(tmp_path_factory.mktemp("model") / "home")
    opened, _ = choose(Settings(home=home, embedder="bundled"))
    yield opened
    opened.close()
