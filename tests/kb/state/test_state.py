from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from kb.errors import BadInput, Conflict, DiskFull, Misconfigured, NotFound
from kb.state.blobs import BlobStore
from kb.state.chunks import text_hash
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.facets import facets
from kb.state.integrity import Integrity
from kb.state.jobs import CLEANUPS
from kb.state.migrations import MIGRATIONS
from kb.state.sql import scalar
from kb.state.tags import Labels
from kb.state.vectors import Vectors
from kb.types import DocumentState, Fingerprint, JobKind
from tests.kb.state.conftest import CHUNKS, PARSED, State, blob

# --- documents ---------------------------------------------------------------------------------


def test_the_same_bytes_in_one_collection_are_one_document(state: State) -> None:
    first = state.documents.add(blob("a"), name="one.pdf", collection="c")
    again = state.documents.add(blob("a"), name="copy.pdf", collection="c")
    elsewhere = state.documents.add(blob("a"), name="one.pdf", collection="d")
    assert not first.already_present
    assert again.already_present
    assert again.document.id == first.document.id
    assert not elsewhere.already_present
    assert state.documents.count() == 2
    assert state.documents.collections() == ["c", "d"]


def test_chunks_come_back_as_they_were_stored(state: State) -> None:
    document_id = state.ready("a", "x.pdf")
    stored = state.chunks.of(document_id)
    assert [replace(chunk, id=0, document_id="", position=0) for chunk in stored] == CHUNKS
    document = state.documents.get(document_id)
    assert (document.state, document.pages, document.title) == (DocumentState.READY, 2, "A title")
    assert document.reason == "Page 2 holds no text."
    assert document.chunks == document.chunks_done == document.pages_done == 2


def test_only_live_documents_can_be_found(state: State) -> None:
    job = state.embedding("a")
    ids = [chunk.id for chunk in state.chunks.of(job.document_id)]
    assert state.chunks.findable(ids) == {}
    state.steps.make_ready([job])
    assert set(state.chunks.findable(ids)) == set(ids)
    assert state.chunks.published_ids() == {"c": set(ids)}


def test_questions_can_be_narrowed_down_by_what_is_findable(state: State) -> None:
    labels = Labels(state.database)
    first, second = state.ready("a", "one.pdf"), state.ready("b", "two.PDF")
    third, hidden = state.ready("c", "three.docx"), state.ready("d", "four.md")
    state.add("e", "queued.xlsx")
    labels.tag([first, second, hidden], add=["steel"])
    labels.tag([third], add=["old"])
    labels.tag([hidden], add=["secret"])
    labels.enable([hidden], searchable=False)
    found = facets(state.database)
    assert set(found.documents) == {"one.pdf", "two.PDF", "three.docx"}
    assert found.types == ("pdf", "docx")
    assert found.languages == ("en",)
    assert found.tags == ("steel", "old")


def test_a_new_version_replaces_the_old_one_only_when_it_is_ready(state: State) -> None:
    state.keep_file("a")
    old = state.ready("a", "report.pdf")
    old_ids = [chunk.id for chunk in state.chunks.of(old)]
    new = state.embedding("b", "report.pdf")
    assert state.documents.get(new.document_id).replaces == old
    assert set(state.chunks.findable(old_ids)) == set(old_ids)
    state.steps.make_ready([new])
    assert state.chunks.findable(old_ids) == {}
    assert state.delete_pending() == ["a" * 64]
    assert state.chunks.tombstones() == {"c": old_ids}
    with pytest.raises(NotFound):
        state.documents.get(old)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0), (1, 0, 2)])
def test_of_several_new_versions_the_last_one_stays_whichever_is_ready_first(
    state: State, order: tuple[int, ...]
) -> None:
    jobs = [state.embedding(letter, "report.pdf") for letter in "abc"]
    for number in order:
        state.steps.make_ready([jobs[number]])
    state.delete_pending()
    (left,) = state.documents.page()
    assert left.id == jobs[2].document_id


def test_an_older_version_that_is_added_again_stays_though_a_newer_one_is_under_way(state: State) -> None:
    old = state.ready("a", "report.pdf")
    newer = state.embedding("b", "report.pdf")
    assert state.documents.add(blob("a"), name="report.pdf", collection="c").already_present
    state.steps.make_ready([newer])
    state.delete_pending()
    (left,) = state.documents.page()
    assert left.id == old


def test_a_failed_new_version_leaves_the_old_one_alone(state: State) -> None:
    old = state.ready("a", "report.pdf")
    new = state.embedding("b", "report.pdf")
    state.steps.fail(new, "It is damaged.")
    assert state.documents.get(old).state is DocumentState.READY
    assert len(state.chunks.findable([chunk.id for chunk in state.chunks.of(old)])) == 2
    assert state.documents.get(new.document_id).reason == "It is damaged."


def test_a_failed_document_keeps_nothing_and_can_be_queued_again(state: State) -> None:
    job = state.embedding("a")
    state.steps.fail(job, "Why.")
    state.delete_pending()
    assert state.chunks.of(job.document_id) == []
    assert state.jobs.waiting() == 0
    added = state.documents.add(blob("a"), name="a.pdf", collection="c")
    assert (added.document.id, added.already_present) == (job.document_id, False)
    assert added.document.state is DocumentState.QUEUED
    assert added.document.reason is None


def test_a_failed_file_may_come_again_under_another_name(state: State) -> None:
    failed = state.embedding("a", "x.pdf")
    state.steps.fail(failed, "Why.")
    other = state.add("a", "x.txt")
    assert other.id != failed.document_id
    with pytest.raises(Conflict, match="already"):
        state.control.retry(failed.document_id)
    assert state.control.retry_failed() == 0


def test_a_blob_that_another_document_needs_stays(state: State) -> None:
    state.keep_file("a")
    first, second = state.ready("a", collection="c"), state.ready("a", collection="d")
    state.control.remove([first])
    assert state.delete_pending() == []
    state.control.remove([second])
    assert state.delete_pending() == ["a" * 64]


def test_chunk_ids_are_never_used_twice(state: State) -> None:
    first = state.ready("a")
    used = {chunk.id for chunk in state.chunks.of(first)}
    state.control.remove([first])
    state.delete_pending()
    assert not used & {chunk.id for chunk in state.chunks.of(state.ready("b"))}


def test_pages_of_the_list_are_newest_first_and_complete(state: State) -> None:
    ids = {state.add(letter).id for letter in "abcdef"}
    pages = [state.documents.page(limit=4), state.documents.page(limit=4, offset=4)]
    assert [len(page) for page in pages] == [4, 2]
    assert {document.id for page in pages for document in page} == ids
    assert state.documents.page(collection="nowhere") == []


# --- vectors -----------------------------------------------------------------------------------


def test_vectors_are_kept_at_full_width_and_cut_when_read(database: Database) -> None:
    vectors = Vectors(database, Fingerprint("m", "1", 8, 16, ""))
    full = np.random.default_rng(0).standard_normal((3, 16)).astype(np.float32)
    full /= np.linalg.norm(full, axis=1, keepdims=True)
    keys = [text_hash(text) for text in "abc"]
    vectors.put(keys, full)
    cut = vectors.get(keys[::-1], width=8)[::-1]
    wanted = full[:, :8] / np.linalg.norm(full[:, :8], axis=1, keepdims=True)
    assert cut.shape == (3, 8)
    assert cut.dtype == np.float32
    np.testing.assert_allclose(cut, wanted, atol=2e-3)


def test_missing_vectors_are_named_once_in_order(database: Database) -> None:
    vectors = Vectors(database, Fingerprint("m", "1", 4, 4, ""))
    vectors.put([b"b"], np.ones((1, 4), np.float32))
    assert vectors.missing([b"c", b"b", b"a", b"c"]) == [b"c", b"a"]
    with pytest.raises(KeyError):
        vectors.get([b"a"], width=4)


def test_another_embedder_does_not_see_them_and_a_wrong_width_is_refused(database: Database) -> None:
    Vectors(database, Fingerprint("m", "1", 4, 4, "")).put([b"a"], np.ones((1, 4), np.float32))
    other = Vectors(database, Fingerprint("m", "2", 4, 4, ""))
    assert other.missing([b"a"]) == [b"a"]
    with pytest.raises(Misconfigured, match="4 wide"):
        other.put([b"a"], np.ones((1, 5), np.float32))


def test_vectors_go_with_the_last_chunk_that_needs_them(state: State) -> None:
    vectors = Vectors(state.database, Fingerprint("m", "1", 4, 4, ""))
    first, second = state.ready("a", collection="c"), state.ready("a", collection="d")
    keys = [text_hash(chunk.embedded_text) for chunk in CHUNKS]
    vectors.put(keys, np.ones((2, 4), np.float32))
    state.control.remove([first])
    state.delete_pending()
    assert vectors.missing(keys) == []
    state.control.remove([second])
    state.delete_pending()
    assert vectors.missing(keys) == keys


def test_a_vector_whose_chunk_went_while_it_was_computed_is_not_kept(state: State) -> None:
    vectors = Vectors(state.database, Fingerprint("m", "1", 4, 4, ""))
    job = state.embedding("a")
    keys = [text_hash(chunk.embedded_text) for chunk in CHUNKS]
    state.control.remove([job.document_id])
    state.delete_pending()
    vectors.put(keys, np.ones((2, 4), np.float32), of_chunks=True)
    assert vectors.missing(keys) == keys


# --- blobs -------------------------------------------------------------------------------------


def test_a_blob_is_named_by_its_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    source = tmp_path / "../x.txt"
    source.write_bytes(b"hello")
    stored = store.put(source, name="x.txt", max_bytes=100)
    assert stored.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert store.path(stored.sha256).read_bytes() == b"hello"
    assert store.put(source, name="x.txt", max_bytes=100) == stored
    assert store.hashes() == {stored.sha256}
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 1
    store.remove(stored.sha256)
    assert store.hashes() == set()


def test_a_file_above_the_limit_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    source = tmp_path / "big.bin"
    source.write_bytes(b"x" * (3 << 20))
    with pytest.raises(BadInput, match=r"big\.bin is larger than 2 MB"):
        store.put(source, name="big.bin", max_bytes=2 << 20)
    with pytest.raises(BadInput, match=r"gone\.bin cannot be read"):
        store.put(tmp_path / "gone.bin", name="gone.bin", max_bytes=1)
    assert list((tmp_path / "blobs").iterdir()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 63 + "/"])
def test_nothing_but_a_hash_is_ever_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        BlobStore(tmp_path / "blobs").path(name)


# --- the database ------------------------------------------------------------------------------


def test_a_failing_transaction_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO tombstones VALUES (1, 'c')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert scalar(database.read(), "SELECT count(*) FROM tombstones") == 0


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
    Documents(database).add(blob("a"), name="x", collection="c")
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
    documents.add(blob("a"), name="x", collection="c")
    with database.write() as connection:
        connection.execute("UPDATE documents SET name = 'changed'")
        database.copy_to(tmp_path / "copy.db")
    assert {path.name for path in tmp_path.glob("copy.db*")} == {"copy.db"}
    copied = Database(tmp_path / "copy.db")
    assert [document.name for document in Documents(copied).page()] == ["x"]
    assert copied.quick_check() is None
    copied.close()


def test_a_database_of_bounded_size_says_that_the_disk_is_full_and_keeps_what_it_had(state: State) -> None:
    document = state.add("a")
    job = state.claim()
    with state.database.write() as connection:
        pages = scalar(connection, "PRAGMA page_count")
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="MB are free"):
        state.steps.store_chunks(job, PARSED, [replace(CHUNKS[1], text="long " * 20_000)])
    assert state.documents.get(document.id).state is DocumentState.QUEUED
    state.steps.begin_parsing(job)


# --- integrity ---------------------------------------------------------------------------------


def test_a_sound_database_has_nothing_wrong(state: State) -> None:
    state.ready("a")
    state.add("b")
    integrity = Integrity(state.database)
    assert (
        integrity.database() == integrity.foreign_keys() == integrity.miscounted() == integrity.stuck() == []
    )
    assert integrity.vectors_of_nothing() == integrity.misshapen_vectors() == 0


def test_what_does_not_fit_together_is_found_and_mended(state: State) -> None:
    short, empty = state.ready("a", "x.pdf"), state.ready("b", "y.pdf")
    stuck, going = state.add("c").id, state.add("d").id
    state.control.remove([going])
    Vectors(state.database, Fingerprint("m", "1", 4, 4, "")).put([b"k" * 16], np.ones((1, 4), np.float32))
    with state.database.write() as connection:
        connection.execute("DELETE FROM chunks WHERE document_id = ? AND position = 1", (short,))
        connection.execute("DELETE FROM chunks WHERE document_id = ?", (empty,))
        connection.execute("DELETE FROM jobs")
        connection.execute("INSERT INTO vectors VALUES (1, ?, ?)", (b"q" * 16, b"short"))
    rogue = sqlite3.connect(state.database.path)
    rogue.execute("INSERT INTO jobs (kind, document_id, turn) VALUES ('import', 'nobody', 1)")
    rogue.commit()
    rogue.close()
    integrity = Integrity(state.database)
    assert set(integrity.miscounted()) == {short, empty}
    assert set(integrity.stuck()) == {stuck, going}
    assert integrity.foreign_keys() == ["jobs -> documents: 1"]
    assert (integrity.vectors_of_nothing(), integrity.misshapen_vectors()) == (2, 1)
    integrity.repair()
    assert integrity.foreign_keys() == integrity.miscounted() == integrity.stuck() == []
    assert integrity.vectors_of_nothing() == 0
    assert {state.documents.get(document).state for document in (short, empty)} == {DocumentState.QUEUED}
    assert [job.kind for job in state.jobs.claim("burier", limit=9, kinds=CLEANUPS)] == [JobKind.DELETE]
