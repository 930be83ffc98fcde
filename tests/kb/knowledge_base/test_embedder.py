"""Changing the embedder: what it costs is said, the old one answers until the new one can, and back again."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app import App
from kb.config import load_settings
from kb.errors import BadInput, Cancelled, Conflict, Misconfigured
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.models.embed import spec
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.spec import SPECS
from kb.types import OWNER, DocumentState, EmbedderChange
from tests.kb.library import Library, NoPictures, search, sentence
from tests.waiting import wait_until

TASK = "Find the passage that names the same things"


@pytest.fixture
def home(tmp_path: Path, models: tuple[Path, Path]) -> Path:
    """The folder of a library of 60 passages, embedded with the first model, as its settings say."""
    made = tmp_path / "home"
    embedder = LocalEmbedder(models[0])
    library = Library(made, embedder=embedder)
    library.fill(20)
    library.close()
    (made / "footnote.toml").write_text(
        f'# mine\n[embedding]\nengine = "torch"  # the reference\nmodel = "{models[0]}"\n\n[server]\nport = 7999\n',
        encoding="utf-8",
    )
    return made


def opened(home: Path) -> KnowledgeBase:
    """The knowledge base, by its settings file alone."""
    return open_knowledge_base(load_settings(home=home), renderer=NoPictures(), suffixes=frozenset({".txt"}))


@pytest.fixture
def kb(home: Path) -> Iterator[KnowledgeBase]:
    with closing(opened(home)) as kb:
        yield kb


def in_toml(home: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((home / "footnote.toml").read_text(encoding="utf-8"))[
        "embedding"
    ]
    return found


def answers(kb: KnowledgeBase) -> None:
    """Every passage is in the index of the embedder in use, and finds itself."""
    pair = kb.ingest_parts().open_engine().indexes
    wait_until(lambda: pair.is_whole)
    assert pair.store.ids() == kb._parts.chunks.published_ids()
    assert pair.index.unreachable() == {}
    assert sentence(55) in {hit.chunk.text for hit in search(kb, sentence(55))}


def test_another_model_is_costed_built_beside_and_undone(
    home: Path, kb: KnowledgeBase, models: tuple[Path, Path]
) -> None:
    answers(kb)
    first = kb.embedder().fingerprint
    change = EmbedderChange(model=str(models[1]))
    plan = kb.embedding.plan(change, caller=OWNER)
    assert (plan.passages, plan.model_run, plan.cut) == (60, True, 0)
    assert plan.tokens > 60
    assert plan.measured > 0
    assert plan.minutes > 0
    assert plan.megabytes > 0
    assert (plan.source.model, plan.target.model) == (first.model, "qwen3")
    assert in_toml(home)["model"] == str(models[0])
    heard: list[tuple[str, int, int]] = []
    kb.embedding.switch(change, caller=OWNER, report=lambda *said: heard.append(said))
    assert {name for name, _, _ in heard} == {"embedding", "indexing", "checking"}
    assert ("embedding", 60, 60) in heard
    assert kb.embedder().fingerprint.model == "qwen3"
    answers(kb)
    text = (home / "footnote.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine\n[embedding]\n")
    assert 'engine = "torch"  # the reference' in text
    assert in_toml(home)["model"] == str(models[1])
    status = kb.embedding.status(caller=OWNER)
    assert str(models[0]) in str(status.undo)
    assert "None" not in kb.embedder_status()
    assert status.kept_megabytes > 0
    began = time.monotonic()
    assert kb.embedding.undo(caller=OWNER)
    assert time.monotonic() - began < 10
    assert kb.embedder().fingerprint == first
    assert in_toml(home)["model"] == str(models[0])
    answers(kb)


def test_width_engine_and_instruction_run_no_model_over_passages(
    home: Path, models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    published = replace(SPECS["Qwen/Qwen3-Embedding-0.6B"], model="tiny/qwen3", width=64, max_tokens=512)
    monkeypatch.setattr(spec, "SPECS", {**SPECS, published.model: published})  # whose prefixes are trained
    with closing(opened(home)) as kb:
        kb.embedding.switch(EmbedderChange(model=str(models[1])), caller=OWNER)
        stored = kb.embedder().fingerprint.stored_key
        narrower = EmbedderChange(width=32)
        plan = kb.embedding.plan(narrower, caller=OWNER)
        assert (plan.passages, plan.model_run, plan.target.width) == (0, False, 32)
        assert plan.megabytes > 0
        kb.embedding.switch(narrower, caller=OWNER)
        answers(kb)
        assert in_toml(home)["width"] == 32
        question = kb.embedder().embed_queries(["a bridge"])
        for change in (EmbedderChange(instruction=TASK), EmbedderChange(device="cpu")):
            plan = kb.embedding.plan(change, caller=OWNER)
            assert (plan.passages, plan.model_run, plan.megabytes, plan.minutes) == (0, False, 0, 0)
            kb.embedding.switch(change, caller=OWNER)
            answers(kb)
        assert abs(kb.embedder().embed_queries(["a bridge"]) - question).max() > 1e-3
        assert kb.embedder().fingerprint.stored_key == stored
        kb.embedding.switch(EmbedderChange(width=0, instruction=""), caller=OWNER)
        assert "width" not in in_toml(home)
        assert kb.embedder().fingerprint.width == 64
    with closing(opened(home)) as kb:
        assert kb.embedder().fingerprint.stored_key == stored
        answers(kb)
        assert kb.embedding.status(caller=OWNER).undo is not None
        assert kb.embedding.forget(caller=OWNER) > 0
        assert kb.embedding.status(caller=OWNER).kept_megabytes == 0
        with pytest.raises(BadInput, match="no change"):
            kb.embedding.undo(caller=OWNER)
        answers(kb)


def test_what_cannot_be_changes_nothing(
    home: Path, kb: KnowledgeBase, models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (home / "footnote.toml").read_text(encoding="utf-8")
    for change, error, said in (
        (EmbedderChange(), BadInput, "already"),
        (EmbedderChange(width=48), Misconfigured, "allows only 64"),
        (EmbedderChange(instruction=TASK), Misconfigured, "takes no instructions"),
        (EmbedderChange(model=str(home / "none")), Misconfigured, "neither a folder nor a model"),
        (EmbedderChange(engine="quick"), BadInput, "Known: auto, torch"),
        (EmbedderChange(engine="endpoint", url="ftp://x"), BadInput, "no address"),
        (EmbedderChange(engine="endpoint", url="http://me:hunter2@127.0.0.1:9"), BadInput, "embedding.key"),
    ):
        with pytest.raises(error, match=said):
            kb.embedding.plan(change, caller=OWNER)
        with pytest.raises(error, match=said):
            kb.embedding.switch(change, caller=OWNER)
    monkeypatch.setenv("FOOTNOTE_EMBEDDING__MODEL", "bundled")
    with pytest.raises(Misconfigured, match="FOOTNOTE_EMBEDDING__MODEL"):
        kb.embedding.switch(EmbedderChange(model=str(models[1])), caller=OWNER)
    assert (home / "footnote.toml").read_text(encoding="utf-8") == before
    assert not (home / "footnote.embedder").exists()
    answers(kb)


@pytest.fixture
def importing(kb: KnowledgeBase) -> Iterator[None]:
    """A worker that imports what is added."""
    app = App()
    app._settings = kb.settings
    worker = app.worker(kb)
    worker.start()
    yield
    worker.stop()
    app.close()


@pytest.mark.usefixtures("importing")
def test_while_it_is_changed_questions_and_imports_go_on(
    home: Path, kb: KnowledgeBase, models: tuple[Path, Path]
) -> None:
    answers(kb)
    going_on, here = threading.Event(), threading.Event()
    change = EmbedderChange(model=str(models[1]))

    def held(step: str, _done: int, _total: int) -> None:
        if step == "embedding":
            here.set()
            going_on.wait(60)

    switching = threading.Thread(target=lambda: kb.embedding.switch(change, caller=OWNER, report=held))
    switching.start()
    try:
        assert here.wait(60)
        assert kb.embedding.status(caller=OWNER).switching_to == str(models[1])
        with pytest.raises(Conflict):
            kb.embedding.switch(change, caller=OWNER)
        with pytest.raises(Conflict):
            kb.vectors.move("exact", caller=OWNER)
        added = [_import(kb, home, 90)]
        wait_until(lambda: _is_ready(kb, added[0]))
        assert search(kb, sentence(90), k=1)[0].chunk.document_id == added[0]
        added.append(_import(kb, home, 91))
    finally:
        going_on.set()
        switching.join()
    added.append(_import(kb, home, 92))
    wait_until(lambda: all(_is_ready(kb, document) for document in added))
    assert kb.embedder().fingerprint.model == "qwen3"
    pair = kb.ingest_parts().open_engine().indexes
    # what was replaced meanwhile is swept away behind the documents that are ready
    wait_until(lambda: pair.store.ids() == kb._parts.chunks.published_ids())
    assert not pair.vectors.lacking_ids()
    assert {added[2], added[1]} <= {
        hit.chunk.document_id for hit in search(kb, f"{sentence(92)} {sentence(91)}")
    }


def _is_ready(kb: KnowledgeBase, document: str) -> bool:
    return kb.library.document(document, caller=OWNER).state is DocumentState.READY


def _import(kb: KnowledgeBase, home: Path, number: int) -> str:
    file = home.parent / f"{number}.txt"
    file.write_text(sentence(number), encoding="utf-8")
    return kb.library.add(file, file.name, caller=OWNER).document.id


def test_a_change_is_stopped_by_undo(home: Path, kb: KnowledgeBase, models: tuple[Path, Path]) -> None:
    before = (home / "footnote.toml").read_text(encoding="utf-8")

    def stop(*_: object) -> None:
        assert not kb.embedding.undo(caller=OWNER)

    with pytest.raises(Cancelled):
        kb.embedding.switch(EmbedderChange(model=str(models[1])), caller=OWNER, report=stop)
    assert (home / "footnote.toml").read_text(encoding="utf-8") == before
    assert not (home / "footnote.embedder").exists()
    answers(kb)
    kb.embedding.switch(EmbedderChange(model=str(models[1])), caller=OWNER)
    with pytest.raises(Cancelled):  # one that comes to nothing takes nothing from the one before it
        kb.embedding.switch(EmbedderChange(model=str(models[0])), caller=OWNER, report=stop)
    assert str(models[0]) in str(kb.embedding.status(caller=OWNER).undo)
    assert kb.embedding.undo(caller=OWNER)
    assert in_toml(home)["model"] == str(models[0])
    answers(kb)


def test_labelled_questions_are_asked_before_and_after(
    home: Path, kb: KnowledgeBase, models: tuple[Path, Path]
) -> None:
    hit = search(kb, sentence(7), k=1)[0]
    kb.library.label_question(sentence(7), hit.chunk.id, caller=OWNER)
    kb.embedding.switch(EmbedderChange(model=str(models[1])), caller=OWNER)
    found = kb.embedding.status(caller=OWNER).questions
    assert found is not None
    assert (found.questions, found.before, found.after) == (1, 1, 1)
