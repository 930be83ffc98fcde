"""Opening a folder in which something is wrong: nothing is lost without a word."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kb.errors import Conflict
from kb.knowledge_base import KnowledgeBase
from kb.maintenance.backups import Backups
from kb.maintenance.recovery import open_database
from kb.maintenance.restore import restore
from kb.state.blobs import BlobStore
from kb.state.chunks import text_hash
from kb.state.db import Database, schema_version
from kb.state.migrations import MIGRATIONS
from kb.system.folder_lock import FolderLock
from kb.system.home_layout import DATABASE
from kb.types import OWNER, DocumentState
from tests.kb.library import Library, open_kb, sentence


def filled(home: Path) -> None:
    """Four documents in a backup; then one of them goes and two come."""
    with closing(Library(home)) as library:
        ids = library.fill(4)
        Backups(home).make(library.database, library.blobs, reason="daily")
        library.remove(ids[0])
        library.add("later.txt", [sentence(100)], collection="work")
        library.add("latest.md", [sentence(101)])


def garbage(path: Path, *, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(os.urandom(length))


@contextmanager
def held(home: Path) -> Iterator[KnowledgeBase]:
    with closing(open_kb(home)) as kb:
        kb.maintenance.lock()
        yield kb


@pytest.mark.parametrize("how", ["header", "middle", "half", "empty", "gone"])
def test_a_damaged_database_is_replaced_by_the_backup_and_newer_files_are_imported_again(
    tmp_path: Path, how: str
) -> None:
    home = tmp_path / "home"
    filled(home)
    path = home / DATABASE
    size = path.stat().st_size
    match how:
        case "header":
            garbage(path, start=0, length=4096)
        case "middle":
            garbage(path, start=8192, length=size - 8192)
        case "half":
            os.truncate(path, size // 2)
        case "empty":
            os.truncate(path, 0)
        case "gone":
            path.unlink()
    with held(home) as kb:
        documents = {document.name: document for document in kb.library.documents(caller=OWNER)}
        assert set(documents) == {
            "document 1.txt",
            "document 2.txt",
            "document 3.txt",
            "later.txt",
            "latest.md",
        }
        assert documents["document 1.txt"].state is DocumentState.READY
        assert documents["later.txt"].state is DocumentState.QUEUED
        assert documents["later.txt"].collection == "work"
        (notice,) = kb.maintenance.notices(caller=OWNER)
        assert "3 documents came back" in notice.text
        assert "2 documents are being imported anew" in notice.text
        assert "1 documents that were removed after the backup stay removed" in notice.text
    assert len(list(home.glob(f"{DATABASE}.damaged-*[0-9]"))) == (how != "gone")
    with held(home) as kb:
        assert len(kb.library.documents(caller=OWNER)) == 5
        assert len(kb.maintenance.notices(caller=OWNER)) == 1


def test_without_backup_and_names_the_files_come_back_by_what_they_hold(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    for folder in (home / "backups", home / "names"):
        folder.rename(tmp_path / folder.name)
    (home / DATABASE).unlink()
    with held(home) as kb:
        names = {document.name for document in kb.library.documents(caller=OWNER)}
        assert names == {f"recovered-{sha256[:8]}.txt" for sha256 in kb.ingest_parts().blobs.hashes()}
        assert len(names) == 5
        assert "5 of them lost their names" in kb.maintenance.notices(caller=OWNER)[0].text


def test_a_backup_that_is_damaged_itself_is_passed_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    with closing(Library(home)) as library:
        newest = Backups(home).make(library.database, library.blobs, reason="daily").path
    garbage(newest / DATABASE, start=4096, length=4096)
    garbage(home / DATABASE, start=0, length=4096)
    with held(home) as kb:
        assert "3 documents came back" in kb.maintenance.notices(caller=OWNER)[0].text


def test_a_lost_file_comes_back_from_the_backup(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    with closing(Library(home)) as library:
        lost = next(document for document in library.documents.page() if document.name == "document 2.txt")
    (home / "blobs" / lost.sha256[:2] / lost.sha256).unlink()  # its note stays: it was not removed by anybody
    garbage(home / DATABASE, start=0, length=4096)
    with held(home) as kb:
        assert "document 2.txt" in kb.library.original(
            lost.id, caller=OWNER
        ).name or kb.ingest_parts().blobs.is_sound(lost.sha256)


@pytest.mark.parametrize("died", ["before", "between"])
def test_a_recovery_that_dies_is_done_again(tmp_path: Path, died: str) -> None:
    home = tmp_path / "home"
    filled(home)
    if died == "between":  # set aside already, its successor not yet in place
        (home / DATABASE).rename(home / f"{DATABASE}.damaged-20260101-000000-000000")
        garbage(home / f"{DATABASE}.damaged-20260101-000000-000000", start=0, length=512)
    else:
        garbage(home / DATABASE, start=0, length=4096)
    with closing(Database(home / f"{DATABASE}.recovering")):
        pass
    with held(home) as kb:
        assert len(kb.library.documents(caller=OWNER)) == 5


def test_a_new_folder_is_empty_and_says_nothing(tmp_path: Path) -> None:
    with held(tmp_path / "home") as kb:
        assert kb.library.documents(caller=OWNER) == []
        assert kb.maintenance.notices(caller=OWNER) == []


def test_files_that_nobody_owns_go_when_the_folder_is_held(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    with closing(Library(home)) as library:
        stray = tmp_path / "stray.txt"
        stray.write_text("never registered", encoding="utf-8")
        sha256 = library.blobs.put(stray, name="stray.txt", max_bytes=100).sha256
    with held(home) as kb:
        assert sha256 not in kb.ingest_parts().blobs.hashes()
        assert len(kb.ingest_parts().blobs.hashes()) == 5


# --- Versions ----------------------------------------------------------------------------------


def folder_of_schema_1(home: Path) -> None:
    """Two documents, one ready and one waiting, as the first version wrote them."""
    blobs = BlobStore(home / "blobs")
    hashes = []
    for text in ("The first text.", "The second text."):
        (home / "given").write_text(text, encoding="utf-8")
        hashes.append(blobs.put(home / "given", name="x", max_bytes=100).sha256)
    with (
        closing(Database(home / DATABASE, migrations=MIGRATIONS[:1])) as database,
        database.write() as connection,
    ):
        for number, (sha256, state) in enumerate(zip(hashes, ("ready", "queued"), strict=True)):
            connection.execute(
                "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, chunks, live) "
                "VALUES (?, ?, 'default', ?, 16, '2026-01-01T00:00:00+00:00', ?, ?, ?)",
                (f"d{number}", f"{number}.txt", sha256, state, 1 - number, 1 - number),
            )
        connection.execute(
            "INSERT INTO chunks (document_id, position, text, heading_path, spans, tokens, text_hash) "
            "VALUES ('d0', 0, 'The first text.', '[]', '[[0,15,1,null]]', 4, ?)",
            (text_hash("The first text."),),
        )
        connection.execute("INSERT INTO jobs (kind, document_id) VALUES ('import', 'd1')")


def test_a_folder_of_schema_1_is_backed_up_and_migrated(tmp_path: Path) -> None:
    home = tmp_path / "home"
    folder_of_schema_1(home)
    with held(home) as kb:
        assert schema_version(home / DATABASE) == len(MIGRATIONS)
        assert {document.id: document.state.value for document in kb.library.documents(caller=OWNER)} == {
            "d0": "ready",
            "d1": "queued",
        }
        assert [chunk.text for chunk in kb.library.passages("d0", caller=OWNER)] == ["The first text."]
        assert [job.document_id for job in kb.ingest_parts().jobs.claim("worker", limit=5)] == ["d1"]
        (backup,) = kb.maintenance.backups(caller=OWNER)
        assert backup.reason == f"before schema {len(MIGRATIONS)}"
    with held(home) as kb:
        assert len(kb.maintenance.backups(caller=OWNER)) == 1
    restore(backup.path, home)
    assert schema_version(home / DATABASE) == 1
    with held(home) as kb:
        assert len(kb.library.documents(caller=OWNER)) == 2


def test_a_migration_that_fails_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    with closing(Database(path, migrations=MIGRATIONS[:1])):
        pass
    broken = (*MIGRATIONS[:1], "CREATE TABLE fresh (id INTEGER);\nCREATE TABLE documents (id INTEGER);\n")
    with pytest.raises(sqlite3.OperationalError):
        Database(path, migrations=broken)
    assert schema_version(path) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'fresh'").fetchone() == (
            0,
        )


def test_no_migration_without_its_backup(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    with closing(Database(path, migrations=MIGRATIONS[:1])):
        pass

    def refuse(version: int) -> None:
        raise Conflict(f"no backup of schema {version}")

    with pytest.raises(Conflict, match="schema 1"):
        Database(path, before_migration=refuse)
    assert schema_version(path) == 1


def test_what_has_to_be_mended_waits_for_the_process_that_holds_the_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    holder = FolderLock(home)
    holder.acquire()
    try:
        with closing(open_database(home, FolderLock(home))):
            pass
        (home / DATABASE).unlink()
        with pytest.raises(Conflict, match=f"process {os.getpid()}"):
            open_database(home, FolderLock(home))
    finally:
        holder.release()
