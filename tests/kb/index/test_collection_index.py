"""The index of the vectors that collections have of their own: right, rebuilt where it was lost, and gone in time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from kb.index.collection_index import CollectionIndex, drop_all_but, folder_of
from kb.index.pair import streamed
from kb.state.chunks import Chunks, text_hash
from kb.state.db import Database
from kb.state.vectors import Vectors
from kb.system.home_layout import HomeLayout
from kb.types import Fingerprint
from tests.kb.library import Library, sentence

OWN = Fingerprint("own", "1", 32, 32, "no prompts")
LAB = "lab"
PASSAGES = 600


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose collection has vectors of another embedder, in groups as those of a topic are."""
    home = tmp_path_factory.mktemp("own") / "home"
    library = Library(home)
    texts = [sentence(number) for number in range(PASSAGES)]
    library.add("lab.txt", texts, collection=LAB)
    library.add("other.txt", [sentence(PASSAGES)])
    drawn = np.random.default_rng(5)
    topics = drawn.normal(size=(40, OWN.width))
    rows = topics[drawn.integers(40, size=PASSAGES)] + 0.5 * drawn.normal(size=(PASSAGES, OWN.width))
    Vectors(library.database, OWN).put(
        [text_hash(text) for text in texts],
        (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32),
    )
    library.close()
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with closing(Database(home / "footnote.db")) as database:
        yield database


@pytest.fixture
def index(home: Path, database: Database) -> Iterator[CollectionIndex]:
    with closing(CollectionIndex(home, OWN, database)) as index:
        yield index


def follow(index: CollectionIndex) -> None:
    index.follow([LAB], stopped=lambda: False)


def sound(index: CollectionIndex) -> None:
    assert index.is_whole
    assert index.differences([LAB]) == (0, 0)
    assert index.unreachable([LAB], stopped=lambda: False) == {}


def test_it_finds_what_exact_search_finds(index: CollectionIndex, database: Database) -> None:
    follow(index)
    sound(index)
    exact = streamed(database, OWN)
    drawn = np.random.default_rng(6)
    hits = asked = 0
    for row in drawn.normal(size=(60, OWN.width)).astype(np.float32):
        question = row / np.linalg.norm(row)
        wanted = {chunk_id for chunk_id, _ in exact.search(question, 10, collection=LAB)}
        hits += len(wanted & {chunk_id for chunk_id, _ in index.search(question, 10, collection=LAB)})
        asked += 10
    assert hits / asked >= 0.99


def test_before_it_is_whole_exact_search_answers(index: CollectionIndex, database: Database) -> None:
    question = np.ones(OWN.width, np.float32) / np.sqrt(OWN.width)
    wanted = streamed(database, OWN).search(question, 5, collection=LAB)
    assert not index.is_whole
    assert index.search(question, 5, collection=LAB) == wanted
    index.follow([LAB], stopped=lambda: True)
    assert not index.is_whole
    assert index.search(question, 5, collection=LAB) == wanted


def test_what_goes_and_comes_is_followed_and_a_start_finds_it_again(home: Path, database: Database) -> None:
    with closing(CollectionIndex(home, OWN, database)) as index:
        follow(index)
    library = Library(home, database=database)
    for document in library.documents.page(collection=LAB):
        library.remove(document.id)
    library.add("new.txt", [sentence(3)], collection=LAB)
    Vectors(database, OWN).put([text_hash(sentence(3))], np.eye(1, OWN.width, dtype=np.float32))
    with closing(CollectionIndex(home, OWN, database)) as index:
        assert index.is_whole  # as it was left
        assert index.differences([LAB]) == (1, PASSAGES)
        follow(index)
        sound(index)
        (new,) = Chunks(database).published_ids()[LAB]
        assert index.search(np.eye(1, OWN.width, dtype=np.float32)[0], 1)[0][0] == new


def test_a_lost_index_is_made_anew_from_the_database(home: Path, database: Database) -> None:
    with closing(CollectionIndex(home, OWN, database)) as index:
        follow(index)
    shutil.rmtree(folder_of(HomeLayout(home), OWN))
    with closing(CollectionIndex(home, OWN, database)) as index:
        assert not index.is_whole
        follow(index)
        sound(index)


def test_rows_that_are_missing_or_find_themselves_no_more_are_mended(index: CollectionIndex) -> None:
    follow(index)
    lost = sorted(ids_of(index))[:3]
    index._store.delete(lost[:2], collection=LAB)
    index._store.add(lost[2:], -np.eye(1, OWN.width, dtype=np.float32), collection=LAB)
    assert index.differences([LAB]) == (2, 0)
    assert index.unreachable([LAB], stopped=lambda: False)
    index.mend([LAB], stopped=lambda: False)
    sound(index)


def ids_of(index: CollectionIndex) -> set[int]:
    return index._chunks.published_ids()[LAB]


def test_it_goes_with_the_embedder_of_the_last_collection(home: Path, database: Database) -> None:
    folder = folder_of(HomeLayout(home), OWN)
    with closing(CollectionIndex(home, OWN, database)) as index:
        follow(index)
        drop_all_but(HomeLayout(home), [OWN])
        assert folder.exists()
        index.drop()
    assert not folder.exists()
    with closing(CollectionIndex(home, OWN, database)) as index:
        follow(index)
    drop_all_but(HomeLayout(home), [])
    assert not folder.exists()
