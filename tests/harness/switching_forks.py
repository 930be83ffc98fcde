"""Kills processes that change the embedder of a library, at points all along the way; says how each library fared.

python -m tests.harness.switching_forks FOLDER POINTS [COLLECTION]

With COLLECTION its embedder alone is changed, in a library that has no other collection.
Everything is imported once, then each process is a fork, which has opened nothing yet; so twenty kills cost seconds.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from kb.config import Settings, load_settings
from kb.engine.loader import EngineLoader
from kb.index.vector.chroma import ChromaStore
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.ports import Embedder
from kb.state.collection_embedders import CollectionEmbedders
from kb.state.db import Database
from kb.types import OWNER, EmbedderChange
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, NoPictures, search, sentence
from tests.waiting import wait_until

OLD, NEW = "old", "new"
_DOCUMENTS = 12


def main(folder: str, points: str, collection: str = "") -> None:
    """Prints a line of JSON for each kill."""
    root = Path(folder)
    made = root / "made"
    library = Library(made, embedder=HashEmbedder(model=OLD))
    library.fill(_DOCUMENTS)
    library.close()
    (made / "footnote.toml").write_text(f'[embedding]\nmodel = "{OLD}"\n', encoding="utf-8")
    EngineLoader.choose_embedder = _hashing  # type: ignore[method-assign,assignment]
    counted = root / "count"
    shutil.copytree(made, root / "whole")
    forked(lambda: _switch(root / "whole", 0, counted, collection))
    said = json.loads(counted.read_text())
    total = said["passed"]
    for name in said["modules"]:  # what that one imported, so that no other has to
        with suppress(ImportError):
            import_module(name)
    with closing(
        _opened(root / "whole", **{"storage.vectors": "exact"})
    ) as kb:  # Chroma has threads that stay
        _require_answers(kb)
    for number in range(int(points)):
        home = root / f"killed {number}"
        shutil.copytree(made, home)
        kill_at = 1 + number * (total - 1) // (int(points) - 1)
        ended = forked(partial(_switch, home, kill_at, counted, collection))
        model = _chosen(home, collection)
        look = partial(_look_at_collection, home, collection) if collection else partial(_look, home)
        fared = forked(partial(look, undoes=number % 2 == 0))
        line = {"of": total, "signal": -ended, "model": model, "fared": fared}
        print(json.dumps(line), flush=True)  # noqa: T201 - the test reads it
        shutil.rmtree(home)


def _hashing(loader: EngineLoader, settings: Settings | None = None) -> tuple[Embedder, str]:
    name = (settings or loader.settings).embedding.model
    return HashEmbedder(model=name), name


def forked(do: Callable[[], None]) -> int:
    """Does it in a process of its own; returns its exit code, or less than 0 for a signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            do()
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, this process has to end here
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _opened(home: Path, **settings: str) -> KnowledgeBase:
    return open_knowledge_base(
        load_settings(home=home, **settings), renderer=NoPictures(), suffixes=frozenset({".txt"})
    )


def _chosen(home: Path, collection: str) -> str:
    """The model that the settings name, or what is chosen for the collection."""
    if not collection:
        return load_settings(home=home).embedding.model
    with closing(Database(home / "footnote.db")) as database:
        row = CollectionEmbedders(database).of(collection)
    return OLD if row is None or row.chosen is None else str(row.chosen["model"])


def _switch(home: Path, kill_at: int, counted: Path, collection: str) -> None:
    """Changes the embedder, and kills the process at the ``kill_at``-th thing that is written; 0 counts them."""
    passed = 0

    def step() -> None:
        nonlocal passed
        passed += 1
        if passed == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with closing(_opened(home)) as kb:
        kb.embedder()
        counting(step)
        kb.embedding.switch(EmbedderChange(model=NEW, collection=collection or None), caller=OWNER)
        if not kill_at:
            counted.write_text(json.dumps({"passed": passed, "modules": sorted(sys.modules)}))


def counting(step: Callable[[], None]) -> None:
    """Calls ``step`` before and after each transaction, each replacement of a file and each row for the index."""
    write, replaced, add = Database.write, Path.replace, ChromaStore.add

    @contextmanager
    def written(self: Database) -> Iterator[Any]:
        step()
        with write(self) as connection:
            yield connection
        step()

    def replace(self: Path, target: Path) -> Path:
        step()
        done = replaced(self, target)
        step()
        return done

    def added(self: ChromaStore, *rows: Any, **where: Any) -> None:
        step()
        add(self, *rows, **where)
        step()

    Database.write = written  # type: ignore[method-assign]
    Path.replace = replace  # type: ignore[method-assign,assignment]
    ChromaStore.add = added  # type: ignore[method-assign,assignment]


def _look(home: Path, *, undoes: bool) -> None:
    """Raises AssertionError unless the library answers, and the change goes on or is undone."""
    with closing(_opened(home)) as kb:
        _require_answers(kb)
        is_begun = (home / "footnote.embedder").exists()
        if is_begun and undoes:
            kb.embedding.undo(caller=OWNER)
        elif is_begun:
            kb.embedding.resume()
            wait_until(lambda: kb.embedding.status(caller=OWNER).switching_to is None)
        _require_answers(kb)
        wanted = NEW if is_begun and not undoes else OLD
        assert kb.embedder().fingerprint.model == wanted, kb.embedding.status(caller=OWNER)
        assert load_settings(home=home).embedding.model == wanted
        pair = kb.ingest_parts().open_engine().indexes
        assert pair.is_whole
        assert pair.store.ids() == kb._parts.chunks.published_ids()
        assert pair.index.unreachable() == {}


def _look_at_collection(home: Path, collection: str, *, undoes: bool) -> None:
    """Raises AssertionError unless the library answers, and what was chosen is made by itself, or is given up."""
    is_begun = _chosen(home, collection) == NEW
    with closing(_opened(home)) as kb:
        _require_answers(kb)
        if is_begun and undoes:
            kb.embedding.undo(caller=OWNER, collection=collection)
        wanted = NEW if is_begun and not undoes else OLD
        models = kb._engines.collections
        wait_until(lambda: (its.model if (its := models.fingerprint(collection)) else OLD) == wanted)
        _require_answers(kb)
        for each in kb.embedding.status(caller=OWNER).collections:
            assert each.lacking == 0
        assert kb.embedder().fingerprint.model == OLD
    with closing(_opened(home)) as kb:
        assert kb.embedder().fingerprint.model == OLD
        found = kb._engines.collections.fingerprint(collection)
        assert (found.model if found else OLD) == wanted
        _require_answers(kb)


def _require_answers(kb: KnowledgeBase) -> None:
    for number in (0, 17, 3 * _DOCUMENTS - 1):
        assert search(kb, sentence(number), k=1)[0].chunk.text == sentence(number)
    assert kb.ingest_parts().open_engine().former is None


if __name__ == "__main__":
    main(*sys.argv[1:])
