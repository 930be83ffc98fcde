"""What every test may use: a database, the bundled embedder, the shared evaluation data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a test that wants the network is wrong
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
# Some containers set it. Tests start hundreds of processes, of which each would compile half a second of modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from kb.config import EmbeddingSettings, Settings
from kb.models.embed.choose import choose
from kb.ports import Embedder
from kb.state.db import Database
from kb.system.redact import secrets_apart
from tests.kb.models.embed.unpacked import bundled_home

TESTS = Path(__file__).parent
EVAL = TESTS.parents[1] / "shared" / "eval"
LONGEST_FIRST = (
    "crash/test_crash.py", "browser/test_screens.py",
    "kb/cli/test_main.py", "browser/test_smoke.py", "kb/cli/test_evaluate.py",
    "test_code.py", "browser/test_answers_survive.py", "browser/test_hostile.py", "browser/test_evaluation.py",
    "browser/test_frame.py", "browser/test_answer.py", "browser/test_library.py", "browser/test_settings.py",
    "browser/test_document.py", "browser/test_search.py", "kb/web/api/test_bad_values.py", "kb/web/test_keys.py",
    "kb/cli/test_bad_values.py", "test_patterns.py",
    "soak/test_soak.py", "ingest/sandbox/test_contained_app.py", "test_offline.py", "browser/test_queue.py",
    "ingest/sandbox/test_sandbox.py", "fuzz/test_fuzz.py", "kb/evaluate/test_experiments.py",
    "kb/web/test_server.py", "kb/models/embed/test_priority.py", "kb/models/embed/test_bundled.py",
    "ingest/test_worker.py", "kb/models/embed/test_engines.py", "kb/knowledge_base/test_kills.py",
    "browser/test_changes.py", "browser/test_sign_in.py", "browser/test_people.py", "kb/web/test_description.py",
    "kb/web/test_provided_sign_in.py", "kb/web/test_identities.py", "kb/web/test_connections.py",
    "kb/cli/test_beside_an_import.py", "kb/knowledge_base/test_embedder.py", "contract/test_embedder.py",
)  # fmt: skip
"""The files that take ten seconds and more, as measured on two cores. They are begun first, so that where several
processes run tests none has a long one left when the others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts ``LONGEST_FIRST`` in front; the order is else as it was."""
    if moved := [name for name in LONGEST_FIRST if not (TESTS / name).exists()]:
        raise pytest.UsageError(f"LONGEST_FIRST in tests/conftest.py names files that are not there: {moved}")
    places = {TESTS / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(autouse=True)
def _secrets_apart() -> Iterator[None]:
    """What one test sets as a key is no secret in the next."""
    with secrets_apart():
        yield


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
    opened, _ = choose(Settings(home=home, embedding=EmbeddingSettings(model="bundled")))
    yield opened
    opened.close()
