"""What a question that names a document does to the passages of others, over a real index of words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.index.lexical.tantivy_index import TantivyIndex
from kb.retrieval.named_documents import evened_by_document, settled_by_name
from kb.state.candidates import Candidate

NAMES = {
    1: "stone hawk",
    2: "lesser stone hawk",
    3: "0001-77\n\nOrrin Gas\n2020",
    4: "0001-78\n\nOrrin Rail\n2020",
}
FUSED = [(2, 9.0), (4, 8.9), (1, 8.5), (3, 8.4)]
"""The namesake is ahead in each pair."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[TantivyIndex]:
    opened = TantivyIndex(folder=tmp_path)
    for chunk_id, name in NAMES.items():
        opened.add([chunk_id], ["It is there."], collection="c", document_name=name)
    opened.commit()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("Where does the stone hawk nest?", [4, 1, 3, 2]),
        ("Where does the lesser stone hawk nest?", [2, 4, 3, 1]),
        ("What did Orrin Gas earn in 2020?", [2, 1, 3, 4]),
        ("Do stones hurt a hawk?", [2, 4, 1, 3]),
        ("Compare Orrin Gas with Orrin Rail", [2, 4, 1, 3]),
    ],
)
def test_the_named_document_comes_before_its_namesake(
    index: TantivyIndex, question: str, order: list[int]
) -> None:
    documents = {chunk_id: f"d{chunk_id}" for chunk_id in NAMES}
    settled = settled_by_name(FUSED, question, documents, lexical=index, penalty=2.0)
    assert [chunk_id for chunk_id, _ in settled] == order


def test_each_passage_of_a_named_document_has_as_much_from_the_name() -> None:
    passages = [Candidate(1, "a", "en", None), Candidate(2, "a", "en", None), Candidate(3, "b", "en", None)]
    evened = evened_by_document({1: 9.0, 2: 4.0, 3: 5.0}, {1: 2.0, 2: 3.0}, passages, {1, 2})
    assert evened == {1: 9.0, 2: 10.0, 3: 5.0}
