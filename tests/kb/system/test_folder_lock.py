"""A second process on one data folder."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from kb.system.folder_lock import FolderLock
from tests.kb.cli.test_main import ROOT

_CPU_SECONDS = 3
"""Half as much again as it may take, on a processor that other tests share; the clock on the wall tells less still."""


def test_it_says_who_was_first_and_loads_nothing_slow(tmp_path: Path) -> None:
    first = FolderLock(tmp_path)
    first.acquire()
    first.announce("http://127.0.0.1:7999")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        second = subprocess.run(
            [sys.executable, "-X", "importtime", str(ROOT / "app.py"), "--home", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        first.release()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert second.returncode == 1
    said = second.stderr.splitlines()[-1]
    assert f"process {os.getpid()}" in said
    assert "http://127.0.0.1:7999" in said
    assert not [name for name in ("gradio", "fastapi", "torch", "chromadb") if f" {name}\n" in second.stderr]
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < _CPU_SECONDS
