"""Files made or found to break parsers, through the real sandbox: each ends as its manifest says, in time."""

from __future__ import annotations

import re
import socket
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ingest.sandbox.sandbox import ParserCrashed, Sandbox
from kb.errors import BadInput
from tests.ingest.hostile_cases import (
    MANIFEST,
    MEGABYTES,
    SECONDS,
    SHARED,
    assert_ends_as_labelled,
    params,
)

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(), reason="the shared evaluation data is not beside the checkout"
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, seconds=SECONDS, megabytes=MEGABYTES) as sandbox:
        yield sandbox


def outcome(sandbox: Sandbox, path: Path) -> tuple[str, str]:
    """``text`` and the text, or ``refused`` and the sentence."""
    try:
        return "text", sandbox.parse(path, path.name).text
    except ParserCrashed as error:
        pytest.fail(f"contained, but none of these should crash a parser of ours: {error}")
    except BadInput as error:
        return "refused", str(error)


@pytest.mark.parametrize("case", params())
def test_a_hostile_file_ends_as_it_should(sandbox: Sandbox, case: dict[str, Any]) -> None:
    path = SHARED / case["path"]
    start = time.monotonic()
    how, words = outcome(sandbox, path)
    assert time.monotonic() - start < SECONDS + 2
    assert_ends_as_labelled(case, how, words)


@pytest.mark.parametrize("name", ["poi_poc-xmlbomb.xlsx", "uns_fake-power-point-malformed.pptx"])
def test_a_format_that_is_not_read_is_named(sandbox: Sandbox, name: str) -> None:
    how, words = outcome(sandbox, SHARED / "hostile" / "files" / name)
    assert how == "refused"
    assert re.search(r"Excel|PowerPoint", words)
    assert "PDF" in words  # what to save it as


@pytest.mark.parametrize("name", ["xxe_file.docx", "poi_ExternalEntityInText.docx"])
def test_an_entity_reads_no_other_file(sandbox: Sandbox, name: str) -> None:
    _, words = outcome(sandbox, SHARED / "hostile" / "files" / name)
    for line in Path("/etc/passwd").read_text(encoding="utf-8").splitlines():
        assert line not in words


def retarget(source: Path, target: Path, *, old: bytes, new: bytes) -> None:
    """A copy of a ZIP container with ``old`` replaced in all its parts."""
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w") as made:
        for name in given.namelist():
            made.writestr(name, given.read(name).replace(old, new))


def test_an_entity_makes_no_connection(sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        retarget(
            SHARED / "hostile" / "files" / "xxe_http.docx",
            tmp_path / "entity.docx",
            old=b"127.0.0.1:9/",
            new=f"{address}/".encode(),
        )
        (tmp_path / "page.html").write_text(
            f'<!DOCTYPE html SYSTEM "http://{address}/dtd"><html><head><base href="http://{address}/">'
            f'<link rel="stylesheet" href="/style"><script src="/script"></script></head><body><p>Some words of '
            f'a page.</p><img src="/image"><iframe src="/frame"></iframe></body></html>',
            encoding="utf-8",
        )
        for name in ("entity.docx", "page.html"):
            outcome(sandbox, tmp_path / name)
        with pytest.raises(TimeoutError):
            server.accept()


def test_an_entry_with_a_path_writes_no_file(sandbox: Sandbox) -> None:
    slipped = Path(tempfile.gettempdir()) / "slipped.txt"
    assert not slipped.exists()
    outcome(sandbox, SHARED / "hostile" / "files" / "zip_slip.docx")
    assert not slipped.exists()
    assert not Path("/tmp/slipped.txt").exists()


def test_no_process_and_no_memory_stays_behind(sandbox: Sandbox) -> None:
    """After the worst of them the warm process is what it was: forks took all damage with them."""
    sandbox.parse(SHARED / "hostile" / "files" / "long_line.txt", "warm.txt")
    children = psutil.Process().children(recursive=True)
    before = {child.pid: child.memory_info().rss for child in children}
    for name in ("bomb_200MiB.docx", "flate_bomb.pdf", "kids_cycle.pdf", "entities.docx"):
        outcome(sandbox, SHARED / "hostile" / "files" / name)
    after = {child.pid: child.memory_info().rss for child in psutil.Process().children(recursive=True)}
    assert after.keys() == before.keys()
    assert sum(after.values()) - sum(before.values()) < 20 * 2**20
