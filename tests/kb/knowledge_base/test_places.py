"""A document is a place: which files are one document, and which are two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, Added, Origin, SameName
from tests.kb.library import open_kb


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
