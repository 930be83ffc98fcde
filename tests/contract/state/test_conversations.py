"""Conversations: what is kept of a question while it is answered, afterwards, and after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb.errors import BadInput, NotFound
from kb.state.conversations import AnswerRuns
from kb.state.sql import scalar
from kb.types import (
    Anchor,
    Answer,
    AnswerRun,
    AnswerRunState,
    CheckedSentence,
    Citation,
    Difference,
    DocumentState,
    Filters,
    Hit,
    PdfPlace,
    Question,
    Rect,
    Searched,
    Support,
)
from tests.state import State

NARROWED = Question(
    "What?",
    Filters(documents=('a "b”.pdf',), types=("pdf", "md"), tags=("x",), since="2025-01-01"),
    ("c",),
    "m",
    searched="What is it?",
    typed="type:pdf,md What?",
)


@pytest.fixture
def requests(state: State) -> AnswerRuns:
    return AnswerRuns(state.database)


def answered(state: State, request: AnswerRun, document_id: str) -> AnswerRun:
    """The request as it is when its answer is whole, with two passages found and the first one cited."""
    chunks = state.chunks.of(document_id)
    document = state.documents.get(document_id)
    hits = tuple(Hit(chunk, document, 0.9, rank, {"dense": 0.5}) for rank, chunk in enumerate(chunks, 1))
    anchor = Anchor(PdfPlace((Rect(1, 1.0, 2.0, 3.0, 4.0),)), heading_path=("一",))
    citation = Citation(1, chunks[0].id, document_id, document.name, anchor, "First.")
    answer = Answer(
        "It is first [1].",
        "scripted",
        "What?",
        (citation,),
        unsupported=("No.",),
        timings_ms={"a": 1.5},
        checks=(
            CheckedSentence("It is.", 0, 16, (1,), Support.UNSUPPORTED, "first", Difference.OTHER_VALUE),
            CheckedSentence("It is.", 0, 16, (1,), Support.SUPPORTED, evidence=(citation,)),
        ),
    )
    searched = Searched("What?", hits, dropped=2, timings_ms={"search": 3.0})
    return replace(
        request,
        state=AnswerRunState.DONE,
        searched=searched,
        text=answer.text,
        answer=answer,
        notices=("Mind this.",),
    )


def test_an_answer_comes_back_as_it_was(state: State, requests: AnswerRuns) -> None:
    document_id = state.ready("a")
    whole = answered(state, requests.begin(NARROWED), document_id)
    requests.save(whole)
    assert requests.get(whole.id) == whole
    assert requests.of(whole.conversation_id) == [whole]


def test_a_deleted_document_takes_its_words_along_and_leaves_the_quotes(
    state: State, requests: AnswerRuns
) -> None:
    document_id = state.ready("a")
    whole = answered(state, requests.begin(Question("What?")), document_id)
    requests.save(whole)
    state.control.remove([document_id])
    state.delete_pending()
    back = requests.get(whole.id)
    assert back.answer == whole.answer
    assert back.searched is not None
    first, second = back.searched.hits
    assert [hit.document.state for hit in (first, second)] == [DocumentState.DELETING] * 2
    assert (first.chunk.text, second.chunk.text) == ("First.", ""), (
        "the quote, and nothing of what was not cited"
    )
    assert first.document.name == "a.pdf"
    stored = scalar(state.database.read(), "SELECT searched FROM requests")
    assert "Second." not in stored


def test_a_question_of_a_former_version_is_read_with_the_conditions_in_its_text(
    state: State, requests: AnswerRuns
) -> None:
    ids = []
    for typed in ('How high? document:"a b.pdf"', "x after:never"):
        ids.append(requests.begin(Question(typed)).id)
        with state.database.write() as connection:
            connection.execute("UPDATE requests SET asked = NULL, collection = 'c' WHERE id = ?", (ids[-1],))
    assert requests.get(ids[0]).question == Question(
        "How high?", Filters(documents=("a b.pdf",)), ("c",), typed='How high? document:"a b.pdf"'
    )
    assert requests.get(ids[1]).question == Question("x after:never", collections=("c",))


def test_conversations_are_in_order_and_named_by_their_first_question(requests: AnswerRuns) -> None:
    first = requests.begin(Question("What is\n  it? " + "x" * 500))
    second = requests.begin(Question("And the other?"))
    requests.begin(Question("More of it?"), conversation_id=first.conversation_id)
    listed = requests.listed.window()
    assert [(found.id, found.requests) for found in listed] == [
        (first.conversation_id, 2),
        (second.conversation_id, 1),
    ]
    assert listed[0].title.startswith("What is it? xxx")
    assert len(listed[0].title) <= 120
    assert requests.outline.questions(first.conversation_id) == [
        (run.id, run.question.as_typed) for run in requests.of(first.conversation_id)
    ]
    assert requests.outline.questions(first.conversation_id, owner="ada") == []
    assert requests.outline.latest(first.conversation_id) == requests.of(first.conversation_id)[-1].id
    assert requests.outline.latest(first.conversation_id, owner="ada") is None
    assert [found.question.text for found in requests.of(first.conversation_id)][1] == "More of it?"


def test_the_newest_of_a_long_conversation_are_read_and_those_before_them(requests: AnswerRuns) -> None:
    first = requests.begin(Question("0?"))
    ids = [first.id]
    ids += [requests.begin(Question(f"{n}?"), conversation_id=first.conversation_id).id for n in range(1, 5)]
    requests.begin(Question("Elsewhere?"))

    def read(**which: Any) -> list[str]:
        return [run.id for run in requests.of(first.conversation_id, **which)]

    assert read() == ids
    assert read(newest=2) == ids[3:]
    assert read(newest=2, before=ids[3]) == ids[1:3]
    assert read(newest=2, before=ids[1]) == ids[:1]
    assert read(newest=0) == read(before=ids[0]) == read(before="nobody") == []


def test_a_conversation_is_renamed_and_pinned_before_later_ones(requests: AnswerRuns) -> None:
    first = requests.begin(Question("Where do herons nest?"))
    later = requests.begin(Question("And storks?"))
    requests.label(first.conversation_id, title="  Birds,\n100% of them ", pinned=True)
    listed = requests.listed.window()
    assert [(found.title, found.pinned) for found in listed] == [
        ("Birds, 100% of them", True),
        ("And storks?", False),
    ]
    requests.label(first.conversation_id, pinned=False)
    assert [found.id for found in requests.listed.window()] == [later.conversation_id, first.conversation_id]
    assert requests.listed.window()[1].title == "Birds, 100% of them"
    with pytest.raises(BadInput):
        requests.label(first.conversation_id, title=" \n ")
    with pytest.raises(NotFound):
        requests.label(first.conversation_id, pinned=True, owner="ada")


def test_conversations_are_found_by_what_was_said_in_them(requests: AnswerRuns) -> None:
    herons = requests.begin(Question("Where do Herons nest?"))
    requests.save(replace(herons, text="In tall trees, 100% of them.", state=AnswerRunState.DONE))
    requests.begin(Question("苍鹭在哪里筑巢？"))
    titles = {"herons": 1, "TALL trees": 1, "100%": 1, "%": 1, "_": 0, "筑巢": 1, "stork": 0, "": 2}
    found = {saying: len(requests.listed.window(saying=saying)) for saying in titles}
    assert found == titles
    assert requests.listed.window(saying="herons", owner="ada") == []


def test_a_deleted_conversation_is_gone_and_says_what_was_running(requests: AnswerRuns) -> None:
    request = requests.begin(Question("What?"))
    assert requests.remove(request.conversation_id) == [request.id]
    requests.save(replace(request, text="too late"))
    for gone in (lambda: requests.get(request.id), lambda: requests.of(request.conversation_id)):
        with pytest.raises(NotFound):
            gone()
    with pytest.raises(NotFound):
        requests.begin(Question("What?"), conversation_id=request.conversation_id)
    with pytest.raises(NotFound):
        requests.remove(request.conversation_id)


def test_what_a_dead_process_was_writing_is_kept_and_marked(requests: AnswerRuns) -> None:
    request = requests.begin(Question("What?"))
    requests.save(replace(request, text="Half an ans"))
    whole = requests.begin(Question("Another?"))
    requests.save(replace(whole, state=AnswerRunState.DONE, text="Whole."))
    assert requests.end_interrupted() == 1
    after = requests.get(request.id)
    assert (after.state, after.question.text, after.text) == (AnswerRunState.FAILED, "What?", "Half an ans")
    assert after.error is not None
    assert "Ask again" in after.error
    assert requests.get(whole.id).state is AnswerRunState.DONE


def test_a_late_save_does_not_undo_the_end(requests: AnswerRuns, tmp_path: Path) -> None:
    request = requests.begin(Question("What?"))
    requests.save(replace(request, state=AnswerRunState.STOPPED, text="Half"))
    requests.save(replace(request, text="Half of"))
    assert (requests.get(request.id).state, requests.get(request.id).text) == (AnswerRunState.STOPPED, "Half")
