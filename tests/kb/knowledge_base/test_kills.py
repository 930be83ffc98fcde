"""A change of the embedder, or of the passages' length, that is killed: the library answers, and it goes on or back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

POINTS = 5
"""From the first thing that is written to the last; twenty take half a minute, so those are for the harness alone."""


@pytest.mark.parametrize("collection", ["", "default"], ids=["library", "collection"])
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_killed_anywhere_the_library_answers_and_the_change_goes_on_or_is_undone(
    tmp_path: Path, collection: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.harness.switching_forks", str(tmp_path), str(POINTS), collection],
        capture_output=True,
        text=True,
        check=False,
    )
    fared = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(fared) == POINTS, done.stderr
    assert {each["signal"] for each in fared} == {signal.SIGKILL}
    assert {each["fared"] for each in fared} == {0}, done.stderr
    assert {each["model"] for each in fared} == {"old", "new"}  # some died before the settings, some after


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_killed_anywhere_another_length_of_passages_goes_on_or_is_undone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.harness.chunker_forks", str(tmp_path), str(POINTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    fared = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(fared) == POINTS, done.stderr
    assert {each["signal"] for each in fared} == {signal.SIGKILL}
    assert {each["fared"] for each in fared} == {0}, done.stderr
    assert {each["length"] for each in fared} == {96, 32}  # some died before anything was cut
