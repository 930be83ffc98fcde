"""Backups: what is in them, that they are verified, and that a restore gives back the same."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kb.errors import BadInput, Conflict, Damaged
from kb.maintenance.backups import DAILY, Backups
from kb.maintenance.manifest import MANIFEST, listed, verify
from kb.maintenance.restore import finish_restore, restore
from kb.state.blobs import BlobStore
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.integrity import snapshot
from kb.state.migrations import MIGRATIONS
from kb.system.home_layout import DATABASE
from tests.kb.library import Library, sentence


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "home")
    opened.fill(6)
    yield opened
    opened.close()


def make(library: Library, to: Path | None = None, reason: str = "by hand") -> Path:
    return Backups(library.home).make(library.database, library.blobs, reason=reason, to=to).path


def names(home: Path) -> set[str]:
    database = Database(home / DATABASE)
    found = {document.name for document in Documents(database).page()}
    database.close()
    return found


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.unlink()  # not in place: other backups may be links to it
    path.write_bytes(data)


def test_a_backup_holds_the_database_the_files_and_the_settings_without_keys(library: Library) -> None:
    settings = (
        'port = 7999\nendpoint_key = "canary-key"\n'
        '[answering]\nmodel = "endpoint/Ä \\"x\\""\nendpoint_key = "canary-key"\n[backup]\nkept = 3\n'
    )
    (library.home / "footnote.toml").write_text(settings, encoding="utf-8")
    made = Backups(library.home).make(library.database, library.blobs, reason="by hand")
    assert made.documents == 6
    assert made.rows["chunks"] == 18
    assert made.blobs == 6
    assert (
        snapshot(made.path / DATABASE).blobs
        == library.blobs.hashes()
        == BlobStore(made.path / "blobs").hashes()
    )
    copied = (made.path / "footnote.toml").read_text(encoding="utf-8")
    assert copied == 'port = 7999\n[answering]\nmodel = "endpoint/Ä \\"x\\""\n[backup]\nkept = 3\n'
    assert not [
        path for path in made.path.rglob("*") if path.is_file() and b"canary-key" in path.read_bytes()
    ]


def test_files_are_not_kept_twice(library: Library) -> None:
    sha256 = min(library.blobs.hashes())
    inodes = {(make(library) / "blobs" / sha256[:2] / sha256).stat().st_ino for _ in range(2)}
    assert inodes == {library.blobs.path(sha256).stat().st_ino}


@pytest.mark.parametrize("name", ["elsewhere", "b.zip"])
def test_a_tilde_is_the_home_of_the_person(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    make(library, Path("~") / name)
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_what_was_backed_up_comes_back_and_what_it_replaces_is_kept(
    library: Library, tmp_path: Path, kind: str
) -> None:
    before, hashes = names(library.home), library.blobs.hashes()
    backup = make(library, tmp_path / ("b.zip" if kind == "zip" else "elsewhere"))
    library.remove(library.documents.page()[0].id)
    library.add("later.txt", [sentence(999)])
    library.close()
    restored = restore(backup, library.home)
    assert names(library.home) == before
    assert BlobStore(library.home / "blobs").hashes() == hashes
    assert restored.aside is not None
    assert "later.txt" in names(restored.aside)
    assert not list(library.home.glob("*unpacked*"))
    assert not (library.home / "restoring").exists()


def test_a_backup_restores_into_an_empty_folder_with_its_settings(library: Library, tmp_path: Path) -> None:
    (library.home / "footnote.toml").write_text("port = 7999\n", encoding="utf-8")
    backup = make(library)
    new = tmp_path / "new"
    new.mkdir()
    assert restore(backup, new).aside is None
    assert names(new) == names(library.home)
    assert (new / "footnote.toml").read_text(encoding="utf-8") == "port = 7999\n"
    (new / DATABASE).write_bytes(b"x")
    verify(backup)  # the backup is no part of the library it was restored to


@pytest.mark.parametrize("what", ["database", "blob", "manifest", "no blob"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(library: Library, what: str) -> None:
    backup = make(library)
    blob = next((backup / "blobs").glob("??/*"))
    if what == "no blob":
        blob.unlink()
    else:
        damage({"database": backup / DATABASE, "blob": blob, "manifest": backup / MANIFEST}[what])
        if what == "manifest":
            (backup / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(Damaged):
        restore(backup, library.home)
    assert len(names(library.home)) == 6


def test_a_cut_off_archive_is_refused(library: Library, tmp_path: Path) -> None:
    archive = make(library, tmp_path / "b.zip")
    archive.write_bytes(archive.read_bytes()[:-3000])
    with pytest.raises((Damaged, BadInput)):
        restore(archive, library.home)
    damaged = make(library, tmp_path / "c.zip")
    damage(damaged)
    with pytest.raises((Damaged, BadInput)):
        restore(damaged, library.home)


def test_a_backup_of_a_newer_version_is_refused_by_both_versions(library: Library) -> None:
    backup = make(library)
    manifest = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    manifest["schema"] = len(MIGRATIONS) + 3
    (backup / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(Conflict, match=rf"schema {len(MIGRATIONS) + 3}.*schema {len(MIGRATIONS)}"):
        restore(backup, library.home)


def test_a_file_that_is_missing_already_is_said_and_does_not_prevent_a_backup(library: Library) -> None:
    lost = sorted(library.blobs.hashes())[0]
    library.blobs.remove(lost)
    made = Backups(library.home).make(library.database, library.blobs, reason="by hand")
    assert made.missing == (lost,)
    assert verify(made.path).missing == (lost,)


def test_seven_daily_backups_are_kept_and_the_others_are_left_alone(library: Library) -> None:
    backups = Backups(library.home)
    by_hand = make(library)
    daily = [make(library, reason=DAILY) for _ in range(9)]
    backups.prune(7)
    assert {backup.path for backup in backups.all()} == {by_hand, *daily[2:]}


def test_a_daily_backup_is_due_after_a_day(library: Library) -> None:
    backups = Backups(library.home)
    make(library)
    assert backups.is_due(datetime.now(UTC))
    make(library, reason=DAILY)
    assert not backups.is_due(datetime.now(UTC) + timedelta(hours=23))
    assert backups.is_due(datetime.now(UTC) + timedelta(hours=25))


def test_an_unfinished_backup_is_none_and_is_cleared_away(library: Library) -> None:
    unfinished = Backups(library.home).folder / ".making-0"
    shutil.copytree(make(library), unfinished)
    assert unfinished not in [backup.path for backup in listed(Backups(library.home).folder)]
    make(library)
    assert not unfinished.exists()


@pytest.mark.parametrize("steps", range(8))
def test_a_restore_that_dies_half_way_is_finished_at_the_next_start(
    library: Library, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = make(library)
    before = names(library.home)
    library.add("later.txt", [sentence(999)])
    library.close()
    (library.home / "chroma").mkdir()
    done = 0
    rename = Path.rename

    def rename_until_death(path: Path, target: Path) -> Path:
        nonlocal done
        if path.parent.name in ("home", "restoring"):
            done += 1
            if done > steps:
                raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", rename_until_death)
    with suppress(KeyboardInterrupt):
        restore(backup, library.home)
    monkeypatch.undo()
    finish_restore(library.home)
    assert names(library.home) == before
    assert not (library.home / "chroma").exists()
    (aside,) = library.home.glob("replaced-*")
    assert "later.txt" in names(aside)


def test_backups_taken_while_documents_come_and_go_all_restore(library: Library, tmp_path: Path) -> None:
    stopped = threading.Event()

    def change() -> None:
        n = 1000
        ids: list[str] = []
        while not stopped.is_set():
            ids.append(library.add(f"new {n}.txt", [sentence(n)]))
            if len(ids) > 3:
                library.remove(ids.pop(0))
            n += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        made = [make(library) for _ in range(5)]
    finally:
        stopped.set()
        thread.join()
    for number, backup in enumerate(made):
        home = tmp_path / str(number)
        home.mkdir()
        assert not restore(backup, home).backup.missing
        restored = snapshot(home / DATABASE)
        blobs = BlobStore(home / "blobs")
        assert blobs.hashes() == restored.blobs
        assert all(blobs.is_sound(sha256) for sha256 in restored.blobs)


def without_manifest(name: str, data: bytes) -> bytes | None:
    return None if name == MANIFEST else data


def with_another_database(name: str, data: bytes) -> bytes | None:
    return data[:-1] + b"?" if name == DATABASE else data


def with_a_spoilt_original(name: str, data: bytes) -> bytes | None:
    return data + b"?" if name.startswith("blobs/") else data


@pytest.mark.parametrize("change", [without_manifest, with_another_database, with_a_spoilt_original])
def test_a_bad_archive_is_called_as_it_was_given(
    library: Library, tmp_path: Path, change: Callable[[str, bytes], bytes | None]
) -> None:
    archive, bad = make(library, to=tmp_path / "out.zip"), tmp_path / "bad.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            if (data := change(name, source.read(name))) is not None:
                target.writestr(name, data)
    refused = said_of(bad, library.home)
    assert str(bad) in refused
    assert "unpacked" not in refused


def test_an_archive_that_cannot_be_unpacked_is_called_as_it_was_given(
    library: Library, tmp_path: Path
) -> None:
    archive, bad = make(library, to=tmp_path / "out.zip"), tmp_path / "bad.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        place = target.getinfo(DATABASE).header_offset
    broken = bytearray(bad.read_bytes())
    broken[place + 100 : place + 200] = b"\xff" * 100
    bad.write_bytes(broken)
    assert f"{bad} is damaged" in said_of(bad, library.home)


def said_of(bad: Path, home: Path) -> str:
    with pytest.raises(Damaged) as refused:
        restore(bad, home)
    assert not list(home.glob("*unpacked*"))
    return str(refused.value)
