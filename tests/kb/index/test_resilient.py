"""Derived indexes that are damaged, missing or in doubt: thrown away, built from SQLite, and answered for meanwhile."""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from kb.config import StorageSettings
from kb.index.pair import IndexPair
from kb.index.vector.exact import ExactStore, StreamedSearch
from kb.state.chunks import Chunks
from kb.state.vectors import Vectors
from kb.types import Fingerprint
from tests.kb.library import Library, sentence


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "home")
    opened.fill(20, passages=6)
    yield opened
    opened.close()


def open_indexes(library: Library, *, store: str = "chroma", fewest_deleted: int = 2000) -> IndexPair:
    return IndexPair(
        library.home,
        library.embedder.fingerprint,
        store=StorageSettings.model_validate({"vectors": store}),
        database=library.database,
        steps=library.steps,
        chunks=Chunks(library.database),
        fewest_deleted=fewest_deleted,
    )


def whole(library: Library, *, fewest_deleted: int = 2000) -> IndexPair:
    indexes = open_indexes(library, fewest_deleted=fewest_deleted)
    indexes.open_up()
    assert indexes.is_whole
    return indexes


def best(library: Library, indexes: IndexPair, seed: int) -> str:
    """The passage that is nearest to a sentence, by whatever answers now."""
    vector = library.embedder.embed_queries([sentence(seed)])[0]
    ((found, cosine),) = indexes.store.search(vector, 1)
    assert cosine > 0.999
    return Chunks(library.database).get(found).text


def agrees(library: Library, indexes: IndexPair) -> None:
    """Both indexes hold exactly what may be found, and every passage finds itself."""
    live = Chunks(library.database).published_ids()
    assert {name: ids for name, ids in indexes.store.ids().items() if ids} == live
    assert indexes.lexical.ids() == set().union(*live.values())
    assert indexes.index.unreachable() == {}
    assert indexes.lexical.search("Passage 77 bridge", 1)


def only(folder: Path) -> Path:
    (found,) = [path for path in folder.iterdir() if path.is_dir()]
    return found


def test_an_index_that_was_closed_is_opened_again_as_it_was(library: Library) -> None:
    with closing(whole(library)):
        first = only(library.home / "chroma"), only(library.home / "words")
    with closing(open_indexes(library)) as indexes:
        assert indexes.is_whole
        assert (only(library.home / "chroma"), only(library.home / "words")) == first
        assert indexes.index.reconcile().added == 0
        agrees(library, indexes)


def test_an_index_in_memory_is_built_at_every_start_without_the_model(library: Library) -> None:
    embedded = len(library.embedder.embedded)
    for _ in range(2):
        with closing(open_indexes(library, store="exact")) as indexes:
            assert indexes.status() is not None
            indexes.open_up()
            agrees(library, indexes)
            assert best(library, indexes, 7) == sentence(7)
    assert not (library.home / "chroma").exists()
    assert len(library.embedder.embedded) == embedded


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(path.stat().st_size))


def largest(folder: Path, pattern: str) -> Path:
    return max(folder.rglob(pattern), key=lambda path: path.stat().st_size)


def files_instead(home: Path) -> None:
    for kind in ("chroma", "words"):
        folder = only(home / kind)
        shutil.rmtree(folder)
        folder.write_text("x", encoding="utf-8")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "chroma gone": lambda home: shutil.rmtree(home / "chroma"),
    "words gone": lambda home: shutil.rmtree(home / "words"),
    "a link file of chroma gone": lambda home: largest(home / "chroma", "data_level0.bin").unlink(),
    "chroma's header is garbage": lambda home: garbage(largest(home / "chroma", "header.bin")),
    "chroma's database is garbage": lambda home: garbage(largest(home / "chroma", "chroma.sqlite3")),
    "chroma's vectors are cut": lambda home: os.truncate(largest(home / "chroma", "data_level0.bin"), 100),
    "a segment of words is garbage": lambda home: garbage(largest(home / "words", "*.term")),
    "a segment of words is gone": lambda home: largest(home / "words", "*.idx").unlink(),
    "the words' list of segments is garbage": lambda home: garbage(largest(home / "words", "meta.json")),
    "files where folders should be": files_instead,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_happens_to_the_folders_the_index_is_whole_again(library: Library, damage: str) -> None:
    whole(library).close()
    DAMAGES[damage](library.home)
    embedded = len(library.embedder.embedded)
    with closing(whole(library)) as indexes:
        agrees(library, indexes)
        assert best(library, indexes, 33) == sentence(33)
        only(library.home / "chroma")  # nothing of the damaged one is left
    assert len(library.embedder.embedded) == embedded  # built without the model


def empty_folders(home: Path) -> None:
    for kind in ("chroma", "words"):
        shutil.rmtree(only(home / kind))
        (home / kind / "left behind").mkdir()


def file_in_place_of_chroma(home: Path) -> None:
    shutil.rmtree(home / "chroma")
    (home / "chroma").write_text("x", encoding="utf-8")


WHILE_RUNNING: dict[str, Callable[[Path], None]] = {
    "chroma gone": DAMAGES["chroma gone"],
    "words gone": DAMAGES["words gone"],
    "the indexes in them gone": empty_folders,
    "a file in place of chroma": file_in_place_of_chroma,
}


@pytest.mark.parametrize("damage", WHILE_RUNNING)
def test_imports_go_on_when_the_folders_are_removed_while_they_are_open(
    library: Library, damage: str
) -> None:
    with closing(whole(library)) as indexes:
        WHILE_RUNNING[damage](library.home)
        job = library.embedded("new.txt", [sentence(9000)])
        indexes.index.publish([job])
        assert library.documents.get(job.document_id).state.value == "ready"
        indexes.repair(lambda: False)
        assert indexes.is_whole
        agrees(library, indexes)
        assert best(library, indexes, 9000) == sentence(9000)
    with closing(open_indexes(library)) as indexes:
        assert indexes.is_whole
        agrees(library, indexes)


def test_folders_that_are_removed_are_noticed_without_a_write(library: Library) -> None:
    with closing(whole(library)) as indexes:
        for kind in ("chroma", "words"):
            shutil.rmtree(library.home / kind)
        indexes.repair(lambda: False)
        assert only(library.home / "chroma").is_dir()
        assert only(library.home / "words").is_dir()
        agrees(library, indexes)


def test_a_process_that_died_while_it_wrote_leaves_an_index_in_doubt(library: Library) -> None:
    whole(library).close()
    before = only(library.home / "chroma")
    before.with_suffix(".json").unlink()  # as the beginning of a write does
    with closing(open_indexes(library)) as indexes:
        assert not indexes.store.is_whole
        assert indexes.lexical.is_whole
        indexes.open_up()
        assert only(library.home / "chroma") != before


def test_exact_search_answers_while_an_index_is_built(library: Library) -> None:
    with closing(open_indexes(library)) as indexes:
        assert not indexes.is_whole
        assert "Exact search answers" in str(indexes.status())
        assert best(library, indexes, 7) == sentence(7)
        stop = iter([False, True])
        indexes.repair(lambda: next(stop, True))
        assert not indexes.is_whole
        added = library.add("meanwhile.txt", [sentence(5000)])
        assert best(library, indexes, 5000) == sentence(5000)
        library.remove(added)
        indexes.repair(lambda: False)
        assert indexes.status() is None
        agrees(library, indexes)


def test_damage_that_shows_while_it_is_searched_is_answered_for(library: Library) -> None:
    with closing(whole(library)) as indexes:
        indexes.store.discard("For a test.")
        assert not indexes.is_whole
        assert best(library, indexes, 7) == sentence(7)
        indexes.repair(lambda: False)
        agrees(library, indexes)


def test_an_index_of_a_later_database_is_thrown_away(library: Library) -> None:
    """A database that was put back by hand gives ids out again that the index knows as something else."""
    with closing(whole(library)) as indexes:
        later = indexes.index
        later._store.add([90_000], library.embedder.embed_documents(["a ghost"]), collection="default")
        repairs = later.reconcile()
        assert repairs.added == 2 * 120
        agrees(library, indexes)


def test_rows_that_nothing_reaches_are_found_and_put_back(library: Library) -> None:
    with closing(whole(library)) as indexes:
        lost = sorted(Chunks(library.database).published_ids()["default"])[:5]
        indexes.store.delete(lost, collection="default")
        assert indexes.index.unreachable() == {"default": lost}
        indexes.index.add_again({"default": lost})
        agrees(library, indexes)


def test_every_chunk_finds_itself_after_a_third_is_deleted_and_a_third_replaced(tmp_path: Path) -> None:
    with closing(Library(tmp_path / "home")) as library:
        ids = library.fill(60, passages=4)
        with closing(whole(library)) as indexes:
            for document in ids[:18]:
                library.remove(document)
            for number in range(18, 36):
                library.add(f"document {number}.txt", [sentence(10_000 + 4 * number + i) for i in range(4)])
            indexes.index.sweep()
            indexes.index.reconcile()
            agrees(library, indexes)


def churn(library: Library, indexes: IndexPair) -> None:
    """Puts 60 passages in and takes them out again."""
    added = [
        library.add(f"passing {n}.txt", [sentence(7000 + 3 * n + i) for i in range(3)]) for n in range(20)
    ]
    indexes.index.reconcile()
    for document in added:
        library.remove(document)
    indexes.index.sweep()


def test_an_index_most_of_which_was_deleted_is_built_anew(library: Library) -> None:
    with closing(whole(library, fewest_deleted=100)) as indexes:
        before = only(library.home / "chroma")
        churn(library, indexes)
        churn(library, indexes)
        indexes.repair(lambda: False)
        assert indexes.store.deleted == 120  # as many as there are: it stays
    with closing(whole(library, fewest_deleted=100)) as indexes:
        assert only(library.home / "chroma") == before
        assert indexes.store.deleted == 120  # a restart does not make HNSW forget them
        churn(library, indexes)
        indexes.repair(lambda: False)
        assert indexes.is_whole
        assert indexes.store.deleted == 0
        assert only(library.home / "chroma") != before  # and its files are gone
        agrees(library, indexes)


def test_questions_go_on_while_the_index_is_built_anew(library: Library) -> None:
    with closing(whole(library)) as indexes, ThreadPoolExecutor(1) as pool:
        until = threading.Event()

        def ask() -> int:
            asked = 0
            while not until.is_set():
                assert best(library, indexes, asked % 120) == sentence(asked % 120)
                asked += 1
            return asked

        asking = pool.submit(ask)
        for _ in range(5):
            indexes.store.rebuild()
            indexes.repair(lambda: False)
        until.set()
        assert asking.result(timeout=30) > 5
        only(library.home / "chroma")
        agrees(library, indexes)


# --- Exact search over the stored vectors --------------------------------------------------------


def test_streamed_search_agrees_with_the_reference(library: Library) -> None:
    library.add("other.txt", [sentence(n) for n in range(600, 605)], collection="other")
    chunks = Chunks(library.database)
    vectors = Vectors(library.database, library.embedder.fingerprint)
    reference = ExactStore(library.embedder.fingerprint)
    for name, ids in chunks.published_ids().items():
        matrix = np.stack(
            [library.embedder.embed_queries([chunk.text])[0] for chunk in chunks.by_id(sorted(ids))]
        )
        reference.add(sorted(ids), matrix, collection=name)
    width = library.embedder.fingerprint.width
    for rows in (3, 50, 4096):
        streamed = StreamedSearch(partial(vectors.blocks, width=width, rows=rows))
        for collection in (None, "default", "other", "nothing"):
            vector = library.embedder.embed_queries(["bridge harbour lantern"])[0]
            found = streamed.search(vector, 7, collection=collection)
            due = reference.search(vector, 7, collection=collection)
            assert [round(score, 2) for _, score in found] == [round(score, 2) for _, score in due]


def test_another_width_needs_no_model(library: Library) -> None:
    whole(library).close()
    full = library.embedder.fingerprint
    embedded = len(library.embedder.embedded)
    library.embedder.fingerprint = Fingerprint(full.model, full.revision, 32, full.native_width, full.details)
    with closing(whole(library)) as indexes:
        assert indexes.index.unreachable() == {}
        vector = library.embedder.embed_queries([sentence(9)])[0][:32]
        ((found, _),) = indexes.store.search(vector / np.linalg.norm(vector), 1)
        assert Chunks(library.database).get(found).text == sentence(9)
        only(library.home / "chroma")
    assert len(library.embedder.embedded) == embedded
