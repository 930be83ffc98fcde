"""What a search reads: which passages count, in which language, and their vectors."""

from __future__ import annotations

import numpy as np
import pytest

from kb.state.candidates import Passages
from kb.state.chunks import text_hash
from kb.state.tags import Labels
from kb.state.vectors import Vectors
from kb.types import Filters, Fingerprint
from tests.state import CHUNKS, State

FINGERPRINT = Fingerprint("m", "1", 2, 4, "")


def test_filters_leave_what_they_say(state: State) -> None:
    first, second = state.ready("a", "One.PDF"), state.ready("b", "100%_two.txt", collection="d")
    Labels(state.database).tag([second], add=["old", "steel"])
    with state.database.write() as connection:
        connection.execute("UPDATE documents SET folder = ? WHERE id = ?", ("a_b/c", first))
    passages = Passages(state.database, FINGERPRINT)
    of = {name: {chunk.id for chunk in state.chunks.of(name)} for name in (first, second)}
    day = state.documents.get(first).added[:10]
    for filters, wanted in (
        (Filters(), of[first] | of[second]),
        (Filters(collections=("d",)), of[second]),
        (Filters(collections=("d", "c")), of[first] | of[second]),
        (Filters(documents=(first,)), of[first]),
        (Filters(documents=("One.PDF", "nobody")), of[first]),
        (Filters(folders=("a_b/c",)), of[first]),
        (Filters(folders=("a_b", "nowhere")), of[first]),
        (Filters(folders=("a_", "a_b/", "axb")), set()),
        (Filters(types=("pdf",)), of[first]),
        (Filters(types=("_two.txt",)), set()),
        (Filters(tags=("old", "steel")), of[second]),
        (Filters(tags=("old", "new")), set()),
        (Filters(languages=("en",)), of[first] | of[second]),
        (Filters(languages=("zh",)), set()),
        (Filters(since=day), of[first] | of[second]),
        (Filters(before=day), set()),
    ):
        assert set(passages.ids(filters)) == wanted, filters
        assert passages.scope(filters).chunks == len(wanted)
        found = passages.candidates(of[first] | of[second], filters)
        assert {candidate.chunk_id for candidate in found} == wanted


def test_what_may_not_be_found_is_counted_as_indexed_only(state: State) -> None:
    shown, hidden = state.ready("a"), state.ready("b")
    state.embedding("c")
    Labels(state.database).enable([hidden], searchable=False)
    scope = Passages(state.database, FINGERPRINT).scope(Filters())
    assert (scope.chunks, scope.indexed, scope.languages) == (2, 4, frozenset({"en"}))
    assert scope.is_part
    assert set(Passages(state.database, FINGERPRINT).ids(Filters())) == {
        chunk.id for chunk in state.chunks.of(shown)
    }


def test_candidates_bring_their_vectors_at_the_width_in_use(state: State) -> None:
    document = state.ready("a")
    keys = [text_hash(chunk.embedded_text) for chunk in CHUNKS]
    Vectors(state.database, FINGERPRINT).put(keys[:1], np.array([[3, 4, 0, 0]], np.float32))
    first, second = sorted(
        Passages(state.database, FINGERPRINT).candidates(
            [chunk.id for chunk in state.chunks.of(document)], Filters()
        ),
        key=lambda candidate: candidate.chunk_id,
    )
    assert first.vector is not None
    assert first.vector.tolist() == pytest.approx([0.6, 0.8], abs=1e-3)
    assert second.vector is None
    assert (first.document_id, first.language) == (document, "en")
