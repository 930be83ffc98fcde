"""No original is lost whatever becomes of the database beside it: damaged, exchanged, older, or gone."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from kb.errors import Damaged
from kb.maintenance.recovery import check_database
from kb.state.db import Database
from kb.state.notices import Notices
from kb.system.home_layout import DATABASE, JOURNALS
from kb.types import OWNER
from kb.web.page.library.fragments import LibraryIn, library_now, say_of
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence

NAMES = {f"document {n}.txt" for n in range(6)}


def filled(home: Path) -> None:
    with closing(Library(home)) as library:
        library.fill(6)


def originals(home: Path) -> set[str]:
    return {path.name for path in (home / "blobs").glob("??/*")}


def opened(home: Path) -> tuple[set[str], str]:
    """What the next start shows: the names of the documents, and what it says."""
    with closing(open_kb(home)) as kb:
        kb.maintenance.lock()
        names = {document.name for document in kb.library.documents(caller=OWNER)}
        return names, " ".join(notice.text for notice in kb.maintenance.notices(caller=OWNER))


def flip_index_entries(path: Path, key: str) -> int:
    """Changes one bit of ``key`` in every index of the file, and in no table; returns in how many places."""
    whole = path.read_bytes()
    changed, place = 0, whole.find(key.encode())
    while place >= 0:
        tried = bytearray(path.read_bytes())
        tried[place] ^= 1
        (trial := path.with_suffix(".trial")).write_bytes(tried)
        with closing(sqlite3.connect(f"file:{trial}?mode=ro", uri=True)) as database:
            rows = {row[0] for row in database.execute("SELECT sha256 FROM documents NOT INDEXED")}
        trial.unlink()
        if key in rows:
            path.write_bytes(tried)
            changed += 1
        place = whole.find(key.encode(), place + 1)
    return changed


def test_wrong_bits_in_index_entries_cost_no_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    before = originals(home)
    assert all(flip_index_entries(home / DATABASE, sha256) for sha256 in sorted(before)[:2])
    names, said = opened(home)
    assert (names, originals(home)) == (NAMES, before)
    assert "made anew from its tables" in said
    with closing(Database(home / DATABASE)) as database:
        assert database.integrity_check() == []


def test_a_document_that_goes_is_taken_from_the_note_of_a_file_that_others_have(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with closing(Library(home)) as library:
        first, second = (library.add("same.txt", [sentence(1)], collection=name) for name in ("a", "b"))
        kept = library.documents.get(second).sha256
        library.remove(first)
        assert library.blobs.is_sound(kept)
        assert [(origin.name, origin.collection) for origin in library.blobs.remembered(kept)] == [
            ("same.txt", "b")
        ]


def test_the_database_of_yesterday_takes_in_what_came_since(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    shutil.copy(home / DATABASE, tmp_path / "yesterday")
    with closing(Library(home)) as library:
        library.add("today.txt", [sentence(70)], collection="work")
        before = originals(home)
    shutil.copy(tmp_path / "yesterday", home / DATABASE)
    names, said = opened(home)
    assert names == {*NAMES, "today.txt"}
    assert originals(home) == before
    assert "today.txt" in said


def test_what_nothing_names_is_set_aside_said_and_taken_in_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    shutil.rmtree(home / "names")
    with closing(Library(home)) as library, library.database.write() as connection:
        connection.execute("DELETE FROM jobs")
        connection.execute("DELETE FROM documents WHERE name = 'document 3.txt'")
    names, said = opened(home)
    assert names == NAMES - {"document 3.txt"}
    assert str(home / "unclaimed") in said
    assert "check --repair" in said
    assert len(list((home / "unclaimed").rglob("blobs/??/*"))) == 1
    with closing(open_kb(home, embedder=HashEmbedder())) as kb:
        kb.maintenance.lock()
        files = next(found for found in kb.maintenance.check(caller=OWNER) if found.name == "files")
        assert files.text.startswith("1 files belong to no document")
        kb.maintenance.check(caller=OWNER, repair=True)
        assert (
            sum(document.name.startswith("recovered-") for document in kb.library.documents(caller=OWNER))
            == 1
        )
    assert len(originals(home)) == 6


def remove(path: Path) -> None:
    path.unlink()


def exchange(path: Path) -> None:
    other = path.parent.parent / "other"
    filled(other)
    (other / DATABASE).replace(path)


def overwrite(path: Path) -> None:
    """Another file is copied over it: name and inode stay."""
    with closing(Library(path.parent.parent / "other")) as library:
        library.fill(2)
    number = path.stat().st_ino
    shutil.copyfile(path.parent.parent / "other" / DATABASE, path)
    assert path.stat().st_ino == number


@pytest.mark.parametrize("how", [remove, exchange, overwrite])
def test_nothing_is_acknowledged_once_the_database_is_another(
    tmp_path: Path, how: Callable[[Path], None]
) -> None:
    home = tmp_path / "home"
    filled(home)
    given = tmp_path / "late.txt"
    given.write_text("late", encoding="utf-8")
    with closing(open_kb(home)) as kb:
        kb.maintenance.lock()
        how(home / DATABASE)
        with pytest.raises(Damaged, match="while Footnote was running"):
            kb.library.add(given, "late.txt", caller=OWNER)
        assert any("End Footnote and start it again" in said for said in kb.maintenance.warnings())
        with pytest.raises(Damaged, match="while Footnote was running"):
            kb.library.remove([kb.library.documents(caller=OWNER)[0].id], caller=OWNER)
    assert len(originals(home)) == 7
    names, said = opened(home)
    assert names >= {*NAMES, "late.txt"}
    assert said
    assert len(originals(home)) == 7


def test_a_database_that_vanished_is_not_made_anew_empty(tmp_path: Path) -> None:
    with closing(Database(tmp_path / DATABASE)) as database:
        for ending in ("", *JOURNALS):
            (tmp_path / (DATABASE + ending)).unlink(missing_ok=True)
        with pytest.raises(Damaged), database.write() as connection:
            connection.execute("DELETE FROM notices")
        assert not (tmp_path / DATABASE).exists()
    with pytest.raises(Damaged, match="was removed"):
        Database(tmp_path / DATABASE, create=False)


def test_journals_of_a_lost_database_are_not_those_of_its_successor(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    with closing(Library(home)) as library:
        library.add("journal.txt", [sentence(80)])
        for ending in JOURNALS:
            shutil.copy(home / (DATABASE + ending), tmp_path / ending)
    (home / DATABASE).unlink()
    for ending in JOURNALS:
        shutil.copy(tmp_path / ending, home / (DATABASE + ending))
    assert opened(home)[0] == {*NAMES, "journal.txt"}
    with closing(Database(home / DATABASE)) as database:
        assert database.integrity_check() == []


def test_backups_and_database_gone_together(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with closing(Library(home)) as library:
        library.fill(6)
        library.add("document 1.txt", [sentence(90)])  # a newer version
        before = originals(home)
    (home / DATABASE).unlink()
    shutil.rmtree(home / "backups", ignore_errors=True)
    names, said = opened(home)
    assert names == NAMES
    assert originals(home) == before
    assert "no backup" in said


def test_a_sound_database_is_left_alone(tmp_path: Path) -> None:
    with closing(Database(tmp_path / DATABASE)) as database:
        check_database(database)
        assert Notices(database).all() == []


def write(database: Database, count: int) -> None:
    with database.write() as connection:
        for number in range(count):
            connection.execute("INSERT INTO notices (made, text) VALUES ('', ?)", (f"{number}" * 500,))


def test_an_older_copy_over_the_open_file_is_noticed_at_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    with closing(Database(path)) as database, closing(sqlite3.connect(path)) as other:
        for number in (500, 1):
            write(database, number)
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            write(database, 1)
            if number > 1:
                shutil.copyfile(path, tmp_path / "yesterday")
        assert path.stat().st_size == (tmp_path / "yesterday").stat().st_size, "its size tells nothing"
        shutil.copyfile(tmp_path / "yesterday", path)
        with pytest.raises(Damaged, match="while Footnote was running"):
            write(database, 1)
        assert not database.is_the_same()


def test_what_other_processes_bring_into_the_file_is_no_exchange(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    with closing(Database(path)) as database, closing(sqlite3.connect(path)) as other:
        for _ in range(5):
            write(database, 300)
            other.execute("DELETE FROM notices")
            other.execute("INSERT INTO notices (made, text) VALUES ('', 'x')")
            other.commit()
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        write(database, 1)
        assert database.is_the_same()


def test_a_file_that_cannot_be_read_any_more_is_said_whatever_is_asked_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    filled(home)
    what_to_do = "cannot be read any more.*End Footnote and start it again"
    with closing(open_kb(home)) as kb:
        kb.maintenance.lock()
        found = kb.library.documents(caller=OWNER)
        with (home / DATABASE).open("r+b") as file:
            for place in range(4096, (home / DATABASE).stat().st_size, 4096):
                file.seek(place)
                file.write(b"\x55" * 100)
        asked: list[Callable[[], object]] = [
            lambda: kb.library.documents(caller=OWNER),
            lambda: kb.library.add(written(tmp_path, "late"), "late.txt", caller=OWNER),
            lambda: kb.library.remove([found[0].id], caller=OWNER),
            lambda: kb.maintenance.notices(caller=OWNER),
        ]
        for ask in asked:
            # a request has a thread of its own, and so a connection that has not read these pages yet
            with pytest.raises(Damaged, match=what_to_do), ThreadPoolExecutor(1) as pool:
                pool.submit(ask).result()
        with ThreadPoolExecutor(1) as pool:
            page = pool.submit(library_now, kb, OWNER, LibraryIn(), say_of({}), seen=0).result()
        assert page.rows == []
        assert re.search(what_to_do, unescape(page.notices))
        assert re.search(what_to_do, kb.maintenance.warnings()[0])
    names, said = opened(home)
    assert names == NAMES, "and nothing of what was refused"
    assert "imported anew" in said


def test_a_document_that_an_older_database_brings_back_without_its_file_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with closing(Library(home)) as library:
        library.fill(3)
    shutil.copyfile(home / DATABASE, tmp_path / "yesterday")
    with closing(Library(home)) as library:
        library.remove(next(found.id for found in library.documents.page() if found.name == "document 1.txt"))
    shutil.copyfile(tmp_path / "yesterday", home / DATABASE)
    _, said = opened(home)
    assert "The originals of these documents in the list are gone: document 1.txt." in said
    assert opened(home)[1] == said, "it is said once"
    with closing(open_kb(home)) as kb:
        (again,) = [found for found in kb.library.documents(caller=OWNER) if found.name == "document 1.txt"]
        kb.library.remove([again.id], caller=OWNER)
        kb.library.delete_pending()
        for notice in kb.maintenance.notices(caller=OWNER):
            kb.maintenance.dismiss(notice.id, caller=OWNER)
    assert opened(home)[1] == ""


def written(folder: Path, text: str) -> Path:
    file = folder / "given.txt"
    file.write_text(text, encoding="utf-8")
    return file
