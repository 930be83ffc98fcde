"""A document is a place: which files are one document, and which are two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kb.errors import BadInput
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.listing import Selection
from kb.state.deletion import delete_pending
from kb.types import OWNER, Added, JobKind, Notice, Origin, Question, SameName
from tests.kb.library import open_kb
from tests.kb.models.embed.unpacked import bundled_home
from tests.state import PREPARED


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with closing(open_kb(tmp_path / "home")) as opened:
        yield opened


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def add(kb: KnowledgeBase, file: Path, same_name: SameName = SameName.VERSION) -> Added:
    return kb.library.add_file(file, caller=OWNER, same_name=same_name)


def names(kb: KnowledgeBase) -> list[str]:
    return sorted(document.path for document in kb.library.documents(caller=OWNER))


def test_two_files_of_one_name_in_two_folders_are_two_documents(kb: KnowledgeBase, tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        added = add(kb, write(tmp_path / year / "invoice.txt", f"Consumption in {year}"))
        assert not added.already_present
        assert added.replaces is None
    assert names(kb) == [str(tmp_path / year / "invoice.txt") for year in ("2023", "2024")]


def test_equal_bytes_elsewhere_are_another_document_of_one_file(
    kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [
        write(tmp_path / folder / f"{folder}.txt", "The exit is in the north.")
        for folder in ("mill", "quarry")
    ]
    first, second = (add(kb, file).document for file in files)
    assert first.id != second.id
    assert first.sha256 == second.sha256
    monkeypatch.chdir(tmp_path / "mill")
    again = add(kb, Path("mill.txt"))
    assert (again.already_present, again.document.id) == (True, first.id)
    write(files[0], "The exit is in the south.")
    add(kb, files[0])
    blobs = kb.ingest_parts().blobs
    assert len(blobs.hashes()) == 2
    (left,) = [origin for origin in blobs.remembered(second.sha256) if origin.path == second.path]
    assert left == Origin("quarry.txt", "default", second.path, "file")


def test_an_upload_of_a_name_that_is_taken_loses_neither(kb: KnowledgeBase, tmp_path: Path) -> None:
    for text in ("one", "two"):
        kb.library.add(write(tmp_path / "sent", text), "report.txt", caller=OWNER)
    assert names(kb) == ["report (2).txt", "report.txt"]
    kb.library.add(write(tmp_path / "sent", "two"), "report.txt", caller=OWNER)
    assert len(names(kb)) == 2
    notes = {
        origin.path
        for sha in kb.ingest_parts().blobs.hashes()
        for origin in kb.ingest_parts().blobs.remembered(sha)
    }
    assert notes == {"report (2).txt", "report.txt"}


def test_a_file_that_changed_is_kept_beside_where_that_is_asked_for(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    file = write(tmp_path / "list.txt", "one")
    add(kb, file)
    beside = add(kb, write(file, "two"), SameName.SECOND)
    assert beside.document.name == "list (2).txt"
    assert len(names(kb)) == 2


COMPOSED, APART = unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café")
SPELLED = {
    "two folders": (f"{COMPOSED}/menu.txt", f"{APART}/menu.txt", "menu (2).txt"),
    "two names": (f"{COMPOSED}.txt", f"{APART}.txt", f"{COMPOSED} (2).txt"),
}


@pytest.fixture(params=SPELLED)
def two_files(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path, str]:
    """Two files whose paths differ in Unicode's form alone, and the name of the one that is added last."""
    first, second, name = SPELLED[request.param]
    files = write(tmp_path / first, "soup"), write(tmp_path / second, "two soups")
    if files[0].read_text(encoding="utf-8") != "soup":
        pytest.skip("this file system takes them for one file")
    return *files, name


@pytest.mark.parametrize("turned", [False, True], ids=["composed first", "apart first"])
def test_files_that_differ_in_the_form_of_an_accent_are_two_documents(
    kb: KnowledgeBase, two_files: tuple[Path, Path, str], *, turned: bool
) -> None:
    *files, name = two_files
    files = files[::-1] if turned else files
    first, second = (add(kb, file) for file in files)
    publish(kb)
    assert (second.replaces, second.beside) == (None, first.document)
    assert unicodedata.normalize("NFC", second.document.name) == name
    for file, added in zip(files[::-1], (second, first), strict=True):
        again = add(kb, file)
        assert (again.already_present, again.replaces) == (True, None)
        assert (again.document.id, again.document.path) == (added.document.id, str(file))
    newer = add(kb, write(files[1], "three soups"))
    assert newer.replaces is not None
    assert newer.replaces.id == second.document.id
    publish(kb)
    assert names(kb) == sorted(map(str, files))
    kept = {document.name: document.id for document in kb.library.documents(caller=OWNER)}
    assert kept == {first.document.name: first.document.id, second.document.name: newer.document.id}


def test_files_of_two_spellings_come_back_as_two_when_the_database_is_lost(
    two_files: tuple[Path, Path, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with closing(open_kb(home)) as kb:
        for file in two_files[:2]:
            assert not add(kb, file).already_present
        before = {(document.name, document.path) for document in kb.library.documents(caller=OWNER)}
    for file in (*two_files[:2], *home.glob("footnote.db*")):
        file.unlink()
    with closing(open_kb(home)) as kb:
        publish(kb)
        documents = kb.library.documents(caller=OWNER)
        assert {document.path for document in documents} == {path for _, path in before}
        assert len({document.name for document in documents}) == 2


def test_a_file_that_is_spelled_otherwise_since_is_a_new_version(kb: KnowledgeBase, tmp_path: Path) -> None:
    old, new = tmp_path / f"{COMPOSED}.txt", tmp_path / f"{APART}.txt"
    first = add(kb, write(old, "soup")).document
    publish(kb)
    old.rename(new)
    again = add(kb, new)
    assert (again.already_present, again.document.id, again.document.path) == (True, first.id, str(new))
    newer = add(kb, write(new, "more soup"))
    assert newer.replaces is not None
    assert newer.replaces.id == first.id
    publish(kb)
    assert len(names(kb)) == 1


def test_what_is_still_queued_is_said_when_it_is_replaced_or_stays_beside(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    def send(text: str, same_name: SameName | None = None) -> Added:
        return kb.library.add(write(tmp_path / "sent", text), "report.txt", caller=OWNER, same_name=same_name)

    first = send("one")
    second, third = send("two", SameName.VERSION), send("three", SameName.VERSION)
    assert (second.replaces, third.replaces) == (first.document, second.document)
    back = send("one", SameName.VERSION)
    assert (back.already_present, back.replaces) == (True, third.document)
    beside = send("four")
    assert (beside.document.name, beside.replaces) == ("report (2).txt", None)
    assert beside.beside is not None
    assert beside.beside.id == first.document.id


def publish(kb: KnowledgeBase) -> None:
    """Makes ready what is queued, and deletes what that replaces."""
    parts = kb.ingest_parts()
    while jobs := parts.jobs.claim("test", limit=1, kinds=(JobKind.IMPORT,)):
        parts.steps.begin_parsing(jobs[0])
        parts.steps.store_chunks(jobs[0], PREPARED)
        parts.steps.make_ready(jobs)
    delete_pending(parts.jobs, parts.steps, parts.blobs, owner="test")


def test_the_note_of_a_file_says_where_its_document_was_moved(kb: KnowledgeBase, tmp_path: Path) -> None:
    document = add(kb, write(tmp_path / "mill" / "mill.txt", "The exit is in the north.")).document
    moved = kb.listing.move(Selection((document.id,)), "Contracts", caller=OWNER)
    blobs = kb.ingest_parts().blobs
    there = Origin("mill.txt", "Contracts", document.path, "file")
    assert blobs.remembered(document.sha256) == [there]
    assert moved.undo is not None
    kb.listing.undo(moved.undo, caller=OWNER)
    assert blobs.remembered(document.sha256) == [replace(there, collection="default")]
    with pytest.raises(BadInput):
        kb.listing.move(Selection((document.id,)), "a\0b", caller=OWNER)


async def test_an_answer_says_what_could_not_be_searched_yet(kb: KnowledgeBase, tmp_path: Path) -> None:
    for name in ("one.txt", "two.txt"):
        add(kb, write(tmp_path / "sent" / name, name))
    bundled_home(kb.settings.home)
    asked = Question("Which documents are in my library?")
    events = [event async for event in kb.query_engine.ask(asked)]
    assert Notice("2 files are still being read and were not searched.") in events
