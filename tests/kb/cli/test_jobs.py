"""The commands that steer the queue, on a folder where nobody imports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from kb.types import JobState, ParsedDocument
from tests.harness.commands import given
from tests.kb.web.conftest import OnePagePictures
from tests.state import CHUNKS


def command(home: Path, *arguments: str, code: int = 0) -> str:
    done = given(*arguments, home=home, code=code)
    return done.stdout + done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three files queued, of which one failed."""
    kb = KnowledgeBase(
        Settings(home=tmp_path / "home"), renderer=OnePagePictures(), suffixes=frozenset({".txt"})
    )
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(f"The words of {name}.")
        kb.add_file(tmp_path / name, name)
    (job,) = kb.jobs.claim("worker", limit=1)
    kb.steps.fail(job, "It is damaged.")
    kb.close()
    return tmp_path / "home"


def jobs(home: Path) -> dict[str, dict[str, object]]:
    return {found["name"]: found for found in json.loads(command(home, "jobs", "--json"))["jobs"]}


def test_the_queue_is_shown_and_steered(home: Path) -> None:
    shown = command(home, "jobs")
    assert "place 1" in shown
    assert "2 to import; 1 failed" in shown
    b = str(jobs(home)["b.txt"]["document_id"])
    command(home, "pause", b)
    assert jobs(home)["b.txt"]["state"] == JobState.PAUSED
    assert jobs(home)["c.txt"]["position"] == 1
    command(home, "resume", b)
    assert "once more" in command(home, "retry", "--failed")
    assert [found["position"] for found in jobs(home).values()] == [1, 2, 3]
    command(home, "pause")
    assert "All imports are paused" in command(home, "jobs")
    command(home, "resume")
    command(home, "cancel", b)
    assert "b.txt" not in jobs(home)
    assert "being done" in command(home, "cancel", b, code=1)
    assert "--failed" in command(home, "retry", code=1)


def test_remove_without_a_worker_leaves_nothing_but_tombstones(home: Path, tmp_path: Path) -> None:
    kb = KnowledgeBase(Settings(home=home), renderer=OnePagePictures(), suffixes=frozenset({".txt"}))
    (job,) = kb.jobs.claim("worker", limit=1)
    kb.steps.store_chunks(job, ParsedDocument(()), CHUNKS)
    kb.steps.make_ready([job])
    kb.close()
    command(home, "remove", job.document_id)
    kb = KnowledgeBase(Settings(home=home), renderer=OnePagePictures(), suffixes=frozenset({".txt"}))
    assert kb.state.existing([job.document_id]) == []
    assert kb.chunks.of(job.document_id) == []
    assert len(kb.chunks.tombstones()["default"]) == len(CHUNKS)
    assert len(kb.blobs.hashes()) == 2
    kb.close()
