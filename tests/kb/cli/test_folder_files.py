"""What ``add`` takes of a folder, and what it says of the rest."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from ingest.formats import unread_kind
from kb.cli.folder_files import FolderFiles, files_of
from kb.errors import BadInput
from kb.types import OWNER
from tests.kb.library import open_kb


def found_in(folder: Path) -> tuple[list[str], dict[str, list[str]]]:
    found: FolderFiles = files_of([folder], unread_kind=unread_kind)
    return [path.name for path in found.taken], {
        reason: [path.name for path in paths] for reason, paths in found.by_reason().items()
    }


def test_what_is_text_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    texts = {
        "README": b"The licence code is in the blue folder.\n",
        "tool.rb": b"def launch\n  # waits 40 seconds\nend\n",
        "notes.ipynb": b'{"cells": [], "nbformat": 4}',
        "plan.txt": b"The club meets on Fridays.\n",
        "wide.nfo": "Größe und Länge".encode("utf-16"),
        "gbk.readme": "茶树最早在云南的山区栽培。".encode("gbk"),
        "paper": b"%PDF-1.7\n\x00\x01",
        "letter": b"PK\x03\x04 word/document.xml",
    }
    for name, held in texts.items():
        (tmp_path / name).write_bytes(held)
    assert found_in(tmp_path) == (sorted(texts), {})


def test_everything_else_is_said_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A ferry crosses the sound.", encoding="utf-8")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    (tmp_path / "scan").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00")
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "old.xyz").write_bytes(b"PK\x03\x04 something else")
    (tmp_path / "nothing.txt").write_bytes(b"")
    (tmp_path / ".env").write_text("KEY=1", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("[core]", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.txt")
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(str(tmp_path / "socket.txt"))
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "back").symlink_to(tmp_path)
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    taken, left_out = found_in(tmp_path)
    assert taken == ["a.txt", "link.txt"]
    assert left_out == {
        "hidden": [".env", ".git"],
        "a picture (PNG)": ["photo.png"],
        "a picture (JPEG)": ["scan"],
        "binary data": ["noise.bin"],
        "a ZIP container": ["old.xyz"],
        "empty": ["nothing.txt"],
        "a named pipe": ["pipe.txt"],
        "a socket": ["socket.txt"],
        "a link to nothing": ["gone.txt"],
        "a link to a folder (not followed; name it to add what is in it)": ["back"],
    }


def test_a_name_that_no_file_can_have_is_left_to_what_reads_it(tmp_path: Path) -> None:
    paths = [tmp_path / ("a" * 5000), tmp_path / "none"]
    assert files_of(paths, unread_kind=unread_kind).taken == paths


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty"])
def test_a_device_is_refused(device: str, tmp_path: Path) -> None:
    with closing(open_kb(tmp_path / "home")) as kb, pytest.raises(BadInput, match=r"zero|tty"):
        kb.library.add(Path(device), Path(device).name, caller=OWNER)


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with closing(open_kb(tmp_path / "home")) as kb:
        with pytest.raises(BadInput, match="pipe is a named pipe, not a file"):
            kb.library.add(tmp_path / "pipe", "pipe", caller=OWNER)
        with pytest.raises(BadInput, match="no file can have this path"):
            kb.library.add(tmp_path / "a\0b", "ab", caller=OWNER)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("caf\udce9.txt", r"caf\xe9.txt"),
        ("a\x1b[31mred\nb.txt", r"a\x1b[31mred\nb.txt"),
        ("bill\u202efdp.txt", r"bill\u202efdp.txt"),
        ("nul\0.txt", r"nul\x00.txt"),
        ("half\ud83d.txt", r"half\ud83d.txt"),
        ("茶 ☕ é.txt", "茶 ☕ é.txt"),
    ],
)
def test_a_name_that_cannot_be_shown_is_kept_readable(name: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A ferry crosses the sound.", encoding="utf-8")
    with closing(open_kb(tmp_path / "home")) as kb:
        added = kb.library.add(tmp_path / "a.txt", name, caller=OWNER).document
        assert added.name == shown
        assert kb.library.document(added.id, caller=OWNER).name == shown
