"""Changing how long passages are: what it costs is said, the old ones answer until the new ones can, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.config import load_settings
from kb.errors import BadInput, Conflict
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.types import OWNER
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.importing import add, cut_here, importing, wait_until_ready
from tests.kb.library import NoPictures, search
from tests.waiting import wait_until

LONG, SHORT = 96, 32


def line(number: int) -> str:
    return f"Heron number{number} stands in river{number % 7} beside the old bridge."


def text(document: int, lines: int = 40) -> str:
    return "\n\n".join(line(document * 100 + place) for place in range(lines))


def opened(home: Path, embedder: HashEmbedder) -> KnowledgeBase:
    return open_knowledge_base(
        load_settings(**{"home": home, "storage.vectors": "exact"}),
        renderer=NoPictures(),
        suffixes=frozenset({".txt"}),
        embedder=embedder,
        cutter=cut_here,
    )


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def kb(tmp_path: Path, embedder: HashEmbedder) -> Iterator[KnowledgeBase]:
    """Three documents of forty lines, in passages of at most ``LONG`` tokens."""
    with closing(opened(tmp_path, embedder)) as kb:
        kb.configuration.change({"parsing.chunk_tokens": LONG}, caller=OWNER)
        with importing(kb):
            for number in range(3):
                add(kb, f"{number}.txt", text(number))
            wait_until_ready(kb)
        yield kb


def passages(kb: KnowledgeBase) -> list[str]:
    return [
        chunk.text
        for document in kb.ingest_parts().documents.all()
        for chunk in kb._parts.chunks.of(document.id)
    ]


def longest(kb: KnowledgeBase) -> int:
    return max(len(passage.split()) for passage in passages(kb))


def answers(kb: KnowledgeBase) -> None:
    """Every passage is in both indexes and nothing else is, and lines of all documents are found."""
    kb.ingest_parts().open_engine().index.sweep()
    pair = kb.ingest_parts().open_engine().indexes
    published = kb._parts.chunks.published_ids()
    assert {name: ids for name, ids in pair.store.ids().items() if ids} == published
    assert pair.lexical.ids() == set().union(*published.values())
    assert pair.index.unreachable() == {}
    for number in (3, 117, 239):
        assert f"number{number} " in search(kb, f"heron number{number}", k=1)[0].chunk.text
    assert (
        kb._parts.database.read().execute("SELECT 1 FROM chunks_aside WHERE is_next = 1").fetchone() is None
    )


def switch(kb: KnowledgeBase, tokens: int) -> list[tuple[str, int, int]]:
    heard: list[tuple[str, int, int]] = []
    with importing(kb):
        kb.chunker.switch(tokens, caller=OWNER, report=lambda *said: heard.append(said))
    return heard


def undo(kb: KnowledgeBase) -> None:
    with importing(kb):
        kb.chunker.undo(caller=OWNER, waits=True)


def test_another_length_is_costed_made_beside_and_undone(kb: KnowledgeBase, embedder: HashEmbedder) -> None:
    before = passages(kb)
    plan = kb.chunker.plan(SHORT, caller=OWNER)
    assert (plan.source, plan.target, plan.documents, plan.kept, plan.measured) == (LONG, SHORT, 3, 0, 3)
    assert plan.passages == len(before)
    assert min(plan.tokens, plan.minutes, plan.megabytes) > 0
    assert passages(kb) == before
    heard = switch(kb, SHORT)
    assert {name for name, _, _ in heard} == {"asking", "cutting", "checking"}
    assert ("cutting", 3, 3) in heard
    after = passages(kb)
    assert len(after) == plan.passages_after > plan.passages
    assert longest(kb) <= SHORT
    answers(kb)
    status = kb.chunker.status(caller=OWNER)
    assert (status.chunk_tokens, status.undo, status.others, status.problem) == (SHORT, LONG, 0, None)
    assert status.kept_megabytes > 0
    assert kb.chunker.plan(LONG, caller=OWNER).kept == 3
    embedder.embedded.clear()
    undo(kb)
    assert passages(kb) == before
    assert not [each for each in embedder.embedded if each.startswith("Heron")]
    answers(kb)
    assert kb.settings.parsing.chunk_tokens == LONG
    undo(kb)  # which is to make the change again
    assert passages(kb) == after
    answers(kb)
    assert kb.chunker.forget(caller=OWNER) > 0
    assert kb.chunker.status(caller=OWNER).undo is None
    assert kb.chunker.status(caller=OWNER).kept_megabytes == 0
    with pytest.raises(BadInput, match="no change"):
        undo(kb)
    answers(kb)


def test_questions_are_answered_by_old_passages_until_a_document_has_its_new_ones(
    kb: KnowledgeBase, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, embed = set(passages(kb)), embedder.embed_documents
    seen: list[str] = []

    def watched(texts: list[str], *, urgent: bool = False) -> object:
        if texts[0].startswith("Heron"):
            seen.extend(hit.chunk.text for hit in search(kb, "heron number239", k=1))
        return embed(texts, urgent=urgent)

    monkeypatch.setattr(embedder, "embed_documents", watched)
    switch(kb, SHORT)
    assert seen
    assert any(each in before for each in seen)
    assert all("number239 " in each for each in seen)


def test_labelled_questions_are_asked_before_and_after(kb: KnowledgeBase) -> None:
    for number in (3, 117):
        hit = search(kb, f"heron number{number}", k=1)[0]
        kb.library.label_question(f"heron number{number}", hit.chunk.id, caller=OWNER)
    switch(kb, SHORT)
    found = kb.chunker.status(caller=OWNER).questions
    assert found is not None
    assert (found.questions, found.before, found.after) == (2, 2, 2)
    assert (found.first_before, found.first_after) == (2, 2)


def test_what_a_person_changed_of_passages_stays_over_the_change_and_over_undoing_it(
    kb: KnowledgeBase,
) -> None:
    hit = search(kb, "heron number117", k=1)[0]
    corrected = hit.chunk.text.replace("Heron number117 stands", "Heron number117 sleeps")
    left_out = search(kb, "heron number239", k=1)[0]
    with importing(kb):
        kb.passage_edits.correct(hit.document.id, hit.chunk.id, corrected, caller=OWNER)
        kb.passage_edits.leave_out(left_out.document.id, left_out.chunk.id, caller=OWNER)
        wait_until_ready(kb)
    switch(kb, SHORT)
    assert any("number117 sleeps" in each for each in passages(kb))
    assert not any("number239 " in each for each in passages(kb))
    later = search(kb, "heron number5", k=1)[0]
    with importing(kb):
        kb.passage_edits.correct(
            later.document.id,
            later.chunk.id,
            later.chunk.text.replace("number5 stands", "number5 flies"),
            caller=OWNER,
        )
        wait_until_ready(kb)
    undo(kb)
    for said in ("number117 sleeps", "number5 flies"):
        assert [said in each for each in passages(kb)].count(True) == 1
    assert not any("number239 " in each for each in passages(kb))
    assert longest(kb) > SHORT


def test_what_was_left_out_of_short_passages_is_in_no_long_one(kb: KnowledgeBase) -> None:
    switch(kb, SHORT)
    kb.chunker.forget(caller=OWNER)
    left_out = search(kb, "heron number117", k=1)[0]
    with importing(kb):
        kb.passage_edits.leave_out(left_out.document.id, left_out.chunk.id, caller=OWNER)
        wait_until_ready(kb)
    switch(kb, LONG)
    assert longest(kb) > SHORT
    said = "\n".join(passages(kb))
    assert [number for number in range(100, 140) if f"number{number} " not in said] == [
        number for number in range(100, 140) if f"number{number} " in left_out.chunk.text
    ]


def test_former_passages_that_are_damaged_are_found_by_a_check_and_read_again(kb: KnowledgeBase) -> None:
    before = passages(kb)
    switch(kb, SHORT)
    with kb._parts.database.write() as connection:
        connection.execute("UPDATE chunks_aside SET text = text || '.' WHERE position = 1")
    documents = next(each for each in kb.maintenance.check(caller=OWNER) if each.name == "documents")
    assert "3 have former passages that are not what was stored" in documents.text
    assert all(each.ok for each in kb.maintenance.check(caller=OWNER, repair=True))
    undo(kb)
    assert passages(kb) == before
    answers(kb)


def test_what_is_added_meanwhile_and_since_has_the_length_that_is_set(kb: KnowledgeBase) -> None:
    seen: list[str] = []

    def report(step: str, done: int, total: int) -> None:
        if step == "cutting" and not seen:
            seen.append(add(kb, "meanwhile.txt", text(5)))

    with importing(kb):
        kb.chunker.switch(SHORT, caller=OWNER, report=report)
        wait_until_ready(kb)
        assert longest(kb) <= SHORT
        add(kb, "since.txt", text(6))
        wait_until_ready(kb)
    assert longest(kb) <= SHORT
    undo(kb)  # reads these two again
    assert kb.chunker.status(caller=OWNER).others == 0
    assert sum(len(each.split()) > SHORT for each in passages(kb)) >= 5
    answers(kb)


def test_a_change_is_stopped_and_everything_is_as_it_was(kb: KnowledgeBase) -> None:
    before = passages(kb)
    kb.jobs.pause_all(caller=OWNER)
    kb.chunker.begin(SHORT, caller=OWNER)
    wait_until(lambda: kb.chunker.status(caller=OWNER).step == "cutting")
    assert kb.chunker.status(caller=OWNER).paused
    with pytest.raises(Conflict):
        kb.chunker.begin(LONG + 1, caller=OWNER)
    kb.chunker.undo(caller=OWNER)
    wait_until(lambda: kb.chunker.status(caller=OWNER).switching_to is None)
    assert kb.chunker.status(caller=OWNER).problem is None
    assert kb.jobs.all(caller=OWNER) == []
    assert kb.settings.parsing.chunk_tokens == LONG
    assert passages(kb) == before
    answers(kb)


def test_a_change_that_is_broken_off_goes_on_with_the_next_start(tmp_path: Path, kb: KnowledgeBase) -> None:
    kb.jobs.pause_all(caller=OWNER)
    kb.chunker.begin(SHORT, caller=OWNER)
    wait_until(lambda: kb.chunker.status(caller=OWNER).step == "cutting")
    kb.close()
    with closing(opened(tmp_path, HashEmbedder())) as again:
        assert again.chunker.status(caller=OWNER).broken_off == SHORT
        assert again.settings.parsing.chunk_tokens == SHORT
        again.chunker.resume()
        again.jobs.resume_all(caller=OWNER)
        with importing(again):
            wait_until(lambda: again.chunker.status(caller=OWNER).switching_to is None)
        assert longest(again) <= SHORT
        answers(again)
        undo(again)
        assert longest(again) > SHORT


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda kb: kb.chunker.plan(LONG, caller=OWNER), "that length already"),
        (lambda kb: kb.chunker.begin(3, caller=OWNER), "greater than or equal|at least|32"),
        (lambda kb: kb.chunker.undo(caller=OWNER), "no change"),
    ],
)
def test_what_cannot_be_changes_nothing(
    kb: KnowledgeBase, change: Callable[[KnowledgeBase], object], said: str
) -> None:
    before = passages(kb)
    with pytest.raises(BadInput, match=said):
        change(kb)
    assert kb.chunker.status(caller=OWNER).switching_to is None
    assert passages(kb) == before
