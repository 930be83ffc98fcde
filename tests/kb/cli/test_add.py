"""``add``, while others work on the same library."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from kb.cli.add import wait_until_settled
from kb.types import OWNER
from tests.kb.library import open_kb


def test_what_is_removed_meanwhile_is_waited_for_no_longer(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A ferry crosses the sound.", encoding="utf-8")
    with closing(open_kb(tmp_path / "home")) as kb:
        queued = kb.library.add(tmp_path / "a.txt", "a.txt", caller=OWNER).document
        kb.library.remove([queued.id], caller=OWNER)
        kb.library.delete_pending()
        wait_until_settled(kb, [queued.id], quiet=True)
        assert kb.library.count(caller=OWNER) == 0
