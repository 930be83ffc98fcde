"""Vectors: kept at full width by what was embedded and by whom, and gone with the last chunk."""

from __future__ import annotations

import numpy as np
import pytest

from kb.errors import Misconfigured
from kb.state.chunks import text_hash
from kb.state.sql import SqlDatabase
from kb.state.vectors import Vectors
from kb.types import OWNER, Fingerprint
from tests.state import CHUNKS, State

FINGERPRINT = Fingerprint("m", "1", 4, 4, "")


def test_vectors_are_kept_at_full_width_and_cut_when_read(database: SqlDatabase) -> None:
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


def test_missing_vectors_are_named_once_in_order(database: SqlDatabase) -> None:
    vectors = Vectors(database, Fingerprint("m", "1", 4, 4, ""))
    vectors.put([b"b"], np.ones((1, 4), np.float32))
    assert vectors.missing([b"c", b"b", b"a", b"c"]) == [b"c", b"a"]
    with pytest.raises(KeyError):
        vectors.get([b"a"], width=4)


def test_another_embedder_does_not_see_them_and_a_wrong_width_is_refused(database: SqlDatabase) -> None:
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


def test_vectors_are_shared_by_whoever_has_the_same_text(state: State) -> None:
    vectors = Vectors(state.database, FINGERPRINT)
    state.ready("a", "x.pdf", owner=OWNER.id)
    state.ready("a", "x.pdf", owner="ada")
    assert vectors.count_lacking() == 4
    vectors.put([text_hash(chunk.embedded_text) for chunk in CHUNKS], np.ones((2, 4), np.float32))
    assert vectors.count_lacking() == 0
