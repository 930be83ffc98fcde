"""The commands that steer the queue, on a folder where nobody imports."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from kb.config import Settings
from kb.knowledge_base import open_knowledge_base
from kb.state.chunks import Chunks
from kb.state.db import Database
from kb.types import OWNER, JobState, PreparedDocument
from tests.harness.commands import given
from tests.kb.web.conftest import OnePagePictures
from tests.state import CHUNKS


def command(home: Path, *arguments: str, code: int = 0) -> str:
    done = given(*arguments, home=home, code=code)
    return done.stdout + done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three files queued, of which one failed."""
    kb = open_knowledge_base(
        Settings(home=tmp_path / "home"), renderer=OnePagePictures(), suffixes=frozenset({".txt"})
    )
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(f"The words of {name}.")
        kb.library.add(tmp_path / name, name, caller=OWNER)
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=1)
    kb.ingest_parts().steps.fail(job, "It is damaged.")
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
    kb = open_knowledge_base(Settings(home=home), renderer=OnePagePictures(), suffixes=frozenset({".txt"}))
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=1)
    kb.ingest_parts().steps.store_chunks(job, PreparedDocument(tuple(CHUNKS)))
    kb.ingest_parts().steps.make_ready([job])
    kb.close()
    command(home, "remove", job.document_id)
    kb = open_knowledge_base(Settings(home=home), renderer=OnePagePictures(), suffixes=frozenset({".txt"}))
    assert kb.library.existing([job.document_id], caller=OWNER) == []
    with closing(Database(home / "footnote.db")) as database:
        assert Chunks(database).of(job.document_id) == []
        assert len(Chunks(database).tombstones()["default"]) == len(CHUNKS)
    assert len(kb.ingest_parts().blobs.hashes()) == 2
    kb.close()
