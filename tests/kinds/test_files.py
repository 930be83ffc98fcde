"""Files as disks have them: names without an encoding, endings of all kinds, equal names, equal bytes, one edited."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from ingest.formats import unread_kind
from kb.cli.folder_files import files_of
from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, SameName
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import open_kb


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    opened = open_kb(tmp_path / "home", embedder=HashEmbedder())
    yield opened
    opened.close()


def _add(kb: KnowledgeBase, file: Path) -> str:
    return kb.library.add_file(file, caller=OWNER, same_name=SameName.VERSION).document.id


def _held(kb: KnowledgeBase) -> set[bytes]:
    """The bytes of every document that is there."""
    documents = kb.library.documents(caller=OWNER)
    return {kb.library.original(document.id, caller=OWNER).read_bytes() for document in documents}


ENCODED = [
    (name, encoding)
    for encoding, names in {
        "latin-1": ("café.txt", "Größe.md", "año nuevo.txt", "façade", "Ærø.log"),
        "cp1251": ("отчёт.txt", "план.md"),
        "gbk": ("会议纪要.txt", "价格表.csv"),
        "shift_jis": ("議事録.txt", "予定.md"),
        "big5": ("公告.txt",),
        "euc-kr": ("회의록.txt",),
        "koi8-r": ("письмо.txt",),
        "iso8859-7": ("σημείωση.txt",),
        "utf-16-be": ("пā.txt",),
    }.items()
    for name in names
]


def test_a_name_in_any_encoding_hinders_no_import(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "old disk")
    os.mkdir(folder)  # noqa: PTH102 - the names are bytes
    texts = set()
    for number, (name, encoding) in enumerate(ENCODED):
        text = f"The well number {number} is nine metres deep.".encode()
        name_bytes = name.encode(encoding).replace(b"\0", b"").replace(b"/", b"")
        with open(os.path.join(folder, name_bytes), "wb") as file:  # noqa: PTH118, PTH123
            file.write(text)
        texts.add(text)
    found = files_of([tmp_path / "old disk"], unread_kind=unread_kind)
    assert (len(found.taken), found.left_out) == (len(ENCODED), [])
    for path in found.taken:
        _add(kb, path)
    assert _held(kb) == texts
    for document in kb.library.documents(caller=OWNER):
        document.name.encode()  # it can be shown


_TEXT = b"The rocket club meets on Fridays.\n"
READ = (
    "README", "LICENSE", "Makefile", "notes.rb", "tool.py", "a.rst", "b.org", "c.tex", "d.yaml", "e.json", "f.toml", "g.ini",
    "h.sh", "i.nfo", "j.log", "k.sql", "l.tsv", "m.adoc", "n.xml", "o.js", "p.go", "q.java", "r.rs", "s.text", "t.markdown",
    "u.unknown-ending", "v.TXT", "w.conf", "x.srt", "y.vtt",
)  # fmt: skip
NOT_READ = {
    "a.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "b.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "c.gif": b"GIF89a\x01\x00\x00\x00",
    "d.zip": b"PK\x03\x04\x14\x00", "e.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "f.mp3": b"ID3\x03\x00\x00\x00\x00\x0f\x76\x00\xff",
    "g.bin": bytes(range(256)) * 8, "h.exe": b"MZ\x90\x00\x03\x00\x00\x00" + bytes(400), "i.txt": b"", ".hidden": _TEXT,
}  # fmt: skip


def test_every_file_of_a_folder_is_taken_or_named(tmp_path: Path) -> None:
    for name in READ:
        (tmp_path / name).write_bytes(_TEXT)
    for name, held in NOT_READ.items():
        (tmp_path / name).write_bytes(held)
    (tmp_path / "linked").symlink_to(tmp_path.parent)
    found = files_of([tmp_path], unread_kind=unread_kind)
    assert sorted(path.name for path in found.taken) == sorted(READ)
    assert sorted(each.path.name for each in found.left_out) == sorted([*NOT_READ, "linked"])
    assert all(each.reason for each in found.left_out)


FOLDERS = ("2022", "2023", "2024", "Ärzte", "合同", "a/b", "a/c", "A", "v1.0", "v1.1")
NAMES = ("invoice.txt", "合同.md", "README")


def test_one_name_in_many_folders_stays_as_many_documents(kb: KnowledgeBase, tmp_path: Path) -> None:
    texts = {}
    for number, (folder, name) in enumerate(product(FOLDERS, NAMES)):
        file = tmp_path / "files" / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        texts[file] = f"Consumption {number}: {3000 + number} kWh.".encode()
        file.write_bytes(texts[file])
        _add(kb, file)
    assert _held(kb) == set(texts.values())
    changed = next(iter(texts))
    texts[changed] = b"Consumption: 9999 kWh."
    changed.write_bytes(texts[changed])
    _add(kb, changed)
    assert set(texts.values()) <= _held(kb)
    assert len(kb.library.documents(caller=OWNER)) <= len(texts) + 1, (
        "the version before goes when the new one is read"
    )


def test_equal_files_stay_apart_when_one_is_edited(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = [
        tmp_path / f"site {number}" / f"{name}.txt"
        for number in range(10)
        for name in ("checklist", "清单", "plan")
    ]
    same = b"The emergency exit is in the north wall."
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(same)
    ids = {_add(kb, file) for file in files}
    assert len(ids) == len(files)
    edited = set()
    for number, file in enumerate(files[::2]):
        edited.add(f"The exit {number} is now in the south wall.".encode())
        file.write_bytes(f"The exit {number} is now in the south wall.".encode())
        _add(kb, file)
    unchanged = {kb.library.document(one, caller=OWNER).id for one in ids}
    assert edited | {same} <= _held(kb)
    assert len(unchanged) == len(files), "what was equal is not replaced by what another became"
    assert _add(kb, files[1]) in ids, "the same file once more is no new document"
