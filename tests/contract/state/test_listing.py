"""A library as a list: narrowed, sorted the same way each time, and why what failed did."""

from __future__ import annotations

import pytest

from kb.state.blobs import Blob
from kb.state.listing import Listing
from kb.state.tags import Labels
from kb.types import ListedState, ListFilter, ListOrder, Origin, SortKey
from tests.state import State

NEWEST = ListOrder()


@pytest.fixture
def listing(state: State) -> Listing:
    return Listing(state.database)


def names(listing: Listing, wanted: ListFilter | None = None, order: ListOrder = NEWEST) -> list[str]:
    wanted = wanted or ListFilter()
    found = [document.name for document in listing.window(wanted, order, limit=100)]
    assert listing.count(wanted) == len(listing.ids(wanted)) == len(found)
    return found


def fail(state: State, letter: str, name: str, reason: str, *, unreadable: bool) -> None:
    state.add(letter, name)
    state.steps.fail(state.claim(), reason, unreadable=unreadable)


def test_files_of_one_second_stand_in_the_order_in_which_they_were_added(
    state: State, listing: Listing
) -> None:
    added = [state.add(letter, f"{letter}.txt").name for letter in "bdacfe"]
    assert names(listing) == added[::-1]
    assert [document.name for document in state.documents.page()] == added[::-1]


def test_every_key_sorts_both_ways_and_windows_join_without_a_gap(state: State, listing: Listing) -> None:
    for letter, name, collection in (("a", "b.txt", "x"), ("b", "A.md", "y"), ("c", "c.txt", "X")):
        state.ready(letter, name, collection)
    state.add("d", "d.pdf", "z")
    assert names(listing, order=ListOrder(SortKey.NAME, descending=False)) == [
        "A.md",
        "b.txt",
        "c.txt",
        "d.pdf",
    ]
    assert names(listing, order=ListOrder(SortKey.STATE, descending=False))[0] == "d.pdf", "it is under way"
    for key in SortKey:
        down, up = (ListOrder(key, descending=way) for way in (True, False))
        whole = names(listing, order=down)
        assert sorted(whole) == sorted(names(listing, order=up))
        windows = [listing.window(ListFilter(), down, limit=1, offset=place) for place in range(4)]
        assert [document.name for (document,) in windows] == whole


def test_each_filter_leaves_what_it_says(state: State, listing: Listing) -> None:
    place = Origin("report 100%.pdf", "c", "a_b/north/report 100%.pdf", "upload")
    state.documents.add(Blob("e" * 64, 10), place)
    state.documents.add(Blob("f" * 64, 10), Origin("other.pdf", "c", "axb/other.pdf", "upload"))
    state.finish()
    state.finish()
    noted = state.ready("a", "notes.MD", "d")
    Labels(state.database).tag([noted], add=["steel"])
    Labels(state.database).enable([noted], searchable=False)
    for wanted, expected in (
        (ListFilter(text=" 100% "), ["report 100%.pdf"]),
        (ListFilter(text="NOTES"), ["notes.MD"]),
        (ListFilter(text="nowhere", containing=(noted,)), ["notes.MD"]),
        (ListFilter(collection="d"), ["notes.MD"]),
        (ListFilter(folder="a_b"), ["report 100%.pdf"]),
        (ListFilter(folder="a_b/north"), ["report 100%.pdf"]),
        (ListFilter(folder="a"), []),
        (ListFilter(type="md"), ["notes.MD"]),
        (ListFilter(tag="steel"), ["notes.MD"]),
        (ListFilter(state=ListedState.LEFT_OUT), ["notes.MD"]),
        (ListFilter(state=ListedState.READY), ["other.pdf", "report 100%.pdf"]),
        (ListFilter(state=ListedState.IMPORTING), []),
    ):
        assert names(listing, wanted) == expected, wanted
    options = listing.options()
    assert options.folders == {"a_b/north": 1, "axb": 1}
    assert options.types == {"pdf": 2, "md": 1}
    assert options.states == {ListedState.READY: 2, ListedState.LEFT_OUT: 1}
    assert options.tags == {"steel": 1}


def test_what_is_being_deleted_is_listed_only_where_that_is_asked(state: State, listing: Listing) -> None:
    gone = state.ready("a", "a.txt")
    state.control.remove([gone])
    assert names(listing) == []
    assert names(listing, ListFilter(going=True)) == ["a.txt"]
    assert listing.options().collections == {}


def test_failures_are_grouped_by_why_and_say_whether_trying_again_can_help(
    state: State, listing: Listing
) -> None:
    fail(state, "a", "a.txt", "a.txt holds no text.", unreadable=True)
    fail(state, "b", "b.txt", "b.txt holds no text.", unreadable=True)
    fail(state, "c", "c.pdf", "c.pdf took longer than 60 s.", unreadable=False)
    fail(state, "d", "d.pdf", "d.pdf took longer than 90 s.", unreadable=False)
    fail(state, "e", "e.pdf", "e.pdf took longer than 90 s.", unreadable=False)
    slow, empty = listing.causes()
    assert (slow.count, slow.retry_helps) == (3, True)
    assert (empty.count, empty.retry_helps, empty.reason) == (2, False, "Each of these files holds no text.")
    assert names(listing, ListFilter(cause=empty.key)) == ["b.txt", "a.txt"]
    assert names(listing, ListFilter(cause="nothing")) == []
    state.control.retry(listing.ids(ListFilter(cause=empty.key))[0])
    (one,) = [cause for cause in listing.causes() if cause.count == 1]
    assert one.reason == "b.txt holds no text."


def test_words_are_counted_as_it_is_read(state: State) -> None:
    assert state.documents.get(state.ready("b")).words == 2
    assert state.add("a").words is None
