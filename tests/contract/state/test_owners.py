"""Two people on one machine: neither sees, changes or stands in the way of what the other has."""

from __future__ import annotations

import pytest

from kb.errors import NotFound
from kb.state.candidates import Passages
from kb.state.conversations import AnswerRuns
from kb.state.evaluations import Evaluations
from kb.state.facets import facets
from kb.state.labelled_questions import LabelledQuestions
from kb.state.notices import Notices
from kb.state.tags import Labels
from kb.types import OWNER, Caller, DocumentState, Evaluation, Filters, Fingerprint, Origin, Question
from tests.state import State, blob

FINGERPRINT = Fingerprint("m", "1", 4, 4, "")


def test_documents_of_two_people_do_not_meet(state: State) -> None:
    mine = state.ready("a", "x.pdf", owner=OWNER.id)
    hers = state.ready("a", "x.pdf", owner="ada")  # the same bytes under the same name
    for owner, document_id in ((OWNER.id, mine), ("ada", hers)):
        assert [document.id for document in state.documents.page(owner=owner)] == [document_id]
        assert state.documents.count(owner=owner) == 1
        assert state.documents.collections(owner=owner) == ["c"]
    assert state.documents.page(owner="nobody") == []
    assert {document.id for document in state.documents.all()} == {mine, hers}
    newer = state.ready("b", "x.pdf", owner="ada")
    assert state.documents.get(hers).state is DocumentState.DELETING
    assert state.documents.get(mine).state is DocumentState.READY
    assert {document.id for document in state.documents.page(owner="ada")} == {hers, newer}


def test_a_question_is_asked_of_the_documents_of_its_asker(state: State) -> None:
    mine, hers = state.ready("a", "x.pdf", owner=OWNER.id), state.ready("b", "y.txt", owner="ada")
    Labels(state.database).tag([hers], add=["secret"])
    passages = Passages(state.database, FINGERPRINT)
    everything = passages.ids(Filters()) + passages.ids(Filters(), owner="ada")
    for owner, document_id in ((OWNER.id, mine), ("ada", hers)):
        own = [chunk.id for chunk in state.chunks.of(document_id)]
        assert passages.ids(Filters(), owner=owner) == own
        found = passages.candidates(everything, Filters(), owner=owner)
        assert {candidate.document_id for candidate in found} == {document_id}
        scope = passages.scope(Filters(), owner=owner)
        assert (scope.chunks, scope.indexed) == (2, 4), "the indexes hold what both have"
    assert facets(state.database).tags == ()
    assert facets(state.database, owner="ada").documents == ("y.txt",)
    assert facets(state.database, owner="ada").tags == ("secret",)


def test_what_failed_is_tried_again_for_whoever_asks(state: State) -> None:
    jobs = []
    for letter, owner in (("a", OWNER.id), ("b", "ada")):
        state.documents.add(blob(letter), Origin(f"{letter}.pdf", "c", owner=owner))
        jobs.append(state.claim())
    assert [len(state.progress.all(owner=owner)) for owner in (OWNER.id, "ada", "nobody")] == [1, 1, 0]
    for job in jobs:
        state.steps.fail(job, "Why.")
    assert state.progress.queue(owner="ada").failed == 1
    assert state.control.retry_failed(owner="ada") == 1
    assert state.documents.get(jobs[0].document_id).state is DocumentState.FAILED
    assert state.documents.get(jobs[1].document_id).state is DocumentState.QUEUED


def test_conversations_are_read_and_continued_by_whoever_began_them(state: State) -> None:
    runs = AnswerRuns(state.database)
    hers = runs.begin(Question("Hers?", caller=Caller("ada")))
    assert runs.listed.window() == []
    assert [found.id for found in runs.listed.window(owner="ada")] == [hers.conversation_id]
    assert runs.get(hers.id, owner="ada") == runs.of(hers.conversation_id, owner="ada")[0] == hers
    for refused in (
        lambda: runs.get(hers.id),
        lambda: runs.of(hers.conversation_id),
        lambda: runs.begin(Question("Mine?"), conversation_id=hers.conversation_id),
        lambda: runs.remove(hers.conversation_id),
    ):
        with pytest.raises(NotFound):
            refused()
    assert runs.remove(hers.conversation_id, owner="ada") == [hers.id]


def test_labels_results_and_notices_are_their_owners(state: State) -> None:
    kept, evaluations, notices = (
        LabelledQuestions(state.database),
        Evaluations(state.database),
        Notices(state.database),
    )
    result = Evaluation("k", "n", "e", {}, documents=1, questions=1, asked=1)
    made = {}
    for owner in (OWNER.id, "ada"):
        label = kept.keep("Q?", sha256="a", document="x", page=1, quote="q", owner=owner)
        notices.add("Mind this.", owner=owner)
        made[owner] = (label.id, evaluations.add(result, owner=owner).id)
    for owner in made:
        (notice,) = notices.all(owner=owner)
        assert [label.id for label in kept.all(owner=owner)] == [made[owner][0]]
        assert [found.id for found in evaluations.latest(owner=owner, set_key="k")] == [made[owner][1]]
        for refused in (
            lambda owner=owner: kept.remove(made[owner][0], owner="nobody"),
            lambda owner=owner: evaluations.get(made[owner][1], owner="nobody"),
            lambda owner=owner: evaluations.remove(made[owner][1], owner="nobody"),
            lambda notice=notice: notices.dismiss(notice.id, owner="nobody"),
        ):
            with pytest.raises(NotFound):
                refused()
