"""Paths that are the same place."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from kb.system.file_paths import full_path, path_key, sent_path


def test_accents_are_compared_as_one_letter_and_case_as_the_file_system_does() -> None:
    written = "Gehälter/Übersicht.TXT"
    assert path_key(unicodedata.normalize("NFD", written), folds_case=False) == path_key(
        written, folds_case=False
    )
    assert path_key(written.lower(), folds_case=False) != path_key(written, folds_case=False)
    assert path_key(written.lower(), folds_case=True) == path_key(written, folds_case=True)


def test_a_file_has_one_path_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mill").mkdir()
    file = tmp_path / "mill" / "list.txt"
    file.write_text("x", encoding="utf-8")
    whole = full_path(file)
    monkeypatch.chdir(tmp_path / "mill")
    assert {full_path(Path("list.txt")), full_path(Path("../mill/./list.txt"))} == {whole}
    (tmp_path / "link").symlink_to(tmp_path / "mill")
    assert full_path(tmp_path / "link" / "list.txt") == whole


def test_a_name_that_is_no_text_is_a_path_all_the_same(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.txt")
    assert full_path(odd).endswith("caf\\xe9.txt")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a/b.txt", "a/b.txt"),
        ("b.txt", ""),
        ("", ""),
        ("../../b.txt", ""),
        ("a\\b.txt", "a/b.txt"),
        ("/a//b", "a/b"),
    ],
)
def test_a_path_that_was_sent_is_relative_and_more_than_a_name(sent: str, kept: str) -> None:
    assert sent_path(sent) == kept
