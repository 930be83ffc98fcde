"""Commands beside an ``add`` that runs: two processes on one data folder, and no app."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from kb.system.home_layout import DATABASE
from tests.kb.cli.test_main import ROOT, data
from tests.kb.models.embed.unpacked import bundled_home

LONG = "\n\n".join(
    f"Entry {n}. " + "The keeper wrote down wind, rain and passing ships. " * 12 for n in range(2000)
)
"""Minutes of embedding: the import is ended long before."""


def test_a_search_is_answered_while_another_process_adds(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    (bridge := tmp_path / "bridge.txt").write_text("The bridge was opened in 1932.", encoding="utf-8")
    (diary := tmp_path / "diary.txt").write_text(LONG, encoding="utf-8")
    command = [sys.executable, str(ROOT / "app.py"), "add", str(bridge), str(diary), "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as adding:
        try:
            deadline = time.monotonic() + 90
            while states(home) != {"bridge.txt": "ready", "diary.txt": "embedding"}:
                assert time.monotonic() < deadline, states(home)
                time.sleep(0.3)
            found = data("search", "When was the bridge opened?", home=home)
            assert found[0]["document"] == "bridge.txt"
            assert adding.poll() is None
            assert states(home)["diary.txt"] == "embedding", "the import went on"
        finally:
            adding.kill()


def states(home: Path) -> dict[str, str]:
    """Name -> state; read from the file, since a command takes a second."""
    if not (home / DATABASE).exists():
        return {}
    with closing(sqlite3.connect(f"file:{home / DATABASE}?mode=ro", uri=True, timeout=30)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'documents'").fetchone():
            return {}
        return dict(database.execute("SELECT name, state FROM documents"))
