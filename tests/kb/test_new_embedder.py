"""Another embedder: the one before answers until everything is embedded, then the new one does."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from app import App
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.ports import Embedder
from kb.types import OWNER
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, NoPictures, search
from tests.kb.models.embed.unpacked import bundled_home

BRIDGE = "The bridge was opened by the mayor in spring."
TEA = "Tea was first grown in the mountains of Yunnan."


def test_the_former_embedder_answers_until_the_new_one_can(tmp_path: Path, embedder: Embedder) -> None:
    home = bundled_home(tmp_path / "home")
    with closing(Library(home, embedder=embedder)) as library:
        library.add("bridge.txt", [BRIDGE])
        library.add("tea.txt", [TEA])
    new = HashEmbedder(model="new")
    kb = open_knowledge_base(
        Settings(home=home), renderer=NoPictures(), suffixes=frozenset({".txt"}), embedder=new
    )
    app = App()
    with closing(kb), closing(app):
        kb.maintenance.lock()
        # no word in common: only a model that knows the language finds it
        assert search(kb, "Where does a hot drink made of leaves come from?", k=1)[0].chunk.text == TEA
        assert "until they are" in kb.embedder_status()
        worker = app.worker(kb)
        worker.start()
        try:
            _wait_until_it_answers(kb)
        finally:
            worker.stop()
        assert search(kb, BRIDGE, k=1)[0].chunk.text == BRIDGE
        assert {BRIDGE, TEA} <= set(new.embedded)
        assert all(checked.ok for checked in kb.maintenance.check(caller=OWNER))


def _wait_until_it_answers(kb: KnowledgeBase) -> None:
    deadline = time.monotonic() + 120
    while kb.ingest_parts().open_engine().former is not None:
        assert time.monotonic() < deadline, kb.embedder_status()
        time.sleep(0.05)
