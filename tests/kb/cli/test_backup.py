"""``backup`` and ``restore`` as commands: alone, and while another process holds the folder."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kb.maintenance.manifest import verify
from kb.system.folder_lock import FolderLock
from tests.harness.commands import given, given_json
from tests.kb.library import Library, sentence


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with closing(Library(tmp_path / "home")) as library:
        library.fill(2)
    return tmp_path / "home"


def test_there_and_back(home: Path, tmp_path: Path) -> None:
    made = given_json("backup", "--to", str(tmp_path / "out.zip"), home=home)
    assert made["rows"]["documents"] == 2
    assert given_json("backup", "--list", home=home) == []
    with closing(Library(home)) as library:
        library.add("later.txt", [sentence(50)])
    said = given("restore", made["path"], home=home).stdout
    assert "Restored: 2 documents, 6 passages, 2 files" in said
    assert "replaced-" in said
    assert len(given_json("list", home=home)) == 2


def test_a_restore_waits_for_the_app_to_end(home: Path) -> None:
    backup = Path(given_json("backup", home=home)["path"])
    verify(backup)
    holder = FolderLock(home)
    holder.acquire()
    holder.announce("http://127.0.0.1:7999")
    try:
        refused = given("restore", str(backup), home=home, code=1).stderr
    finally:
        holder.release()
    assert "in use by process" in refused
    assert "http://127.0.0.1:7999" in refused
    assert "end it, then restore" in refused


def test_what_is_no_backup_is_refused_in_a_sentence(home: Path, tmp_path: Path) -> None:
    assert "is not a backup" in given("restore", str(tmp_path), home=home, code=1).stderr
    assert "is not a backup" in given("restore", str(tmp_path / "nothing"), home=home, code=1).stderr
    assert len(given_json("list", home=home)) == 2
