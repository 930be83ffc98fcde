"""Two people on one machine: neither sees, changes or stands in the way of what the other has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from kb.errors import NotFound
from kb.state.candidates import Passages
from kb.state.chunks import text_hash
from kb.state.conversations import AnswerRuns
from kb.state.db import Database
from kb.state.evaluations import Evaluations
from kb.state.facets import facets
from kb.state.labelled_questions import LabelledQuestions
from kb.state.migrations import MIGRATIONS
from kb.state.notices import Notices
from kb.state.tags import Labels
from kb.state.vectors import Vectors
from kb.types import OWNER, DocumentState, Evaluation, Filters, Fingerprint
from tests.kb.state.conftest import CHUNKS, PARSED, State, blob

FINGERPRINT = Fingerprint("m", "1", 4, 4, "")


def ready(state: State, letter: str, name: str, owner: str) -> str:
    added = state.documents.add(blob(letter), name=name, collection="c", owner=owner)
    assert not added.already_present
    job = state.claim()
    assert job.document_id == added.document.id
    state.steps.begin_parsing(job)
    state.steps.store_chunks(job, PARSED, CHUNKS)
    state.steps.make_ready([job])
    return job.document_id


def test_documents_of_two_people_do_not_meet(state: State) -> None:
    mine = ready(state, "a", "x.pdf", OWNER.id)
    hers = ready(state, "a", "x.pdf", "ada")  # the same bytes under the same name
    for owner, document_id in ((OWNER.id, mine), ("ada", hers)):
        assert [document.id for document in state.documents.page(owner=owner)] == [document_id]
        assert state.documents.count(owner=owner) == 1
        assert state.documents.collections(owner=owner) == ["c"]
    assert state.documents.page(owner="nobody") == []
    assert {document.id for document in state.documents.all()} == {mine, hers}
    newer = ready(state, "b", "x.pdf", "ada")
    assert state.documents.get(hers).state is DocumentState.DELETING
    assert state.documents.get(mine).state is DocumentState.READY
    assert {document.id for document in state.documents.page(owner="ada")} == {hers, newer}


def test_a_question_is_asked_of_the_documents_of_its_asker(state: State) -> None:
    mine, hers = ready(state, "a", "x.pdf", OWNER.id), ready(state, "b", "y.txt", "ada")
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
        state.documents.add(blob(letter), name=f"{letter}.pdf", collection="c", owner=owner)
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
    hers = runs.begin("Hers?", owner="ada")
    assert runs.conversations() == []
    assert [found.id for found in runs.conversations(owner="ada")] == [hers.conversation_id]
    assert runs.get(hers.id, owner="ada") == runs.of(hers.conversation_id, owner="ada")[0] == hers
    for refused in (
        lambda: runs.get(hers.id),
        lambda: runs.of(hers.conversation_id),
        lambda: runs.begin("Mine?", conversation_id=hers.conversation_id),
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


def test_what_was_stored_before_there_were_owners_is_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "footnote.db"
    Database(path, migrations=MIGRATIONS[:7]).close()
    with closing(sqlite3.connect(path)) as older:
        for number in (1, 2):
            older.execute(
                "INSERT INTO conversations (id, title, added, updated) VALUES (?, 't', '2026-01-01', '2026-01-01')",
                (f"c{number}",),
            )
        for number in (2, 1):  # within one millisecond the first one was asked in last
            older.execute(
                "INSERT INTO requests (id, conversation_id, position, state, question, added) "
                "VALUES (?, ?, 1, 'done', 'q', '2026-01-01')",
                (f"r{number}", f"c{number}"),
            )
        older.execute("INSERT INTO notices (made, text) VALUES ('2026-01-01', 'Mind this.')")
        older.execute(
            "INSERT INTO kept_questions (id, question, sha256, document, page, quote, added) "
            "VALUES (7, 'q', 'a', 'd', 3, 'quote', '2026-01-01')"
        )
        older.commit()
    with closing(Database(path)) as database:
        assert [found.id for found in AnswerRuns(database).conversations()] == ["c1", "c2"]
        assert [notice.text for notice in Notices(database).all()] == ["Mind this."]
        (label,) = LabelledQuestions(database).all()
        assert (label.id, label.page, label.quote) == (7, 3, "quote")


def test_vectors_are_shared_by_whoever_has_the_same_text(state: State) -> None:
    vectors = Vectors(state.database, FINGERPRINT)
    ready(state, "a", "x.pdf", OWNER.id)
    ready(state, "a", "x.pdf", "ada")
    assert vectors.count_lacking() == 4
    vectors.put([text_hash(chunk.embedded_text) for chunk in CHUNKS], np.ones((2, 4), np.float32))
    assert vectors.count_lacking() == 0
