"""Hostile files that are no PDF: each ends as its label says, within its memory, and nothing else is touched."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingest.parse.docx.document import parse_docx
from ingest.parse.docx.package import MAX_ENTRIES
from kb.errors import BadInput
from tests.data.make_samples import paragraph, write_docx

SHARED = Path(__file__).parents[3].parent / "shared" / "eval"
MANIFEST = SHARED / "hostile" / "manifest.jsonl"

# Reads one file under 600 MB of address space; says which way it ended.
PARSE = """
import json, resource, sys
from pathlib import Path
from ingest import formats
from kb.errors import BadInput
resource.setrlimit(resource.RLIMIT_AS, (600 * 2**20,) * 2)
path = Path(sys.argv[1])
try:
    result = {"text": formats.parse(path, path.name).text}
except BadInput as error:
    result = {"refused": str(error)}
print(json.dumps(result))
"""


def records() -> list[dict[str, Any]]:
    if not MANIFEST.exists():
        return []
    lines = MANIFEST.read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if not is_pdf(SHARED / one["path"])]


def is_pdf(path: Path) -> bool:
    return b"%PDF-" in path.read_bytes()[:1024]


def run(path: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, str] = json.loads(done.stdout)
    return result


@pytest.mark.skipif(not MANIFEST.exists(), reason="the shared evaluation data is not beside this checkout")
@pytest.mark.parametrize("record", records(), ids=lambda record: Path(record["path"]).name)
def test_ends_as_labelled(record: dict[str, Any]) -> None:
    result = run(SHARED / record["path"])
    refused = result.get("refused", "")
    if record["expect"] in ("reject", "no_text"):
        assert refused
    if record["expect"] == "password":
        assert "protected by a password" in refused
    if record["expect"] == "text":
        assert result["text"].strip()
    assert "root:" not in result.get("text", "")
    assert not Path("/tmp/slipped.txt").exists()


def test_an_entity_is_never_read_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the canary")
    path = tmp_path / "x.docx"
    write_docx(path, paragraph("&e;"))
    with zipfile.ZipFile(path) as archive:
        body = archive.read("word/document.xml").decode()
    for padding in ("", " " * 5000):
        declared = (
            f'<?xml version="1.0"?>{padding}<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]>{body}'
        )
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("word/document.xml", declared)
        with pytest.raises(BadInput, match="declares a document type"):
            parse_docx(path, "x.docx")


def test_a_part_that_inflates_beyond_reason_is_refused(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "x.docx", paragraph("a") * 200_000)
    with pytest.raises(BadInput, match="inflates to more than"):
        parse_docx(path, "x.docx")


def test_a_size_that_lies_is_found_out(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "x.docx", paragraph("a") * 200_000)
    raw = bytearray(path.read_bytes())
    entry = raw.index(b"PK\x01\x02", raw.index(b"word/document.xml"))
    while raw[entry + 46 : entry + 63] != b"word/document.xml":
        entry = raw.index(b"PK\x01\x02", entry + 4)
    raw[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(BadInput):
        parse_docx(path, "x.docx")


def test_a_damaged_checksum_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(write_docx(path, paragraph("needle")), "r") as archive:
        body = archive.read("word/document.xml")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("word/document.xml", body)
    path.write_bytes(path.read_bytes().replace(b"needle", b"noodle"))
    with pytest.raises(BadInput, match=r"word/document\.xml cannot be unpacked \(Bad CRC"):
        parse_docx(path, "x.docx")


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(f"word/{number}", b"")
    with pytest.raises(BadInput, match="entries"):
        parse_docx(path, "x.docx")


def test_deep_tables_end_in_a_sentence(tmp_path: Path) -> None:
    nested = "<w:tbl><w:tr><w:tc>" * 300 + "</w:tc></w:tr></w:tbl>" * 300
    with pytest.raises(BadInput, match="damaged"):
        parse_docx(write_docx(tmp_path / "x.docx", nested), "x.docx")
