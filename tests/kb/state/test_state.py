from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.errors import BadInput, Cancelled, Conflict, NotFound
from kb.state.blobs import Blob, BlobStore
from kb.state.chunks import Chunks, text_hash
from kb.state.db import Database
from kb.state.documents import Documents
from kb.state.jobs import LEASE_SECONDS, Jobs
from kb.state.migrations import MIGRATIONS
from kb.state.vectors import Vectors
from kb.types import Chunk, DocumentState, Fingerprint, ParsedDocument, Rect, Span

PARSED = ParsedDocument(blocks=(), pages=2, title="A title", warnings=("Page 2 holds no text.",))
CHUNKS = [
    Chunk(
        text="First.",
        spans=(Span(0, 6, rect=Rect(1, 10.0, 20.0, 30.0, 40.0)),),
        heading_path=("一", "Two"),
        tokens=3,
    ),
    Chunk(text="Second.", spans=(Span(0, 3, line=4), Span(3, 7, paragraph=9)), tokens=2),
]


def blob(letter: str) -> Blob:
    return Blob(letter * 64, 10)


@pytest.fixture
def documents(database: Database) -> Documents:
    return Documents(database)


@pytest.fixture
def chunks(database: Database) -> Chunks:
    return Chunks(database)


def ready(documents: Documents, letter: str, name: str, collection: str = "c") -> str:
    document = documents.add(blob(letter), name=name, collection=collection).document
    documents.store_chunks(document.id, PARSED, CHUNKS)
    documents.make_ready([document.id])
    return document.id


# --- documents ---------------------------------------------------------------------------------


def test_the_same_bytes_in_one_collection_are_one_document(documents: Documents) -> None:
    first = documents.add(blob("a"), name="one.pdf", collection="c")
    again = documents.add(blob("a"), name="copy.pdf", collection="c")
    elsewhere = documents.add(blob("a"), name="one.pdf", collection="d")
    assert not first.already_present
    assert again.already_present
    assert again.document.id == first.document.id
    assert not elsewhere.already_present
    assert documents.count() == 2
    assert documents.collections() == ["c", "d"]


def test_chunks_come_back_as_they_were_stored(documents: Documents, chunks: Chunks) -> None:
    document_id = ready(documents, "a", "x.pdf")
    stored = chunks.of(document_id)
    assert [replace(chunk, id=0, document_id="", position=0) for chunk in stored] == CHUNKS
    document = documents.get(document_id)
    assert (document.state, document.pages, document.title) == (DocumentState.READY, 2, "A title")
    assert document.reason == "Page 2 holds no text."
    assert document.chunks == document.chunks_done == 2


def test_only_live_documents_can_be_found(documents: Documents, chunks: Chunks) -> None:
    document = documents.add(blob("a"), name="x.pdf", collection="c").document
    documents.store_chunks(document.id, PARSED, CHUNKS)
    ids = [chunk.id for chunk in chunks.of(document.id)]
    assert chunks.findable(ids) == {}
    documents.make_ready([document.id])
    assert set(chunks.findable(ids)) == set(ids)
    assert chunks.live_ids() == {"c": set(ids)}


def test_a_new_version_replaces_the_old_one_only_when_it_is_ready(
    documents: Documents, chunks: Chunks
) -> None:
    old = ready(documents, "a", "report.pdf")
    old_ids = [chunk.id for chunk in chunks.of(old)]
    new = documents.add(blob("b"), name="report.pdf", collection="c").document
    assert new.replaces == old
    documents.store_chunks(new.id, PARSED, CHUNKS)
    assert set(chunks.findable(old_ids)) == set(old_ids)
    removed = documents.make_ready([new.id])
    assert removed.blobs == ("a" * 64,)
    assert chunks.findable(old_ids) == {}
    assert chunks.tombstones() == {"c": old_ids}
    with pytest.raises(NotFound):
        documents.get(old)


def test_a_failed_new_version_leaves_the_old_one_alone(documents: Documents, chunks: Chunks) -> None:
    old = ready(documents, "a", "report.pdf")
    new = documents.add(blob("b"), name="report.pdf", collection="c").document
    documents.fail(new.id, "It is damaged.")
    assert documents.get(old).state is DocumentState.READY
    assert len(chunks.findable([chunk.id for chunk in chunks.of(old)])) == 2
    assert documents.get(new.id).reason == "It is damaged."


def test_a_failed_document_keeps_nothing_and_can_be_queued_again(
    documents: Documents, chunks: Chunks, database: Database
) -> None:
    document = documents.add(blob("a"), name="x.pdf", collection="c").document
    documents.store_chunks(document.id, PARSED, CHUNKS)
    documents.fail(document.id, "Why.")
    assert chunks.of(document.id) == []
    assert Jobs(database, clock=lambda: 0.0).waiting() == 0
    added = documents.add(blob("a"), name="x.pdf", collection="c")
    assert (added.document.id, added.already_present) == (document.id, False)
    assert added.document.state is DocumentState.QUEUED
    assert added.document.reason is None


def test_a_failed_file_may_come_again_under_another_name(documents: Documents) -> None:
    failed = documents.add(blob("a"), name="x.pdf", collection="c").document
    documents.fail(failed.id, "Why.")
    other = documents.add(blob("a"), name="x.txt", collection="c")
    assert other.document.id != failed.id
    with pytest.raises(Conflict, match="already"):
        documents.queue_again(failed.id)


def test_removing_is_all_or_nothing_and_leaves_tombstones(documents: Documents, chunks: Chunks) -> None:
    first, second = ready(documents, "a", "x.pdf"), ready(documents, "b", "y.pdf")
    ids = [chunk.id for chunk in chunks.of(first)]
    with pytest.raises(NotFound, match="'nobody'"):
        documents.remove([first, "nobody"])
    assert documents.get(first)
    assert documents.remove([first, first]).blobs == ("a" * 64,)
    assert chunks.tombstones() == {"c": ids}
    assert documents.get(second)
    chunks.forget_tombstones(ids)
    assert chunks.tombstones() == {}


def test_a_blob_that_another_document_needs_stays(documents: Documents) -> None:
    first, second = ready(documents, "a", "x.pdf", "c"), ready(documents, "a", "x.pdf", "d")
    assert documents.remove([first]).blobs == ()
    assert documents.remove([second]).blobs == ("a" * 64,)


def test_a_step_on_a_removed_document_is_cancelled(documents: Documents) -> None:
    document = documents.add(blob("a"), name="x.pdf", collection="c").document
    documents.remove([document.id])
    with pytest.raises(Cancelled):
        documents.set_state(document.id, DocumentState.PARSING)
    with pytest.raises(Cancelled):
        documents.store_chunks(document.id, PARSED, CHUNKS)


def test_chunk_ids_are_never_used_twice(documents: Documents, chunks: Chunks) -> None:
    first = ready(documents, "a", "x.pdf")
    used = {chunk.id for chunk in chunks.of(first)}
    documents.remove([first])
    assert not used & {chunk.id for chunk in chunks.of(ready(documents, "b", "y.pdf"))}


def test_pages_of_the_list_are_newest_first_and_complete(documents: Documents) -> None:
    ids = {documents.add(blob(letter), name=letter, collection="c").document.id for letter in "abcdef"}
    pages = [documents.page(limit=4), documents.page(limit=4, offset=4)]
    assert [len(page) for page in pages] == [4, 2]
    assert {document.id for page in pages for document in page} == ids
    assert documents.page(collection="nowhere") == []


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
    with pytest.raises(ValueError, match="shape"):
        other.put([b"a"], np.ones((1, 5), np.float32))


def test_vectors_go_with_the_last_chunk_that_needs_them(documents: Documents, database: Database) -> None:
    vectors = Vectors(database, Fingerprint("m", "1", 4, 4, ""))
    first, second = ready(documents, "a", "x.pdf", "c"), ready(documents, "a", "x.pdf", "d")
    keys = [text_hash(chunk.embedded_text) for chunk in CHUNKS]
    vectors.put(keys, np.ones((2, 4), np.float32))
    documents.remove([first])
    assert vectors.missing(keys) == []
    documents.remove([second])
    assert vectors.missing(keys) == keys


# --- jobs --------------------------------------------------------------------------------------


def test_a_job_is_held_until_its_lease_ends(documents: Documents, database: Database) -> None:
    now = 1000.0
    jobs = Jobs(database, clock=lambda: now)
    wanted = [documents.add(blob(letter), name=letter, collection="c").document.id for letter in "abc"]
    claimed = jobs.claim("first", limit=2)
    assert [job.document_id for job in claimed] == wanted[:2]
    assert [job.document_id for job in jobs.claim("second", limit=9)] == wanted[2:]
    assert jobs.claim("third", limit=9) == []
    now += LEASE_SECONDS - 1
    jobs.renew("first")
    now += 2
    taken_over = jobs.claim("third", limit=9)
    assert [(job.document_id, job.attempts) for job in taken_over] == [(wanted[2], 2)]


def test_released_jobs_can_be_claimed_at_once(documents: Documents, database: Database) -> None:
    jobs = Jobs(database, clock=lambda: 5.0)
    documents.add(blob("a"), name="a", collection="c")
    jobs.claim("first", limit=1)
    jobs.release("somebody else")
    assert jobs.claim("second", limit=1) == []
    jobs.release("first")
    assert jobs.claim("second", limit=1)
    jobs.release_all()
    assert jobs.claim("third", limit=1)[0].attempts == 3


def test_two_threads_never_claim_the_same_job(documents: Documents, database: Database) -> None:
    for number in range(40):
        documents.add(Blob(f"{number:064x}", 1), name=str(number), collection="c")
    jobs = Jobs(database, clock=lambda: 5.0)
    claimed: list[str] = []

    def work(owner: str) -> None:
        while got := jobs.claim(owner, limit=1):
            claimed.extend(job.document_id for job in got)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 40


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
    assert database.read().execute("SELECT count(*) FROM tombstones").fetchone()[0] == 0


def test_a_newer_folder_is_refused_with_both_versions(tmp_path: Path) -> None:
    Database(tmp_path / "footnote.db").close()
    newer = sqlite3.connect(tmp_path / "footnote.db")
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 7}")
    newer.close()
    with pytest.raises(Conflict, match=rf"schema {len(MIGRATIONS) + 7}.*schema {len(MIGRATIONS)}"):
        Database(tmp_path / "footnote.db")


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
