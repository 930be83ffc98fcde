"""Questions that people kept with the passage that answers them."""

from __future__ import annotations

import pytest

from kb.errors import NotFound
from kb.state.labelled_questions import LabelledQuestions
from kb.types import LabelledQuestion
from tests.state import State


def keep(kept: LabelledQuestions, question: str, quote: str) -> LabelledQuestion:
    return kept.keep(question, sha256="a" * 64, document="x.pdf", page=None, quote=quote)


def test_a_question_and_its_passage_are_kept_once(state: State) -> None:
    kept = LabelledQuestions(state.database)
    first, other, again = (keep(kept, "谁?", quote) for quote in ("heron", "stork", "heron"))
    assert again == first
    assert kept.all() == [other, first]
    assert (first.question, first.document, first.page, first.quote) == ("谁?", "x.pdf", None, "heron")
    kept.remove(first.id)
    assert kept.all() == [other]
    with pytest.raises(NotFound):
        kept.remove(first.id)


def test_it_stays_when_its_document_goes(state: State) -> None:
    kept = LabelledQuestions(state.database)
    label = keep(kept, "Who?", "heron")
    state.control.remove([state.ready("a")])
    state.delete_pending()
    assert kept.all() == [label]
