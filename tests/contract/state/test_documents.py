"""Documents: how they are added, listed, and replaced by a newer version."""

from __future__ import annotations

import pytest

from kb.errors import NotFound
from kb.types import Added, DocumentState, Origin, SameName
from tests.state import State, blob


def test_the_same_bytes_are_one_document_at_one_place_and_another_elsewhere(state: State) -> None:
    first = state.documents.add(blob("a"), Origin("one.pdf", "c", "/x/one.pdf", "file"))
    again = state.documents.add(blob("a"), Origin("one.pdf", "c", "/x/one.pdf", "file"))
    others = [
        state.documents.add(blob("a"), origin)
        for origin in (
            Origin("one.pdf", "c", "/y/one.pdf", "file"),
            Origin("copy.pdf", "c", "/x/copy.pdf", "file"),
            Origin("one.pdf", "c", "/x/one.pdf", "upload"),
            Origin("one.pdf", "d", "/x/one.pdf", "file"),
        )
    ]
    assert not first.already_present
    assert again.already_present
    assert again.document.id == first.document.id
    assert (first.document.path, first.document.source) == ("/x/one.pdf", "file")
    assert len({first.document.id, *(other.document.id for other in others)}) == 5
    assert not any(other.already_present for other in others)
    assert state.documents.collections() == ["c", "d"]


def test_a_new_version_replaces_only_what_was_at_its_place(state: State) -> None:
    mill, quarry = (Origin("list.txt", "c", f"/{folder}/list.txt", "file") for folder in ("mill", "quarry"))
    for origin in (mill, quarry):
        state.documents.add(blob("a"), origin)
        state.finish()
    newer = state.documents.add(blob("b"), mill)
    assert newer.replaces is not None
    assert newer.replaces.path == "/mill/list.txt"
    state.finish()
    state.delete_pending()
    assert {(d.path, d.sha256[0]) for d in state.documents.page()} == {
        ("/mill/list.txt", "b"),
        ("/quarry/list.txt", "a"),
    }


def test_a_second_document_of_one_name_is_kept_beside_and_found_again(state: State) -> None:
    origin = Origin("report.pdf", "c", source="upload")

    def add(letter: str) -> Added:
        return state.documents.add(blob(letter), origin, same_name=SameName.SECOND)

    first = add("a")
    state.finish()
    second, third = add("b"), add("c")
    assert [added.document.name for added in (first, second, third)] == [
        "report.pdf",
        "report (2).pdf",
        "report (3).pdf",
    ]
    assert second.replaces is None
    assert second.beside == first.beside or second.beside is not None
    for letter, added in zip("abc", (first, second, third), strict=True):
        again = add(letter)
        assert again.already_present
        assert again.document.id == added.document.id


def test_a_document_that_kept_no_place_is_adopted_by_the_first_file_of_its_name_and_bytes(
    state: State,
) -> None:
    old = state.ready("a", "report.pdf")
    added = state.documents.add(blob("a"), Origin("report.pdf", "c", "/x/report.pdf", "file"))
    assert added.already_present
    assert (added.document.id, added.document.path, added.document.source) == (old, "/x/report.pdf", "file")
    elsewhere = state.documents.add(blob("a"), Origin("report.pdf", "c", "/y/report.pdf", "file"))
    assert not elsewhere.already_present
    assert elsewhere.document.id != old


def test_a_new_version_replaces_the_old_one_only_when_it_is_ready(state: State) -> None:
    state.keep_file("a")
    old = state.ready("a", "report.pdf")
    old_ids = [chunk.id for chunk in state.chunks.of(old)]
    new = state.embedding("b", "report.pdf")
    assert state.documents.get(new.document_id).replaces == old
    assert set(state.chunks.findable(old_ids)) == set(old_ids)
    state.steps.make_ready([new])
    assert state.chunks.findable(old_ids) == {}
    assert state.delete_pending() == ["a" * 64]
    assert state.chunks.tombstones() == {"c": old_ids}
    with pytest.raises(NotFound):
        state.documents.get(old)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0), (1, 0, 2)])
def test_of_several_new_versions_the_last_one_stays_whichever_is_ready_first(
    state: State, order: tuple[int, ...]
) -> None:
    jobs = [state.embedding(letter, "report.pdf") for letter in "abc"]
    for number in order:
        state.steps.make_ready([jobs[number]])
    state.delete_pending()
    (left,) = state.documents.page()
    assert left.id == jobs[2].document_id


def test_an_older_version_that_is_added_again_stays_though_a_newer_one_is_under_way(state: State) -> None:
    old = state.ready("a", "report.pdf")
    newer = state.embedding("b", "report.pdf")
    assert state.documents.add(blob("a"), Origin("report.pdf", "c")).already_present
    state.steps.make_ready([newer])
    state.delete_pending()
    (left,) = state.documents.page()
    assert left.id == old


def test_a_failed_new_version_leaves_the_old_one_alone(state: State) -> None:
    old = state.ready("a", "report.pdf")
    new = state.embedding("b", "report.pdf")
    state.steps.fail(new, "It is damaged.")
    assert state.documents.get(old).state is DocumentState.READY
    assert len(state.chunks.findable([chunk.id for chunk in state.chunks.of(old)])) == 2
    assert state.documents.get(new.document_id).reason == "It is damaged."


def test_a_failed_document_keeps_nothing_and_can_be_queued_again(state: State) -> None:
    job = state.embedding("a")
    state.steps.fail(job, "Why.")
    state.delete_pending()
    assert state.chunks.of(job.document_id) == []
    assert state.jobs.waiting() == 0
    added = state.documents.add(blob("a"), Origin("a.pdf", "c"))
    assert (added.document.id, added.already_present) == (job.document_id, False)
    assert added.document.state is DocumentState.QUEUED
    assert added.document.reason is None


def test_a_failed_file_may_come_again_under_another_name(state: State) -> None:
    failed = state.embedding("a", "x.pdf")
    state.steps.fail(failed, "Why.")
    other = state.add("a", "x.txt")
    assert other.id != failed.document_id
    state.control.retry(failed.document_id)
    assert state.documents.get(failed.document_id).state is DocumentState.QUEUED


def test_a_blob_that_another_document_needs_stays(state: State) -> None:
    state.keep_file("a")
    first, second = state.ready("a", collection="c"), state.ready("a", collection="d")
    state.control.remove([first])
    assert state.delete_pending() == []
    state.control.remove([second])
    assert state.delete_pending() == ["a" * 64]


def test_pages_of_the_list_are_newest_first_and_complete(state: State) -> None:
    ids = {state.add(letter).id for letter in "abcdef"}
    pages = [state.documents.page(limit=4), state.documents.page(limit=4, offset=4)]
    assert [len(page) for page in pages] == [4, 2]
    assert {document.id for page in pages for document in page} == ids
    assert state.documents.page(collection="nowhere") == []
