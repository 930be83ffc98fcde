"""A data folder of the version before: it opens, and everything in it is there, found and answered from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import (
    OWNER,
    Answer,
    AnswerRunState,
    DocumentState,
    LinePlace,
    ParagraphPlace,
    PdfPlace,
    Question,
    Rect,
)
from tests.data.make_old_home import ANSWER, QUESTION, QUEUED, READY, make_old_home
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import open_kb, search


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def kb(tmp_path: Path, embedder: HashEmbedder) -> Iterator[KnowledgeBase]:
    make_old_home(tmp_path / "home")
    with closing(
        open_kb(tmp_path / "home", embedder=embedder, **{"answering.model": "extractive"})
    ) as opened:
        opened.maintenance.lock()
        yield opened


def test_documents_are_listed_with_all_that_was_known_of_them(kb: KnowledgeBase) -> None:
    listed = {document.id: document for document in kb.library.documents(caller=OWNER)}
    assert set(listed) == {document.id for document in (*READY, QUEUED)}
    for document in READY:
        shown = listed[document.id]
        assert (shown.name, shown.state, shown.language) == (
            document.name,
            DocumentState.READY,
            document.language,
        )
        passages = kb.library.passages(document.id, caller=OWNER)
        assert [passage.text for passage in passages] == [passage.text for passage in document.passages]
        assert kb.library.original(document.id, caller=OWNER).read_bytes() == document.content
    assert listed[READY[1].id].tags == ("steel",)
    assert kb.library.collections(caller=OWNER) == ["default", "garden"]
    assert kb.settings.parsing.chunk_tokens == 96, "of the flat settings of then"


def test_places_are_where_they_were(kb: KnowledgeBase) -> None:
    bridge, ferry, lantern, tide = (
        passage.anchor for document in READY for passage in kb.library.passages(document.id, caller=OWNER)
    )
    assert bridge.place == LinePlace(3, 3)
    assert (ferry.place, ferry.heading_path) == (LinePlace(5, 6), ("Ferries",))
    assert lantern.place == PdfPlace((Rect(2, 72.0, 100.5, 300.2, 112.0),))
    assert tide.place == ParagraphPlace(4, 4)


def test_it_is_searched_by_its_stored_vectors_and_answered(kb: KnowledgeBase, embedder: HashEmbedder) -> None:
    assert search(kb, "copper lantern kilograms")[0].document.name == "lantern report.pdf"
    assert search(kb, "潮汐 月球 引力")[0].document.name == "潮汐.docx"
    stored = {passage.embedded_text for document in READY for passage in document.passages}
    assert not stored & set(embedder.embedded), "their vectors were in the database"

    async def asked() -> Answer:
        events = [event async for event in kb.query_engine.ask(Question(QUESTION))]
        await kb.close_models()
        answer = events[-1]
        assert isinstance(answer, Answer)
        return answer

    answer = asyncio.run(asked())
    assert answer.model == "extractive"
    assert "1149 metres" in answer.text
    assert answer.citations[0].document_id == READY[0].id


def test_an_import_that_a_dead_process_had_begun_goes_on(kb: KnowledgeBase) -> None:
    (shown,) = kb.jobs.all(caller=OWNER)
    assert (shown.document_id, shown.state.value) == (QUEUED.id, "queued")
    (job,) = kb.ingest_parts().jobs.claim("worker", limit=9)
    assert (job.document_id, job.attempts, job.parses) == (QUEUED.id, 2, 1)


def test_what_people_left_is_the_owners(kb: KnowledgeBase) -> None:
    (conversation,) = kb.conversations.all(caller=OWNER)
    (run,) = kb.conversations.runs(conversation.id, caller=OWNER)
    assert (run.state, run.text) == (AnswerRunState.DONE, ANSWER)
    assert run.answer is not None
    assert run.answer.citations[0].anchor.place == LinePlace(3, 3)
    assert run.searched is not None
    assert run.searched.hits[0].chunk.text == READY[0].passages[0].text
    closed, earlier = kb.maintenance.notices(caller=OWNER)
    assert earlier.text == "Something was mended."
    assert closed.text.startswith("Other accounts of this machine could read the data folder until now.")
    (label,) = kb.library.labelled_questions(caller=OWNER)
    assert (label.quote, label.page) == ("eleven kilograms", 2)
    (evaluation,) = kb.evaluations.latest(caller=OWNER)
    assert evaluation.figures["ndcg@10"].value == 0.5
    (backup,) = kb.maintenance.backups(caller=OWNER)
    assert backup.reason.startswith("before schema")
