"""Collections with an embedder or an instruction of their own: searched alone and together, taken back, interrupted."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from kb.config import load_settings
from kb.errors import BadInput, Misconfigured
from kb.index.collection_index import CollectionIndex
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.models.embed.instructed import InstructedEmbedder
from kb.models.embed.instructions import TASKS
from kb.models.embed.local import LocalEmbedder
from kb.ports import Embedder
from kb.state.db import Database
from kb.state.vectors import embedder_in_use, kept_vectors
from kb.system.home_layout import HomeLayout
from kb.types import OWNER, EmbedderChange, Finding, Question
from tests.kb.library import Library, NoPictures, sentence
from tests.waiting import wait_until

LAB = "lab"
TASK = "Find the passage that names the same things"


@pytest.fixture
def home(tmp_path: Path, models: tuple[Path, Path]) -> Path:
    """A library with 30 passages in each of two collections."""
    made = tmp_path / "home"
    library = Library(made, embedder=LocalEmbedder(models[0]))
    for number in range(20):
        texts = [sentence(number * 3 + place) for place in range(3)]
        library.add(f"document {number}.txt", texts, collection=LAB if number % 2 else "default")
    library.close()
    settings = f'[embedding]\nengine = "torch"\nmodel = "{models[0]}"\n'
    (made / "footnote.toml").write_text(settings, encoding="utf-8")
    return made


def opened(home: Path) -> KnowledgeBase:
    return open_knowledge_base(load_settings(home=home), renderer=NoPictures(), suffixes=frozenset({".txt"}))


@pytest.fixture
def kb(home: Path) -> Iterator[KnowledgeBase]:
    with closing(opened(home)) as kb:
        kb.embedder()
        yield kb


ASKED = "walrus umbrella kelp"
"""Words that no passage holds, so that meaning alone decides."""


def found(kb: KnowledgeBase, *collections: str, k: int = 5) -> list[tuple[str, str, float]]:
    """Collection, text and cosine of the first passages."""
    searched = asyncio.run(kb.query_engine.search(Question(ASKED, collections=collections), k=k))
    return [(hit.document.collection, hit.chunk.text, hit.scores["dense"]) for hit in searched.hits]


def nearest(embedder: Embedder, texts: Sequence[str], k: int, instruction: str = "") -> list[str]:
    """The ``k`` texts whose vectors lie nearest to the question's, by comparing all of them."""
    asked = embedder if not instruction else InstructedEmbedder(embedder, instruction)
    cosines = asked.embed_documents(texts) @ asked.embed_queries([ASKED])[0]
    return [texts[place] for place in np.argsort(-cosines)[:k]]


def texts_of(kb: KnowledgeBase, collection: str) -> list[str]:
    documents = kb.library.documents(limit=-1, caller=OWNER)
    return [
        passage.text
        for document in documents
        if document.collection == collection
        for passage in kb.library.passages(document.id, caller=OWNER)
    ]


def test_a_collection_has_a_model_of_its_own(
    home: Path, kb: KnowledgeBase, models: tuple[Path, Path]
) -> None:
    own, library = LocalEmbedder(models[1]), kb.embedder()
    everywhere = found(kb, k=10)
    change = EmbedderChange(model=str(models[1]), collection=LAB)
    plan = kb.embedding.plan(change, caller=OWNER)
    assert (plan.passages, plan.model_run, plan.source.model, plan.target.model) == (
        30,
        True,
        "bert",
        "qwen3",
    )
    assert plan.megabytes > 0
    assert kb.embedding.status(caller=OWNER).collections == ()
    heard: list[tuple[str, int, int]] = []
    kb.embedding.switch(change, caller=OWNER, report=lambda *said: heard.append(said))
    assert heard[-1] == ("embedding", 30, 30)

    lab, rest = texts_of(kb, LAB), texts_of(kb, "default")
    assert {text for _, text, _ in found(kb, LAB)} == set(nearest(own, lab, 5))
    assert {text for _, text, _ in found(kb, LAB)} != set(nearest(library, lab, 5))
    assert {text for _, text, _ in found(kb, "default")} == set(nearest(library, rest, 5))
    question = library.embed_queries([ASKED])[0]
    for _, text, cosine in found(
        kb, LAB
    ):  # answers are judged by the library's embedder, wherever it was found
        assert cosine == pytest.approx(float(library.embed_documents([text])[0] @ question), abs=2e-3)
    together = found(kb, k=10)
    assert [name for name, _, _ in together] == [name for name, _, _ in everywhere]
    placed = [text for name, text, _ in together if name == LAB]
    assert set(placed) == set(nearest(own, lab, len(placed)))
    assert {text for name, text, _ in together if name != LAB} == {
        text for name, text, _ in everywhere if name != LAB
    }
    assert in_use(home).startswith("bert@")
    status = kb.embedding.status(caller=OWNER)
    assert status.model == "bert"
    kb.embedding.forget(caller=OWNER)  # which leaves what a collection uses
    assert {text for _, text, _ in found(kb, LAB)} == set(nearest(own, lab, 5))
    assert kb.embedding.undo(caller=OWNER, collection=LAB)
    assert {text for _, text, _ in found(kb, LAB)} == set(nearest(library, lab, 5))
    assert found(kb, k=10) == everywhere
    kb.embedding.forget(caller=OWNER)
    assert list(kept_vectors(kb._parts.database)) == [library.fingerprint.stored_key]


def test_its_vectors_have_an_index_that_a_check_looks_at_and_mends(
    home: Path, kb: KnowledgeBase, models: tuple[Path, Path]
) -> None:
    def own() -> list[Finding]:
        return [each for each in kb.maintenance.check(caller=OWNER) if each.name == "own vectors"]

    assert own() == []
    kb.embedding.switch(EmbedderChange(model=str(models[1]), collection=LAB), caller=OWNER)
    index = kb._engines.collections.ready()[LAB].store
    assert isinstance(index, CollectionIndex)
    assert index.is_whole
    (folder,) = HomeLayout(home).collection_indexes.iterdir()
    (said,) = own()
    assert said.ok
    assert LAB in said.text
    before = found(kb, LAB)
    with kb._parts.database.write() as connection:
        connection.execute(
            "DELETE FROM vectors WHERE embedder_id = (SELECT id FROM embedders WHERE stored_key = ?) "
            "AND text_hash IN (SELECT text_hash FROM chunks JOIN documents ON documents.id = document_id "
            "WHERE collection = ? LIMIT 4)",
            (index.fingerprint.stored_key, LAB),
        )
    index._store.delete(sorted(kb._parts.chunks.published_ids()[LAB])[-2:], collection=LAB)
    (said,) = own()
    assert not said.ok
    assert "passages" in said.text
    repaired = kb.maintenance.check(caller=OWNER, repair=True)
    assert [each.text for each in repaired if not each.ok] == []
    assert index.differences([LAB]) == (0, 0)
    assert found(kb, LAB) == before
    kb.embedding.undo(caller=OWNER, collection=LAB)
    assert not folder.exists()
    assert own() == []


def test_its_labelled_questions_are_asked_before_and_after_and_measured_by_its_own_model(
    kb: KnowledgeBase, models: tuple[Path, Path]
) -> None:
    texts = {name: texts_of(kb, name) for name in (LAB, "default")}
    for name, of_collection in texts.items():
        asked = Question(of_collection[4], collections=(name,))
        hit = asyncio.run(kb.query_engine.search(asked, k=1)).hits[0]
        kb.library.label_question(of_collection[4], hit.chunk.id, caller=OWNER)
    before = kb.evaluations.by_width(caller=OWNER)
    kb.embedding.switch(EmbedderChange(model=str(models[1]), collection=LAB), caller=OWNER)
    (status,) = kb.embedding.status(caller=OWNER).collections
    assert status.questions is not None
    asked_found = status.questions.questions, status.questions.before, status.questions.after
    assert asked_found == (1, 1, 1)
    assert status.questions.first_before == 1
    assert not status.is_asked
    figures = kb.evaluations.by_width(caller=OWNER)
    own = [figure for figure in figures if figure.collection == LAB]
    assert [figure for figure in figures if figure.collection is None] == before
    own_width = kb._engines.collections.ready()[LAB].embedder.fingerprint.width
    assert [figure.width for figure in own][-1] == own_width
    assert {figure.questions for figure in own} == {1}
    assert {figure.questions for figure in before} == {2}
    assert own[-1].found in (0, 1)  # a model of few random weights has all passages at nearly one distance
    evaluated = kb.asked_with(kb.settings)  # as an evaluation asks
    for asked_of in ((LAB,), ()):
        question = Question(ASKED, collections=asked_of)
        hits = asyncio.run(evaluated.search(question, k=5)).hits
        assert [hit.chunk.text for hit in hits] == [text for _, text, _ in found(kb, *asked_of)]
    kb.embedding.begin(EmbedderChange(model="library", collection=LAB), caller=OWNER)
    wait_until(lambda: not kb.embedding.status(caller=OWNER).collections[0].is_asked)
    (status,) = kb.embedding.status(caller=OWNER).collections
    assert status.questions is not None
    assert (status.questions.after, status.questions.first_after) == (1, 1)
    assert kb.evaluations.by_width(caller=OWNER) == before


def in_use(home: Path) -> str:
    with closing(Database(home / "footnote.db")) as database:
        return embedder_in_use(database) or ""


def test_it_is_kept_and_what_comes_later_is_embedded_by_itself(home: Path, models: tuple[Path, Path]) -> None:
    own = LocalEmbedder(models[1])
    with closing(opened(home)) as kb:
        kb.embedding.begin(EmbedderChange(model=str(models[1]), collection=LAB), caller=OWNER)
        wait_until(lambda: kb.embedding.status(caller=OWNER).collections[0].lacking == 0)
    library = Library(home, embedder=LocalEmbedder(models[0]))
    library.add("later.txt", [sentence(900), sentence(901)], collection=LAB)
    library.close()
    with closing(opened(home)) as kb:
        kb.embedder()
        wait_until(lambda: kb._engines.collections.fingerprint(LAB) is not None)
        (status,) = kb.embedding.status(caller=OWNER).collections
        assert (status.model, status.passages, status.lacking) == (str(models[1]), 32, 0)
        assert {text for _, text, _ in found(kb, LAB)} == set(nearest(own, texts_of(kb, LAB), 5))
    shutil.move(models[1], home / "away")
    try:
        with closing(opened(home)) as kb:
            lab = texts_of(kb, LAB)
            assert {text for _, text, _ in found(kb, LAB)} == set(nearest(kb.embedder(), lab, 5))
            (status,) = kb.embedding.status(caller=OWNER).collections
            assert str(models[1]) in str(status.problem)
            (said,) = [each for each in kb.embedding.collections.findings() if not each.ok]
            assert LAB in said.text
    finally:
        shutil.move(home / "away", models[1])


def test_an_instruction_of_its_own_needs_no_vectors(home: Path, models: tuple[Path, Path]) -> None:
    with closing(opened(home)) as kb:
        with pytest.raises(Misconfigured, match="takes no instructions"):
            kb.embedding.switch(EmbedderChange(instruction=TASK, collection=LAB), caller=OWNER)
        kb.embedding.switch(EmbedderChange(model=str(models[1])), caller=OWNER)
        lab, library = texts_of(kb, LAB), kb.embedder()
        for change, instruction in (
            (EmbedderChange(instruction=TASK, collection=LAB), TASK),
            (EmbedderChange(task="code", collection=LAB), TASKS["code"]),
        ):
            plan = kb.embedding.plan(change, caller=OWNER)
            assert (plan.passages, plan.megabytes, plan.target.instruction) == (0, 0, instruction)
            kb.embedding.switch(change, caller=OWNER)
            assert {text for _, text, _ in found(kb, LAB)} == set(nearest(library, lab, 5, instruction))
        assert set(nearest(library, lab, 5, TASK)) != set(nearest(library, lab, 5))
        kb.embedding.switch(EmbedderChange(model="library", collection=LAB), caller=OWNER)
        assert {text for _, text, _ in found(kb, LAB)} == set(nearest(library, lab, 5))
        for change, said in (
            (EmbedderChange(task="poetry", collection=LAB), "Known: retrieval, code"),
            (EmbedderChange(task="code", instruction=TASK), "not both"),
            (EmbedderChange(model="library", collection=LAB), "already"),
            (EmbedderChange(model="bundled", collection="none"), "no collection"),
        ):
            with pytest.raises(BadInput, match=said):
                kb.embedding.switch(change, caller=OWNER)
