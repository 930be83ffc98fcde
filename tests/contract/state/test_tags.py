"""Tags, and whether a document is searched: each change is all or nothing."""

from __future__ import annotations

import pytest

from kb.errors import BadInput, NotFound
from kb.state.tags import MAX_TAG, Labels
from tests.state import State


@pytest.fixture
def labels(state: State) -> Labels:
    return Labels(state.database)


def tags(state: State, document_id: str) -> tuple[str, ...]:
    return state.documents.get(document_id).tags


def test_tags_are_tidied_ordered_and_kept_once(state: State, labels: Labels) -> None:
    first, second = state.add("a").id, state.add("b").id
    labels.tag([first, second], add=["#Steel bridges", "old"])
    labels.tag([first], add=["steel-bridges", "in use"], remove=["old", "never there"])
    assert tags(state, first) == ("in-use", "steel-bridges")
    assert tags(state, second) == ("old", "steel-bridges")


def test_a_change_is_all_or_nothing(state: State, labels: Labels) -> None:
    document = state.add("a").id
    with pytest.raises(NotFound, match="'nobody'"):
        labels.tag([document, "nobody"], add=["new"])
    with pytest.raises(NotFound):
        labels.enable([document, "nobody"], searchable=False)
    for empty in ("", " # ", "x" * (MAX_TAG + 1)):
        with pytest.raises(BadInput):
            labels.tag([document], add=["new", empty])
    assert tags(state, document) == ()
    assert state.documents.get(document).searchable


def test_what_is_not_searched_is_not_found_and_stays(state: State, labels: Labels) -> None:
    document = state.ready("a")
    ids = [chunk.id for chunk in state.chunks.of(document)]
    labels.enable([document], searchable=False)
    assert state.chunks.findable(ids) == {}
    assert state.chunks.published_ids() == {"c": set(ids)}, "the indexes keep it"
    labels.enable([document], searchable=True)
    assert set(state.chunks.findable(ids)) == set(ids)


def test_tags_go_with_their_document(state: State, labels: Labels) -> None:
    state.keep_file("a")
    labels.tag([state.ready("a")], add=["old"])
    state.control.remove([state.documents.page()[0].id])
    state.delete_pending()
    assert tags(state, state.ready("a")) == ()
