"""``app.py evaluate`` in a process of its own, with the real bundled model and no network."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from tests.harness.commands import given, given_json
from tests.kb.cli.test_main import BRIDGE, ROOT, TEA, data, serving
from tests.kb.models.embed.unpacked import bundled_home
from tests.waiting import wait_until

QUESTIONS = [
    {"question": "When was the Halden bridge opened?", "document": "bridge.md", "answer": "4 May 1932"},
    {"question": "How high are the towers?", "document": "bridge.md", "answer": "141 metres"},
    {"question": "谁写了《茶经》？", "document": "tea.txt", "answer": "陆羽"},
    {"question": "Where were tea plants first grown?", "document": "tea.txt", "answer": "云南"},
]


def write_set(folder: Path, questions: list[dict[str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    (folder / "tea.txt").write_text(TEA, encoding="utf-8")
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in questions)
    (folder / "questions.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundled_home(tmp_path_factory.mktemp("evaluate") / "home")


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("sets") / "tiny", QUESTIONS)


def test_a_set_is_measured_compared_and_reported(home: Path, questions: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    arguments = [
        "evaluate",
        str(questions),
        "--compare",
        "retrieval.dense_weight=0.2",
        "--report",
        str(report),
    ]
    (found,) = data(*arguments, "--runs", str(tmp_path), home=home)
    assert (found["set_name"], found["documents"], found["asked"]) == ("tiny", 2, 4)
    assert found["figures"]["hit@5"]["value"] == 1
    assert found["compared"]["config"] == {"retrieval.dense_weight": "0.2"}
    assert set(found["compared"]["differences"]["mrr@10"]) == {"value", "low", "high", "questions", "p_value"}
    page = report.read_text(encoding="utf-8")
    assert "retrieval.dense_weight=0.2" in page
    assert '<svg class="history"' in page
    ran = [json.loads(line) for line in (tmp_path / "tiny.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {each["id"] for each in ran} == {"1", "2", "3", "4"}
    assert all(each["hits"][0]["text"] for each in ran)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Name a folder with questions, or --kept"),
        (["nowhere"], "is not a folder"),
        (["SET", "--config", "retrieval.dense_weight"], "Write NAME=VALUE"),
        (["SET", "--config", "retrieval.dense_weight=2"], "a number from 0 to 1"),
        (["SET", "--config", "no_such=1"], "no_such"),
        (["--kept"], "No question was kept yet"),
    ],
)
def test_what_is_wrong_is_said(home: Path, questions: Path, arguments: list[str], says: str) -> None:
    named = [str(questions) if argument == "SET" else argument for argument in arguments]
    assert says in given("evaluate", *named, home=home, code=1).stderr


def test_an_interrupt_keeps_what_was_done(home: Path, tmp_path: Path) -> None:
    many = 400
    folder = write_set(
        tmp_path / "many",
        [{"question": f"{n}. Who opened the bridge?", "answer": "mayor"} for n in range(many)],
    )
    command = [
        sys.executable,
        str(ROOT / "app.py"),
        "evaluate",
        str(folder),
        "--answers",
        "all",
        "--home",
        str(home),
    ]
    own = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=own
    ) as process:
        wait_for_vectors(home / "evaluation" / "vectors" / "footnote.db", many)
        wait_for_work(process.pid, seconds=2)
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "Stopping after this question" in said
    assert re.search(rf"many: 2 documents, \d+ of {many} questions, stopped", printed)
    assert re.search(r"hit@1 +\d\.\d{3}  \[\d\.\d{3}, \d\.\d{3}\]  n=\d+", printed)


def wait_for_work(pid: int, *, seconds: float) -> None:
    """Returns once a process has computed for so long, however busy the machine is: the first questions are asked."""
    process = psutil.Process(pid)
    begun = sum(process.cpu_times()[:2])
    wait_until(lambda: sum(process.cpu_times()[:2]) - begun >= seconds, seconds=60)


def wait_for_vectors(path: Path, count: int) -> None:
    """Returns once the questions of a set are embedded: from then on they are asked."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if path.exists() and vectors(path) >= count:
            return
        time.sleep(0.1)
    pytest.fail("the questions were not embedded")


def vectors(path: Path) -> int:
    with closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as connection:
        made = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'vectors'").fetchone()[0]
        return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0]) if made else 0


def test_kept_questions_are_measured_by_the_running_app(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    bridge = tmp_path / "bridge.md"
    bridge.write_text(BRIDGE, encoding="utf-8")
    with serving(home) as address:
        given("add", str(bridge), home=home)
        question = str(QUESTIONS[0]["question"])
        hit = given_json("search", question, home=home)[0]
        body = {"question": question, "chunk_id": hit["chunk_id"]}
        httpx.post(f"{address}/api/kept-questions", json=body, trust_env=False, timeout=60).raise_for_status()
        (found,) = given_json("evaluate", "--kept", "--compare", "retrieval.dense_weight=0.5", home=home)
        assert (found["set_name"], found["asked"]) == ("kept", 1)
        assert found["figures"]["hit@1"]["value"] == 1
        assert found["compared"]["compared_with"] == found["id"]
        refused = given("evaluate", "--kept", "--config", "parsing.chunk_tokens=64", home=home, code=1)
        assert "parsing.chunk_tokens decides how documents are imported" in refused.stderr
    assert given_json("evaluate", "--kept", home=home)[0]["figures"]["hit@1"]["value"] == 1
