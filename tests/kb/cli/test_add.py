"""``add``, while others work on the same library."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from ingest.worker import pauses
from kb.cli.add import wait_until_settled
from kb.system.logs import PAUSES, unlogged
from kb.types import OWNER
from tests.kb.library import open_kb
from tests.waiting import wait_until


def test_what_is_removed_meanwhile_is_waited_for_no_longer(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A ferry crosses the sound.", encoding="utf-8")
    with closing(open_kb(tmp_path / "home")) as kb:
        queued = kb.library.add(tmp_path / "a.txt", "a.txt", caller=OWNER).document
        kb.library.remove([queued.id], caller=OWNER)
        kb.library.delete_pending()
        wait_until_settled(kb, [queued.id], quiet=True)
        assert kb.library.count(caller=OWNER) == 0


def test_what_is_waited_for_is_said_once_and_that_it_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("A ferry crosses the sound.", encoding="utf-8")
    heard: list[str] = []

    def hears(text: str) -> bool:
        heard.append(capsys.readouterr().err)
        return text in "".join(heard)

    with closing(open_kb(tmp_path / "home")) as kb:
        queued = kb.library.add(tmp_path / "a.txt", "a.txt", caller=OWNER).document
        jobs = kb.ingest_parts().jobs
        jobs.explain("The server is away.")
        waiter = threading.Thread(target=wait_until_settled, args=(kb, [queued.id]), kwargs={"quiet": True})
        waiter.start()
        wait_until(lambda: hears("The import waits: The server is away."))
        jobs.explain("The server is still away.")
        jobs.explain(None)
        wait_until(lambda: hears("The import goes on."))
        kb.library.remove([queued.id], caller=OWNER)
        kb.library.delete_pending()
        waiter.join()
    assert len("".join(heard).splitlines()) == 2


@pytest.mark.parametrize("verbose", [False, True])
def test_tries_are_logged_only_for_whoever_wants_the_log(
    verbose: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with unlogged(PAUSES, verbose=verbose):
        pauses.warning("imports pause")
    assert bool(caplog.records) == verbose
