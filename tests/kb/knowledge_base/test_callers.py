"""Two callers of one library: what one of them adds is not there for the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.conversations import ConversationsService
from kb.state.conversations import AnswerRuns
from kb.state.db import Database
from kb.types import OWNER, AnswerEvent, Caller, Chunk, LinePlace, PreparedDocument, Question, Span
from tests.kb.library import open_kb

OTHER = Caller("somebody else")


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with closing(open_kb(tmp_path / "home")) as opened:
        yield opened


def imported(kb: KnowledgeBase, folder: Path) -> tuple[str, int]:
    """(document, passage) of a file that the owner added and that is ready."""
    (folder / "a.txt").write_text("The only words.")
    document = kb.library.add(folder / "a.txt", "a.txt", caller=OWNER).document
    parts = kb.ingest_parts()
    (job,) = parts.jobs.claim("worker", limit=1)
    text = "The only words."
    parts.steps.begin_parsing(job)
    chunk = Chunk(text=text, spans=(Span(0, len(text), LinePlace(1, 1)),))
    parts.steps.store_chunks(job, PreparedDocument((chunk,)))
    parts.steps.make_ready([job])
    return document.id, kb.library.passages(document.id, caller=OWNER)[0].id


def test_a_document_of_somebody_else_is_not_listed(kb: KnowledgeBase, tmp_path: Path) -> None:
    document_id, passage = imported(kb, tmp_path)
    kb.library.label_question("Which words?", passage, caller=OWNER)
    assert kb.library.documents(caller=OTHER) == []
    assert kb.library.existing([document_id], caller=OTHER) == []
    assert kb.library.count(caller=OTHER) == 0
    assert kb.library.collections(caller=OTHER) == []
    assert kb.library.facets(caller=OTHER).documents == ()
    assert kb.library.labelled_questions(caller=OTHER) == []
    assert kb.jobs.of([document_id], caller=OTHER) == {}
    assert kb.jobs.all(caller=OTHER) == []


CALLS: dict[str, Callable[[KnowledgeBase, str, int], object]] = {
    "show": lambda kb, document, _: kb.library.document(document, caller=OTHER),
    "remove": lambda kb, document, _: kb.library.remove([document], caller=OTHER),
    "tag": lambda kb, document, _: kb.library.tag([document], add=["mine"], caller=OTHER),
    "hide": lambda kb, document, _: kb.library.set_searchable([document], searchable=False, caller=OTHER),
    "read the file": lambda kb, document, _: kb.library.original(document, caller=OTHER),
    "read a passage": lambda kb, _, passage: kb.library.passage(passage, caller=OTHER),
    "read all passages": lambda kb, document, _: kb.library.passages(document, caller=OTHER),
    "see a page": lambda kb, document, _: kb.library.page_picture(document, 1, caller=OTHER),
    "label": lambda kb, _, passage: kb.library.label_question("Which?", passage, caller=OTHER),
    "pause": lambda kb, document, _: kb.jobs.pause(document, caller=OTHER),
    "resume": lambda kb, document, _: kb.jobs.resume(document, caller=OTHER),
    "cancel": lambda kb, document, _: kb.jobs.cancel(document, caller=OTHER),
    "retry": lambda kb, document, _: kb.jobs.retry(document, caller=OTHER),
}


@pytest.mark.parametrize("call", CALLS)
def test_naming_a_document_of_somebody_else_finds_none(kb: KnowledgeBase, tmp_path: Path, call: str) -> None:
    document_id, passage = imported(kb, tmp_path)
    before = kb.library.document(document_id, caller=OWNER)
    with pytest.raises(NotFound):
        CALLS[call](kb, document_id, passage)
    assert kb.library.document(document_id, caller=OWNER) == before


def test_both_may_add_the_same_file(kb: KnowledgeBase, tmp_path: Path) -> None:
    first, _ = imported(kb, tmp_path)
    second = kb.library.add(tmp_path / "a.txt", "a.txt", caller=OTHER)
    assert not second.already_present
    kb.library.remove([first], caller=OWNER)
    kb.library.delete_pending()
    assert kb.library.original(second.document.id, caller=OTHER).read_text() == "The only words."


async def test_conversations_of_somebody_else_are_not_there(tmp_path: Path) -> None:
    async def silent(*_: object, **__: object) -> AsyncGenerator[AnswerEvent, None]:
        for event in list[AnswerEvent]():
            yield event

    with closing(Database(tmp_path / "footnote.db")) as database:
        conversations = ConversationsService(AnswerRuns(database), ask=silent)
        run = await conversations.start(Question("Which words?", caller=OWNER))
        assert [found.title for found in conversations.all(caller=OWNER)] == ["Which words?"]
        assert conversations.all(caller=OTHER) == []
        with pytest.raises(NotFound):
            conversations.runs(run.conversation_id, caller=OTHER)
        with pytest.raises(NotFound):
            await conversations.get(run.id, caller=OTHER)
        with pytest.raises(NotFound):
            await conversations.cancel(run.id, caller=OTHER)
        with pytest.raises(NotFound):
            await anext(conversations.events(run.id, caller=OTHER))
        with pytest.raises(NotFound):
            await conversations.remove(run.conversation_id, caller=OTHER)
        with pytest.raises(NotFound):
            await conversations.start(Question("And?", caller=OTHER), conversation_id=run.conversation_id)
        assert (await conversations.get(run.id, caller=OWNER)).question.text == "Which words?"
        await conversations.close()
