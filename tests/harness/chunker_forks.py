"""Kills processes that change the length of a library's passages, at points all along the way; says how each fared.

python -m tests.harness.chunker_forks FOLDER POINTS

Everything is imported once, then each process is a fork, which has opened nothing yet; so twenty kills cost seconds.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import closing, suppress
from functools import partial
from importlib import import_module
from pathlib import Path

from kb.config import load_settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.types import OWNER
from tests.doubles.hash_embedder import HashEmbedder
from tests.harness.switching_forks import counting, forked
from tests.kb.importing import add, cut_here, importing, wait_until_ready
from tests.kb.library import NoPictures, search
from tests.waiting import wait_until

LONG, SHORT = 96, 32
_DOCUMENTS, _LINES = 4, 12


def main(folder: str, points: str) -> None:
    """Prints a line of JSON for each kill."""
    root = Path(folder)
    made, counted = root / "made", root / "count"
    assert forked(partial(_make, made)) == 0
    shutil.copytree(made, root / "whole")
    assert forked(partial(_switch, root / "whole", 0, counted)) == 0
    said = json.loads(counted.read_text())
    total = said["passed"]
    for name in said["modules"]:  # what that one imported, so that no other has to
        with suppress(ImportError):
            import_module(name)
    for number in range(int(points)):
        home = root / f"killed {number}"
        kill_at = 1 + number * (total * 9 // 10) // (int(points) - 1)
        shutil.copytree(made, home)
        # how often somebody looks whether there is work differs, so what was counted last may never come
        while (ended := forked(partial(_switch, home, kill_at, counted))) == 0 and kill_at > 1:
            kill_at = kill_at * 4 // 5
            shutil.rmtree(home)
            shutil.copytree(made, home)
        length = _length(home)
        fared = forked(partial(_look, home, undoes=number % 2 == 0))
        line = {"of": total, "at": kill_at, "signal": -ended, "length": length, "fared": fared}
        print(json.dumps(line), flush=True)  # noqa: T201 - the test reads it
        shutil.rmtree(home)


def _length(home: Path) -> int:
    """The length that is set."""
    with closing(_opened(home)) as kb:
        return kb.settings.parsing.chunk_tokens


def _line(number: int) -> str:
    return f"Heron number{number} stands in river{number % 7} beside the old bridge."


def _opened(home: Path) -> KnowledgeBase:
    return open_knowledge_base(
        load_settings(home=home),
        renderer=NoPictures(),
        suffixes=frozenset({".txt"}),
        embedder=HashEmbedder(),
        cutter=cut_here,
    )


def _make(home: Path) -> None:
    home.mkdir(mode=0o700)
    with closing(_opened(home)) as kb:
        kb.configuration.change({"parsing.chunk_tokens": LONG}, caller=OWNER)
        with importing(kb):
            for document in range(_DOCUMENTS):
                lines = (_line(document * _LINES + place) for place in range(_LINES))
                add(kb, f"{document}.txt", "\n\n".join(lines))
            wait_until_ready(kb)


def _switch(home: Path, kill_at: int, counted: Path) -> None:
    """Changes the length, and kills the process at the ``kill_at``-th thing that is written; 0 counts them."""
    passed = 0

    def step() -> None:
        nonlocal passed
        passed += 1
        if passed == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with closing(_opened(home)) as kb:
        kb.embedder()
        counting(step)
        with importing(kb):
            kb.chunker.switch(SHORT, caller=OWNER)
            written = passed  # what the worker writes when it ends is not counted
        if not kill_at:
            counted.write_text(json.dumps({"passed": written, "modules": sorted(sys.modules)}))


def _look(home: Path, *, undoes: bool) -> None:
    """Raises AssertionError unless the library answers, and the change goes on or is undone."""
    with closing(_opened(home)) as kb:
        kb.embedder()
        _require_answers(kb)
        before = kb.chunker.status(caller=OWNER)
        with importing(kb):
            if undoes and before.undo is not None:
                kb.chunker.undo(caller=OWNER, waits=True)
            kb.chunker.resume()
            wait_until(lambda: kb.chunker.status(caller=OWNER).switching_to is None)
            wait_until_ready(kb)
        _require_answers(kb)
        wanted = LONG if undoes or before.undo is None else SHORT
        assert kb.settings.parsing.chunk_tokens == wanted
        status = kb.chunker.status(caller=OWNER)
        assert (status.others, status.problem, status.documents) == (0, None, _DOCUMENTS), status
        rows = kb._parts.database.read()
        assert rows.execute("SELECT 1 FROM chunks_aside WHERE is_next = 1").fetchone() is None
        pair = kb.ingest_parts().open_engine().indexes
        pair.index.sweep()
        published = kb._parts.chunks.published_ids()
        assert pair.store.ids() == published
        assert pair.lexical.ids() == set().union(*published.values())
        assert pair.index.unreachable() == {}
        texts = [chunk.text for each in kb._parts.documents.all() for chunk in kb._parts.chunks.of(each.id)]
        assert (max(len(text.split()) for text in texts) > SHORT) == (wanted == LONG)
        for number in range(_DOCUMENTS * _LINES):
            assert sum(_line(number) in text for text in texts) == 1


def _require_answers(kb: KnowledgeBase) -> None:
    for number in (0, 17, _DOCUMENTS * _LINES - 1):
        assert _line(number) in search(kb, _line(number), k=1)[0].chunk.text


if __name__ == "__main__":
    main(*sys.argv[1:])
