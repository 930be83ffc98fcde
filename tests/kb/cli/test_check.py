"""``check`` as a command."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.harness.commands import given
from tests.kb.library import Library
from tests.kb.models.embed.unpacked import bundled_home


def test_it_says_what_is_wrong_and_exits_with_1(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    (tmp_path / "tea.txt").write_text("Tea was first grown in Yunnan.", encoding="utf-8")
    given("add", str(tmp_path / "tea.txt"), home=home, FOOTNOTE_EMBEDDING__MODEL="bundled")
    with closing(Library(home)) as library:
        (sha256,) = library.blobs.hashes()
        library.blobs.path(sha256).write_bytes(b"other bytes")
    said = given("check", home=home, code=1).stdout
    assert "1 original files are damaged: tea.txt." in said
    assert "app.py check --repair" in said
    assert "Every passage finds itself first." in said
