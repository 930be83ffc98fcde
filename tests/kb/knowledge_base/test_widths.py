"""What narrower vectors find: as a search written out in numpy does, and measured on a library's own questions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from kb.knowledge_base.widths import megabytes, nearest_by_width, widths_up_to
from kb.state.labelled_questions import LabelledQuestions
from kb.types import OWNER
from tests.kb.library import Library, open_kb


def test_widths_are_halves_down_to_the_narrowest() -> None:
    assert widths_up_to(384) == [48, 96, 192, 384]
    assert widths_up_to(2560)[:2] == [40, 80]
    assert widths_up_to(32) == [32]
    assert widths_up_to(384, 384) == [384]
    assert widths_up_to(1024, 200) == [256, 512, 1024]
    assert megabytes(1_000_000, 256) == 1024.0


@pytest.mark.parametrize("block", [1, 7, 100])
def test_the_nearest_are_those_of_cut_vectors_whatever_the_blocks(block: int) -> None:
    drawn = np.random.default_rng(4)
    vectors, asked = (drawn.normal(size=(count, 128)).astype(np.float32) for count in (50, 3))
    blocks = [(list(range(at, min(at + block, 50))), vectors[at : at + block]) for at in range(0, 50, block)]
    found = nearest_by_width(blocks, asked, [32, 128], 5)
    for width, of in found.items():
        cut, questions = vectors[:, :width], asked[:, :width]
        cosines = questions @ cut.T / np.linalg.norm(cut, axis=1)
        assert of == [list(map(int, np.argsort(-row)[:5])) for row in cosines]


def test_recall_is_measured_on_the_questions_of_the_caller(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.fill(4)
    embedder = library.embedder
    library.close()
    with closing(open_kb(tmp_path, embedder=embedder)) as kb:
        kb.maintenance.lock()
        none = kb.evaluations.by_width(caller=OWNER)
        assert [(figure.width, figure.found) for figure in none] == [(32, None), (64, None)]
        assert none[1].megabytes == megabytes(12, 64)
        document = kb.library.documents(caller=OWNER)[0]
        passage = kb.library.passages(document.id, caller=OWNER)[0].text
        questions = LabelledQuestions(kb._parts.database)
        for quote in (passage, "words that no passage has"):
            questions.keep(passage, sha256=document.sha256, document=document.name, page=None, quote=quote)
        figures = kb.evaluations.by_width(caller=OWNER)
        assert [(figure.found, figure.questions) for figure in figures] == [(1, 2), (1, 2)]
