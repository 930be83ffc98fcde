"""One suite for every VectorStore: what callers may rely on, whichever it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import SecretStr

from kb.config import StorageSettings
from kb.errors import BackendDown, Misconfigured
from kb.index.pair import vector_lifecycle
from kb.index.vector.chroma import ChromaStore
from kb.index.vector.exact import ExactStore
from kb.ports import IndexLifecycle, VectorStore
from kb.types import Fingerprint
from tests.doubles.weaviate_server import MOST_BYTES, WeaviateDouble
from tests.harness.chroma_server import ChromaServerProcess

if TYPE_CHECKING:
    from kb.types import Matrix

WIDTH = 48
FINGERPRINT = Fingerprint("test", "1", WIDTH, WIDTH, "")


def rows(count: int, *, seed: int) -> Matrix:
    drawn = np.random.default_rng(seed).standard_normal((count, WIDTH)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def near_centres(count: int, *, seed: int) -> Matrix:
    """Vectors as passages have them, many near one another, and the same centres for every ``seed``."""
    drawn = np.random.default_rng(0).standard_normal((100, WIDTH))[np.arange(count) % 100]
    drawn = drawn + 0.6 * np.random.default_rng(seed).standard_normal((count, WIDTH))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(params=["exact", "chroma", "chroma-server", "weaviate"])
def lifecycle(request: pytest.FixtureRequest, tmp_path: Path) -> IndexLifecycle[VectorStore]:
    """How the store keeps its indexes; those on servers are asked for only where they are needed."""
    storage = {"vectors": request.param}
    if request.param == "chroma-server":
        storage["vectors_url"] = request.getfixturevalue("chroma_process").url
    if request.param == "weaviate":
        double: WeaviateDouble = request.getfixturevalue("weaviate_double")
        storage |= {"vectors_url": double.url, "vectors_grpc_port": double.grpc_port}
    return vector_lifecycle(StorageSettings.model_validate(storage), tmp_path, FINGERPRINT)


@pytest.fixture
def store(lifecycle: IndexLifecycle[VectorStore]) -> Iterator[VectorStore]:
    opened = lifecycle.open(lifecycle.begin())
    yield opened
    opened.close()


def test_an_empty_store_finds_nothing(store: VectorStore) -> None:
    assert store.search(rows(1, seed=0)[0], 5) == []
    assert store.ids() == {}


def test_each_row_finds_itself_first_with_cosine_one(store: VectorStore) -> None:
    vectors = rows(200, seed=1)
    store.add(list(range(200)), vectors, collection="a")
    for chunk_id, vector in enumerate(vectors):
        (found, cosine), *_ = store.search(vector, 3)
        assert found == chunk_id
        assert cosine == pytest.approx(1.0, abs=1e-4)


def test_hits_are_sorted_and_scores_are_cosines(store: VectorStore) -> None:
    vectors = rows(100, seed=2)
    store.add(list(range(100)), vectors, collection="a")
    question = rows(1, seed=3)[0]
    hits = store.search(question, 10)
    cosines = [cosine for _, cosine in hits]
    assert len(hits) == 10
    assert cosines == sorted(cosines, reverse=True)
    assert cosines == pytest.approx([float(vectors[found] @ question) for found, _ in hits], abs=1e-4)


def test_it_finds_what_exact_search_finds(store: VectorStore) -> None:
    vectors, questions = rows(500, seed=4), rows(20, seed=5)
    exact = ExactStore(FINGERPRINT)
    for target in (store, exact):
        target.add(list(range(500)), vectors, collection="a")
    for question in questions:
        wanted = {found for found, _ in exact.search(question, 10)}
        assert {found for found, _ in store.search(question, 10)} == wanted


def test_of_5000_rows_it_finds_what_exact_search_finds(store: VectorStore) -> None:
    if isinstance(store, ExactStore):
        return  # that is what it is compared with
    vectors, questions = near_centres(5000, seed=11), near_centres(50, seed=12)
    exact = ExactStore(FINGERPRINT)
    for target in (store, exact):
        target.add(list(range(3000)), vectors[:3000], collection="a")
        target.add(list(range(3000, 5000)), vectors[3000:], collection="b")
        target.delete(list(range(0, 5000, 7)), collection="a")
        target.delete(list(range(0, 5000, 7)), collection="b")
        target.add(list(range(0, 3000, 14)), vectors[:3000:14], collection="a")
    for collection in (None, "a", "b"):
        found = wanted = 0
        for question in questions:
            best = {chunk_id for chunk_id, _ in exact.search(question, 10, collection=collection)}
            wanted += len(best)
            found += len(best & {each for each, _ in store.search(question, 10, collection=collection)})
        assert found / wanted >= 0.99
    assert {name: sorted(ids) for name, ids in store.ids().items()} == {
        name: sorted(ids) for name, ids in exact.ids().items()
    }


@pytest.mark.parametrize("name", ["", " ", "a" * 5000, "../x", "名\u0000字", "A", "a", "'; drop", "🙂\n"])
def test_a_collection_may_have_any_name(store: VectorStore, name: str) -> None:
    vectors = rows(2, seed=13)
    store.add([1], vectors[:1], collection=name)
    store.add([2], vectors[1:], collection=name + "!")
    assert store.ids() == {name: {1}, name + "!": {2}}
    assert [found for found, _ in store.search(vectors[1], 5, collection=name)] == [1]


def test_more_is_wanted_than_there_is(store: VectorStore) -> None:
    store.add([1, 2, 3], rows(3, seed=14), collection="a")
    assert len(store.search(rows(1, seed=15)[0], 1000)) == 3
    store.add([], rows(0, seed=0), collection="a")
    store.delete([], collection="a")


def test_collections_are_searched_alone_or_together(store: VectorStore) -> None:
    vectors = rows(4, seed=6)
    store.add([1, 2], vectors[:2], collection="日本語 / a b")
    store.add([3, 4], vectors[2:], collection="b")
    assert {found for found, _ in store.search(vectors[0], 10, collection="b")} == {3, 4}
    assert {found for found, _ in store.search(vectors[0], 10)} == {1, 2, 3, 4}
    assert store.search(vectors[0], 10, collection="nowhere") == []
    assert store.ids() == {"日本語 / a b": {1, 2}, "b": {3, 4}}


def test_adding_again_replaces(store: VectorStore) -> None:
    old, new = rows(2, seed=7)
    store.add([9], old[None], collection="a")
    store.add([9], new[None], collection="a")
    assert store.ids() == {"a": {9}}
    assert store.search(new, 1)[0][1] == pytest.approx(1.0, abs=1e-4)


def test_deleted_rows_are_gone_and_unknown_ones_passed_over(store: VectorStore) -> None:
    vectors = rows(50, seed=8)
    store.add(list(range(50)), vectors, collection="a")
    store.delete([*range(25), 999], collection="a")
    store.delete([1], collection="nowhere")
    assert store.ids() == {"a": set(range(25, 50))}
    for chunk_id in range(25, 50):
        assert store.search(vectors[chunk_id], 1)[0][0] == chunk_id


def test_nothing_is_left_of_an_index_without_its_rows_and_it_can_be_filled_again(store: VectorStore) -> None:
    vectors = rows(2, seed=9)
    store.add([1, 2], vectors, collection="a")
    store.delete([1, 2], collection="a")
    assert not any(store.ids().values())
    assert store.search(vectors[0], 3) == []
    store.add([1], vectors[:1], collection="a")
    assert store.search(vectors[0], 3)[0][0] == 1


def served(url: str, home: Path, **more: object) -> IndexLifecycle[VectorStore]:
    settings = StorageSettings.model_validate({"vectors": "chroma-server", "vectors_url": url, **more})
    return vector_lifecycle(settings, home, FINGERPRINT)


def test_a_chroma_server_that_is_killed_while_rows_are_added_has_those_it_said_it_has(
    chroma_process: ChromaServerProcess, tmp_path: Path
) -> None:
    vectors = rows(1600, seed=16)
    lifecycle = served(chroma_process.url, tmp_path)
    place = lifecycle.begin()
    store = lifecycle.open(place)
    store.add(range(1200), vectors[:1200], collection="a")
    store.add(range(5600), rows(5600, seed=17), collection="b")  # more than its max_batch_size of 5,461
    killer = threading.Timer(0.05, chroma_process.kill)
    killer.start()
    with suppress(BackendDown):
        while killer.is_alive():
            store.add(range(1200, 1600), vectors[1200:], collection="a")
    killer.join()
    with pytest.raises(BackendDown, match="does not answer"):
        store.search(vectors[0], 1)
    store.close()
    chroma_process.start()
    again = served(chroma_process.url, tmp_path)
    assert again.is_there(place)
    store = again.open(
        place
    )  # which searches for rows that it has: above 1,000 they come from the graph's files
    held = store.ids()["a"]
    assert held >= set(range(1200))
    assert len(store.ids()["b"]) == 5600
    assert all(
        store.search(vectors[chunk_id], 1, collection="a")[0][0] == chunk_id
        for chunk_id in sorted(held)[::40]
    )
    store.add(range(1200, 1600), vectors[1200:], collection="a")
    assert store.ids()["a"] == set(range(1600))
    store.close()


def test_more_bytes_than_a_message_of_grpc_holds(weaviate_double: WeaviateDouble, tmp_path: Path) -> None:
    wide = Fingerprint("wide", "1", 4096, 4096, "")
    lifecycle = vector_lifecycle(at(weaviate_double), tmp_path, wide)
    store = lifecycle.open(lifecycle.begin())
    vectors = np.full((300, 4096), 1 / 64, dtype=np.float32)
    assert vectors.nbytes > MOST_BYTES
    store.add(range(300), vectors, collection="a")
    assert store.ids() == {"a": set(range(300))}
    store.close()


def test_no_proxy_stands_before_a_server_on_this_machine(
    weaviate_double: WeaviateDouble,
    chroma_process: ChromaServerProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy", "HTTP_PROXY", "GRPC_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    for lifecycle in (
        vector_lifecycle(at(weaviate_double), tmp_path, FINGERPRINT),
        served(chroma_process.url, tmp_path),
    ):
        store = lifecycle.open(lifecycle.begin())
        store.add([1], rows(1, seed=18), collection="a")
        assert store.search(rows(1, seed=18)[0], 1)[0][0] == 1
        store.close()


def test_what_is_no_such_server_is_said(
    weaviate_double: WeaviateDouble, chroma_process: ChromaServerProcess, tmp_path: Path
) -> None:
    with pytest.raises(BackendDown, match="something else than a Chroma server"):
        served(weaviate_double.url, tmp_path).begin()
    wrong = at(weaviate_double).model_copy(update={"vectors_url": chroma_process.url})
    with pytest.raises(BackendDown, match="Weaviate"):
        vector_lifecycle(wrong, tmp_path, FINGERPRINT).begin()
    with pytest.raises(Misconfigured, match=r"storage\.vectors_url is not set"):
        vector_lifecycle(StorageSettings(vectors="weaviate"), tmp_path, FINGERPRINT)
    with pytest.raises(Misconfigured, match=r"169\.254\.169\.254"):
        served("http://169.254.169.254", tmp_path)


def test_a_weaviate_server_is_told_its_key_and_nobody_else_is(tmp_path: Path) -> None:
    double = WeaviateDouble(key="canary-4711-key")
    double.start()
    for key, sentence in (("wrong-key", "refuses the key"), (None, "refuses whoever has no key")):
        settings = at(double).model_copy(update={"vectors_key": SecretStr(key) if key else None})
        with pytest.raises(Misconfigured, match=sentence):
            vector_lifecycle(settings, tmp_path, FINGERPRINT).begin()
    double.stop()


def at(double: WeaviateDouble) -> StorageSettings:
    return StorageSettings(vectors="weaviate", vectors_url=double.url, vectors_grpc_port=double.grpc_port)


def test_chroma_keeps_rows_and_keeps_fingerprints_apart(tmp_path: Path) -> None:
    vectors = rows(3, seed=10)
    first = ChromaStore(FINGERPRINT, folder=tmp_path)
    first.add([1, 2, 3], vectors, collection="a")
    first.close()
    other = ChromaStore(Fingerprint("other", "1", WIDTH, WIDTH, ""), folder=tmp_path)
    assert other.ids() == {}
    other.close()
    again = ChromaStore(FINGERPRINT, folder=tmp_path)
    assert again.ids() == {"a": {1, 2, 3}}
    assert again.search(vectors[1], 1)[0][0] == 2
    again.close()
