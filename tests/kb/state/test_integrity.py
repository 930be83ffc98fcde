"""What can be wrong with the database and between its tables, found and mended."""

from __future__ import annotations

import sqlite3

import numpy as np

from kb.state.db import Database
from kb.state.integrity import Integrity
from kb.state.jobs import CLEANUPS
from kb.state.vectors import Vectors
from kb.types import DocumentState, Fingerprint, JobKind
from tests.state import State


def test_a_sound_database_has_nothing_wrong(state: State, database: Database) -> None:
    state.ready("a")
    state.add("b")
    integrity = Integrity(database)
    assert (
        integrity.database() == integrity.foreign_keys() == integrity.miscounted() == integrity.stuck() == []
    )
    assert integrity.vectors_of_nothing() == integrity.damaged_vectors() == 0


def test_what_does_not_fit_together_is_found_and_mended(state: State, database: Database) -> None:
    short, empty = state.ready("a", "x.pdf"), state.ready("b", "y.pdf")
    stuck, going = state.add("c").id, state.add("d").id
    state.control.remove([going])
    Vectors(state.database, Fingerprint("m", "1", 4, 4, "")).put([b"k" * 16], np.ones((1, 4), np.float32))
    with state.database.write() as connection:
        connection.execute("DELETE FROM chunks WHERE document_id = ? AND position = 1", (short,))
        connection.execute("DELETE FROM chunks WHERE document_id = ?", (empty,))
        connection.execute("DELETE FROM jobs")
        connection.execute(
            "INSERT INTO vectors (embedder_id, text_hash, vector) VALUES (1, ?, ?)", (b"q" * 16, b"short")
        )
    rogue = sqlite3.connect(database.path)
    rogue.execute("INSERT INTO jobs (kind, document_id, turn) VALUES ('import', 'nobody', 1)")
    rogue.commit()
    rogue.close()
    integrity = Integrity(database)
    assert set(integrity.miscounted()) == {short, empty}
    assert set(integrity.stuck()) == {stuck, going}
    assert integrity.foreign_keys() == ["jobs -> documents: 1"]
    assert (integrity.vectors_of_nothing(), integrity.damaged_vectors()) == (2, 1)
    integrity.repair()
    assert integrity.foreign_keys() == integrity.miscounted() == integrity.stuck() == []
    assert integrity.vectors_of_nothing() == 0
    assert {state.documents.get(document).state for document in (short, empty)} == {DocumentState.QUEUED}
    assert [job.kind for job in state.jobs.claim("burier", limit=9, kinds=CLEANUPS)] == [JobKind.DELETE]
