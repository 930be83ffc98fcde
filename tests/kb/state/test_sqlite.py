"""The SQLite file: what no other database has to do alike."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from kb.errors import Conflict, DiskFull
from kb.state.conversations import AnswerRuns
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.facets import added_bytes
from kb.state.identities import Identities, Identity
from kb.state.labelled_questions import LabelledQuestions
from kb.state.migrations import MIGRATIONS
from kb.state.notices import Notices
from kb.state.sql import scalar
from kb.types import DocumentState, JobKind, Origin
from tests.state import CHUNKS, PREPARED, State, blob
from tests.waiting import wait_until


def test_ten_thousand_queued_files_do_not_slow_a_page_of_fifty(state: State) -> None:
    count = 10_000
    with state.database.write() as connection:
        connection.executemany(
            "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, sequence) "
            "VALUES (?, ?, 'c', ?, 10, '2026-01-01T00:00:00+00:00', 'queued', ?)",
            [(f"d{number:05}", f"{number}.pdf", f"{number:064x}", number) for number in range(count)],
        )
        connection.executemany(
            "INSERT INTO jobs (kind, document_id, turn) VALUES ('import', ?, 1)",
            [(f"d{number:05}",) for number in range(count)],
        )

    def look() -> None:
        page = [document.id for document in state.documents.page(limit=50)]
        assert state.progress.of(page)[page[0]].position == count
        assert state.progress.queue().queued == count
        assert state.documents.count() == count

    fastest = min(_seconds(look) for _ in range(5))
    assert fastest < 0.25, "about 15 ms on an idle core"
    assert min(_seconds(lambda: state.jobs.claim("w", limit=1)) for _ in range(5)) < 0.1


def test_a_claim_costs_the_same_with_a_hundred_thousand_queued_of_forty_people(state: State) -> None:
    """Counted in steps of SQLite's machine, which are the same on a busy one."""
    count, people = 100_000, 40

    database = state.database
    assert isinstance(database, Database)

    def queue(first: int, last: int) -> None:
        numbers = "WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT"
        with state.database.write() as connection:
            connection.execute(
                "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, sequence) "
                f"{numbers} 'd' || i, i || '.pdf', 'c', 's' || i, 10, '2026-01-01', 'queued', i FROM n",
                (first, last),
            )
            connection.execute(
                "INSERT INTO jobs (kind, document_id, turn, person) "
                f"{numbers} 'import', 'd' || i, 1, i % ? FROM n",
                (first, last, people),
            )

    def steps_of_a_claim() -> int:
        hundreds = 0

        def tick() -> int:
            nonlocal hundreds
            hundreds += 1
            return 0

        writer = database._writer
        writer.set_progress_handler(tick, 100)
        assert state.jobs.claim("w", limit=1)
        writer.set_progress_handler(None, 0)
        return hundreds

    queue(1, 400)
    few = steps_of_a_claim()
    queue(401, count)
    assert steps_of_a_claim() <= few + 2
    first = [job.document_id for job in state.jobs.claim("w", limit=people - 2)]
    assert len({int(document_id[1:]) % people for document_id in first}) == people - 2, "one of each person"
    last = f"d{count}"
    assert state.progress.of([last])[last].position == count - people


def _seconds(act: object) -> float:
    assert callable(act)
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def test_threads_that_ended_hold_no_connections(state: State) -> None:
    """A pool that is made for every import would leave one for each of its threads: memory, and files."""
    state.documents.count()
    held = len(psutil.Process().open_files())
    for _ in range(20):
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(lambda _: state.documents.count(), range(4))) == [0] * 4
    # 40 threads with two files each; SQLite itself keeps a few of them open for the next connection
    assert len(psutil.Process().open_files()) < held + 20


def test_a_newer_folder_is_refused_with_both_versions(tmp_path: Path) -> None:
    Database(tmp_path / "footnote.db").close()
    newer = sqlite3.connect(tmp_path / "footnote.db")
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 7}")
    newer.close()
    with pytest.raises(Conflict, match=rf"schema {len(MIGRATIONS) + 7}.*schema {len(MIGRATIONS)}"):
        Database(tmp_path / "footnote.db")


def test_an_older_schema_learns_who_added_what_and_forgets_logins_in_addresses(tmp_path: Path) -> None:
    path = tmp_path / "footnote.db"
    Database(path, migrations=MIGRATIONS[:32]).close()
    pages = {
        "https://u:p@host.example/a?x=@y": "https://host.example/a?x=@y",
        "https://host.example/@user": "https://host.example/@user",
        "https://u@host.example": "https://host.example",
        "https://host.example": "https://host.example",
    }
    with closing(sqlite3.connect(path)) as older:
        older.execute(
            "INSERT INTO people (id, identity, name, name_key, role, password, added) "
            "VALUES (7, 'person/1', 'anna', 'anna', 'editor', 'x', '2026-01-01')"
        )
        older.execute(
            "INSERT INTO sessions (hash, person_id, begun, last_used, expires) VALUES ('h', 7, '1', '1', '9')"
        )
        for number, folder in enumerate(pages):
            older.execute(
                "INSERT INTO documents (id, name, collection, sha256, bytes, added, state, source, path, folder) "
                "VALUES (?, 'n', ?, ?, 5, '2026-01-01', 'ready', 'page', ?, ?)",
                (f"d{number}", ("anna/notes", "annals/x", "anna", "anna/b")[number], f"{number:064x}",
                 f"{folder}/n", folder),
            )  # fmt: skip
        older.commit()
    with closing(Database(path)) as database:
        rows = database.read().execute("SELECT added_by, path, folder FROM documents ORDER BY id").fetchall()
        assert [row["added_by"] for row in rows] == [7, 0, 0, 7]
        assert [row["folder"] for row in rows] == list(pages.values())
        assert [row["path"] for row in rows] == [f"{folder}/n" for folder in pages.values()]
        assert added_bytes(database, 7) == 10
        Identities(database).connect(7, Identity("https://login.example", "1"))
        Identities(database).disconnect(7, "https://login.example", in_use=None)
        assert not database.read().execute("SELECT 1 FROM sessions").fetchall(), "it may have begun so"


def test_what_an_older_schema_had_queued_is_still_queued(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "footnote.db")
    older.executescript(MIGRATIONS[0])
    older.execute(
        "INSERT INTO documents (id, name, collection, sha256, bytes, added, state) "
        "VALUES ('d1', 'x.pdf', 'c', ?, 1, '2026-01-01T00:00:00+00:00', 'queued')",
        ("a" * 64,),
    )
    older.execute("INSERT INTO jobs (kind, document_id, attempts) VALUES ('import', 'd1', 2)")
    older.execute("PRAGMA user_version = 1")
    older.commit()
    older.close()
    database = Database(tmp_path / "footnote.db")
    (job,) = State(database, tmp_path).jobs.claim("worker", limit=9)
    assert (job.document_id, job.kind) == ("d1", JobKind.IMPORT)
    database.close()


def test_the_version_changes_with_every_commit_of_anybody(tmp_path: Path) -> None:
    here, there = Database(tmp_path / "footnote.db"), Database(tmp_path / "footnote.db")
    for writer in (here, there):
        seen = here.data_version()
        assert here.data_version() == seen
        with writer.write() as connection:
            connection.execute("INSERT INTO tombstones VALUES (?, 'c')", (id(writer),))
        assert here.data_version() != seen
    here.close()
    there.close()


def test_writes_survive_without_a_clean_end(tmp_path: Path) -> None:
    database = Database(tmp_path / "footnote.db")
    Documents(database).add(blob("a"), Origin("x", "c"))
    copy = tmp_path / "copy"  # what a killed process leaves: the file and its write-ahead log
    copy.mkdir()
    for path in tmp_path.glob("footnote.db*"):
        (copy / path.name).write_bytes(path.read_bytes())
    database.close()
    survivor = Database(copy / "footnote.db")
    assert Documents(survivor).count() == 1
    survivor.close()


def test_a_copy_is_one_sound_file_and_taken_while_somebody_writes(database: Database, tmp_path: Path) -> None:
    documents = Documents(database)
    documents.add(blob("a"), Origin("x", "c"))
    with database.write() as connection:
        connection.execute("UPDATE documents SET name = 'changed'")
        database.copy_to(tmp_path / "copy.db")
    assert {path.name for path in tmp_path.glob("copy.db*")} == {"copy.db"}
    copied = Database(tmp_path / "copy.db")
    assert [document.name for document in Documents(copied).page()] == ["x"]
    assert copied.integrity_check() == []
    copied.close()


def test_a_database_of_bounded_size_says_that_the_disk_is_full_and_keeps_what_it_had(state: State) -> None:
    document = state.add("a")
    job = state.claim()
    with state.database.write() as connection:
        pages = scalar(connection, "PRAGMA page_count")
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="MB are free"):
        state.steps.store_chunks(job, replace(PREPARED, chunks=(replace(CHUNKS[1], text="long " * 20_000),)))
    assert state.documents.get(document.id).state is DocumentState.QUEUED
    state.steps.begin_parsing(job)


def test_what_was_stored_before_there_were_owners_is_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "footnote.db"
    Database(path, migrations=MIGRATIONS[:7]).close()
    with closing(sqlite3.connect(path)) as older:
        for number in (1, 2):
            older.execute(
                "INSERT INTO conversations (id, title, added, updated) VALUES (?, 't', '2026-01-01', '2026-01-01')",
                (f"c{number}",),
            )
        for number in (2, 1):  # within one millisecond the first one was asked in last
            older.execute(
                "INSERT INTO requests (id, conversation_id, position, state, question, added) "
                "VALUES (?, ?, 1, 'done', 'q', '2026-01-01')",
                (f"r{number}", f"c{number}"),
            )
        older.execute("INSERT INTO notices (made, text) VALUES ('2026-01-01', 'Mind this.')")
        older.execute(
            "INSERT INTO kept_questions (id, question, sha256, document, page, quote, added) "
            "VALUES (7, 'q', 'a', 'd', 3, 'quote', '2026-01-01')"
        )
        older.commit()
    with closing(Database(path)) as database:
        assert [found.id for found in AnswerRuns(database).listed.window()] == ["c1", "c2"]
        assert [notice.text for notice in Notices(database).all()] == ["Mind this."]
        (label,) = LabelledQuestions(database).all()
        assert (label.id, label.page, label.quote) == (7, 3, "quote")


def test_whoever_waits_for_changes_hears_that_it_was_closed(tmp_path: Path) -> None:
    for number in range(20):
        opened = Database(tmp_path / f"{number}.db")
        heard: list[int] = []

        def ask(opened: Database = opened, heard: list[int] = heard) -> None:
            while not heard or heard[-1] != -1:
                heard.append(opened.data_version())

        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda heard=heard: len(heard) > 3)  # type: ignore[misc]
        opened.close()
        asking.join(10)
        assert not asking.is_alive()
        assert heard[-1] == -1


def test_whoever_waits_for_a_commit_is_woken_by_one_that_changed_something(state: State) -> None:
    commits = state.database.commits
    since, woken = commits.count, threading.Event()

    def wait() -> None:
        commits.wait(since, seconds=60)
        woken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    with state.database.write() as connection:
        connection.execute("UPDATE queue SET paused = 0 WHERE paused = 1")
    assert commits.count == since
    with suppress(ZeroDivisionError), state.database.write() as connection:
        connection.execute("UPDATE queue SET paused = 1")
        raise ZeroDivisionError
    assert commits.count == since
    assert not woken.is_set()
    with state.database.write() as connection:
        connection.execute("UPDATE queue SET paused = 1")
    assert woken.wait(20)
    waiting.join()
    commits.wait(since, seconds=60)  # what was committed before is not waited for
    assert commits.count == since + 1
