"""What cannot be a data folder is said before anything is opened in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kb.errors import Misconfigured
from tests.doubles.hash_embedder import HashEmbedder
from tests.full_disk.run import reason_to_skip, small_disk
from tests.kb.library import open_kb


@pytest.mark.parametrize("inside", ["", "below"])
def test_a_file_is_no_data_folder(inside: str, tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")
    with pytest.raises(Misconfigured, match=r"there is a file of that name.*--home or FOOTNOTE_HOME"):
        open_kb(tmp_path / "home" / inside, embedder=HashEmbedder())


@pytest.mark.parametrize("name", ["footnote.db", "footnote.lock", "footnote.instance", "reserve"])
def test_a_folder_or_a_pipe_in_the_place_of_a_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(Misconfigured, match=rf"{name} is not a file.*Move it away"):
        open_kb(tmp_path, embedder=HashEmbedder())
    (tmp_path / name).rmdir()
    os.mkfifo(tmp_path / name)
    with pytest.raises(Misconfigured, match=rf"{name} is not a file"):
        open_kb(tmp_path, embedder=HashEmbedder())


@pytest.mark.parametrize("name", ["blobs", "names", "chroma", "words", "models", "uploads", "backups"])
def test_a_file_in_the_place_of_a_folder_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(Misconfigured, match=rf"{name} is not a folder.*Move it away"):
        open_kb(tmp_path, embedder=HashEmbedder())


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a file system that lets nobody write")
def test_a_folder_that_the_system_does_not_allow_is_named() -> None:
    with pytest.raises(
        Misconfigured, match=r"/sys/footnote cannot be made: .*Allow it, or name another folder"
    ):
        open_kb(Path("/sys/footnote"), embedder=HashEmbedder())


def test_a_folder_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    with only_readable(tmp_path) as home:
        before = sorted(home.iterdir())
        with pytest.raises(Misconfigured, match=r"home cannot be written .* its disk is read-only.*--home"):
            open_kb(home, embedder=HashEmbedder())
        assert sorted(home.iterdir()) == before


@contextmanager
def only_readable(folder: Path) -> Iterator[Path]:
    """A data folder in which nothing can be written; root may write anywhere but on a disk that is read-only."""
    if os.geteuid():
        (home := folder / "home").mkdir()
        home.chmod(0o500)
        yield home
        home.chmod(0o700)
        return
    if reason := reason_to_skip():
        pytest.skip(reason)
    with small_disk(4) as disk:
        open_kb(home := disk / "home", embedder=HashEmbedder()).close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yield home


def test_a_folder_that_can_be_written_opens(tmp_path: Path) -> None:
    with closing(open_kb(tmp_path / "new" / "home", embedder=HashEmbedder())) as kb:
        assert not kb.maintenance.is_held()
