"""Whose something is: a process that lives is told from one that died, and from one that got its number."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from kb.system.processes import is_dead, new_owner

NAMES_ITSELF = """
import sys
from kb.system.processes import new_owner
print(new_owner("w"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", NAMES_ITSELF], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def name_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_another_process_is_alive_until_it_is_killed(other: subprocess.Popen[str]) -> None:
    owner = name_of(other)
    assert f":{other.pid}:" in owner
    assert not is_dead(owner)
    other.kill()
    while other.returncode is None:
        if is_dead(owner):  # a zombie, before anybody has asked how it ended
            break
        other.poll()
    other.wait()
    assert is_dead(owner)


def test_names_differ_and_the_one_who_made_them_lives() -> None:
    first, second = new_owner("imports"), new_owner("imports")
    assert first != second
    assert first.endswith("-imports")
    assert not is_dead(first)


def test_a_number_that_another_process_got_is_not_its_former_owner() -> None:
    host, pid, started, rest = new_owner("w").split(":")
    assert is_dead(f"{host}:{pid}:{float(started) - 60:.2f}:{rest}")
    assert not is_dead(f"{host}:{pid}:{float(started) - 0.5:.2f}:{rest}"), "the clock was adjusted"


def test_of_another_machine_nobody_knows_and_names_of_earlier_versions_are_past() -> None:
    _, pid, started, rest = new_owner("w").split(":")
    assert not is_dead(f"elsewhere:{pid}:{started}:{rest}")
    assert not is_dead("elsewhere:999999999:1.00:aa-w")
    assert is_dead("4711-0a1b2c3d")
    assert is_dead("4711-0a1b2c3d-burials")
