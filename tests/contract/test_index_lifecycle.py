"""What every IndexLifecycle promises, and that an index stays usable by each. Add one to ``Kept`` and it runs here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from kb.backends import VECTOR_STORES, load
from kb.config import StorageSettings
from kb.errors import Misconfigured
from kb.index.lifecycles import exact
from kb.index.pair import vector_lifecycle
from kb.index.resilient_vector import ResilientVectorStore
from kb.index.vector.exact import ExactStore
from kb.index.vector.weaviate_server import class_of
from kb.ports import IndexLifecycle, VectorStore
from kb.types import Fingerprint, StoredIndex
from tests.doubles.weaviate_server import WeaviateDouble

if TYPE_CHECKING:
    from kb.types import Matrix

MINE = Fingerprint("mine", "1", 8, 8, "")
OTHER = Fingerprint("other", "1", 8, 8, "")
ROWS: Matrix = np.eye(8, dtype=np.float32)
IDS = list(range(8))

Lifecycle: TypeAlias = IndexLifecycle[VectorStore]
Start: TypeAlias = Callable[[Fingerprint], Lifecycle]
"""Makes the lifecycle as a process that starts does, over what the processes before it left."""


@pytest.fixture(params=["chroma", "chroma-server", "weaviate"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Start:
    """Those that keep their indexes."""
    return started(request, tmp_path)


@pytest.fixture(params=["chroma", "exact", "chroma-server", "weaviate"])
def lifecycle(request: pytest.FixtureRequest, tmp_path: Path) -> Lifecycle:
    return started(request, tmp_path)(MINE)


def started(request: pytest.FixtureRequest, home: Path) -> Start:
    storage = {"vectors": request.param}
    if request.param == "chroma-server":
        storage["vectors_url"] = request.getfixturevalue("chroma_process").url
    if request.param == "weaviate":
        double: WeaviateDouble = request.getfixturevalue("weaviate_double")
        storage |= {"vectors_url": double.url, "vectors_grpc_port": double.grpc_port}
    settings = StorageSettings.model_validate(storage)
    return lambda fingerprint: vector_lifecycle(settings, home, fingerprint)


def filled(lifecycle: Lifecycle, *, deleted: int = 0) -> str:
    """A whole index that was closed as it should be; returns its place."""
    place = lifecycle.begin()
    store = lifecycle.open(place)
    store.add(IDS, ROWS, collection="a")
    store.close()
    lifecycle.at_rest(place, deleted=deleted)
    return place


def test_what_was_only_begun_is_not_found(lifecycle: Lifecycle) -> None:
    first, second = lifecycle.begin(), lifecycle.begin()
    assert first != second
    store = lifecycle.open(first)
    assert not any(store.ids().values())
    store.close()
    assert lifecycle.find() is None


def test_what_was_at_rest_is_found_by_the_next_start_with_its_rows(start: Start) -> None:
    place = filled(start(MINE), deleted=3)
    found = start(MINE).find()
    assert found == StoredIndex(place, 3)
    store = start(MINE).open(place)
    assert store.ids() == {"a": set(IDS)}
    store.close()


def test_what_was_built_for_something_else_is_not_found(start: Start) -> None:
    filled(start(OTHER))
    assert start(MINE).find() is None


def test_a_death_in_the_middle_of_a_write_leaves_no_half_of_it_to_be_found(start: Start) -> None:
    place = filled(start(MINE))
    dying = start(MINE)
    store = dying.open(place)
    dying.before_write(place)
    store.delete(IDS[:4], collection="a")  # and neither at_rest nor close
    found = start(MINE).find()
    if found is not None:
        again = start(MINE).open(found.place)
        assert again.ids() == {"a": set(IDS[4:])}
        again.close()
    store.close()


def test_what_was_given_up_is_not_found_and_can_still_be_read(start: Start) -> None:
    place = filled(start(MINE))
    lifecycle = start(MINE)
    store = lifecycle.open(place)
    lifecycle.at_rest(place, deleted=0)
    lifecycle.give_up(place)
    assert start(MINE).find() is None
    assert [found for found, _ in store.search(ROWS[2], 1)] == [2]
    store.close()
    lifecycle.remove(place)
    assert start(MINE).find() is None


def test_only_what_is_kept_stays(start: Start) -> None:
    filled(start(OTHER))
    kept = filled(start(MINE))
    start(MINE).keep_only(kept)
    assert start(OTHER).find() is None
    assert start(MINE).find() == StoredIndex(kept)


# --- An index that stays usable, whatever its lifecycle ---------------------------------------


def resilient(lifecycle: Lifecycle) -> ResilientVectorStore:
    answers_meanwhile = ExactStore(MINE)
    answers_meanwhile.add(IDS, ROWS, collection="a")
    return ResilientVectorStore(lifecycle, exact=answers_meanwhile)


def state(index: ResilientVectorStore) -> str:
    return "whole" if index.is_whole else "building"


def test_an_index_is_built_given_up_and_built_again(lifecycle: Lifecycle) -> None:
    index = resilient(lifecycle)
    for _ in range(2):
        assert state(index) == "building"
        assert [found for found, _ in index.search(ROWS[5], 1)] == [5]
        index.add(IDS[:6], ROWS[:6], collection="a")
        index.complete()
        assert state(index) == "whole"
        index.delete([0], collection="a")
        assert index.deleted == 1
        assert index.search(ROWS[7], 8)[0][0] != 7  # it answers itself now
        index.rebuild()
        assert index.deleted == 0
    index.close()


def test_an_index_that_was_closed_answers_after_the_next_start(start: Start) -> None:
    index = resilient(start(MINE))
    index.add(IDS, ROWS, collection="a")
    index.complete()
    index.delete([3], collection="a")
    index.close()
    again = resilient(start(MINE))
    assert again.is_whole
    assert again.deleted == 1
    assert again.ids() == {"a": {*IDS} - {3}}
    again.close()


def test_an_index_that_cannot_be_opened_is_begun_anew(
    weaviate_double: WeaviateDouble, tmp_path: Path
) -> None:
    settings = StorageSettings(
        vectors="weaviate", vectors_url=weaviate_double.url, vectors_grpc_port=weaviate_double.grpc_port
    )
    place = filled(vector_lifecycle(settings, tmp_path, MINE))
    weaviate_double.graph_is_loaded = False
    index = resilient(vector_lifecycle(settings, tmp_path, MINE))
    assert not index.is_whole
    weaviate_double.graph_is_loaded = True
    index.add(IDS, ROWS, collection="a")
    index.complete()
    (left,) = weaviate_double.held
    assert left != class_of(place)
    index.close()


def test_a_store_goes_by_its_name_and_others_are_listed() -> None:
    assert load(VECTOR_STORES, "exact") is exact
    with pytest.raises(
        Misconfigured,
        match=r"'storage.vectors' names 'wefiate'.*Known: chroma, chroma-server, exact, weaviate",
    ):
        load(VECTOR_STORES, "wefiate", setting="storage.vectors")
