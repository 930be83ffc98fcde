"""Documents are put into another collection, and back."""

from __future__ import annotations

import pytest

from kb.errors import NotFound
from kb.state.moves import Moves
from kb.types import MoveToFollow, Origin, SameName
from tests.state import State, blob


@pytest.fixture
def moves(state: State) -> Moves:
    return Moves(state.database, clock=lambda: state.now)


def where(state: State) -> dict[str, str]:
    return {document.id: document.collection for document in state.documents.page()}


def test_a_document_is_moved_followed_and_put_back(state: State, moves: Moves) -> None:
    first, second = state.ready("a"), state.ready("b")
    acted, moved = moves.move([first, second, first], "d")
    assert (acted.changed, acted.refused) == (2, 0)
    assert {(each.before.collection, each.after.collection) for each in moved} == {("c", "d")}
    assert where(state) == {first: "d", second: "d"}
    assert {each.indexed_in for each in moves.to_follow()} == {"c"}
    waiting = next(each for each in moves.to_follow() if each.document_id == first)
    assert waiting == MoveToFollow(first, "c", "d", is_live=True)

    again, _ = moves.move([first], "e")  # before the indexes have followed: they hold it where it was first
    moves.followed(waiting)
    assert [each for each in moves.to_follow() if each.document_id == first] == [
        MoveToFollow(first, "d", "e", is_live=True)
    ]
    assert again.undo is not None
    assert acted.undo is not None
    back = moves.undo(again.undo)
    assert back is not None
    assert (back[0].changed, where(state)[first]) == (1, "d")
    assert moves.undo(acted.undo, owner="ada") is None
    assert moves.undo(acted.undo) is not None
    assert where(state) == {first: "d", second: "c"}  # what was moved on since stays where that put it


def test_what_would_take_the_place_of_another_file_stays(state: State, moves: Moves) -> None:
    here, there = state.ready("a", "one.pdf"), state.ready("b", "one.pdf", collection="d")
    acted, moved = moves.move([here], "d")
    assert (acted.changed, acted.refused, acted.undo, moved) == (0, 1, None, [])
    assert "one.pdf is in d already" in (acted.reason or "")
    assert moves.move([there], "d")[0].changed == 0
    assert moves.to_follow() == []
    with pytest.raises(NotFound):
        moves.move([there, "nobody"], "e")
    assert where(state) == {here: "c", there: "d"}


def test_every_version_goes_and_the_new_one_takes_the_place_of_the_old(state: State, moves: Moves) -> None:
    old = state.ready("a", "one.pdf")
    new = state.documents.add(blob("b"), Origin("one.pdf", "c"), same_name=SameName.VERSION).document
    assert moves.move([old], "d")[0].changed == 1
    assert where(state) == {old: "d", new.id: "d"}
    state.finish()
    assert where(state)[new.id] == "d"
    assert state.documents.get(old).state == "deleting"


def test_an_old_move_can_no_longer_be_undone(state: State, moves: Moves) -> None:
    first, second = state.ready("a"), state.ready("b")
    acted, _ = moves.move([first], "d")
    moves.followed(moves.to_follow()[0])
    state.now += 4000
    moves.move([second], "d")
    assert acted.undo is not None
    assert moves.undo(acted.undo) is None
