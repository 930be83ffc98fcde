"""Footnotes of an answer while it comes: the same however it is cut, and never slower for what came before."""

from __future__ import annotations

import time

import pytest

from kb.answer.citation_marks import FootnoteStream, annotated
from tests.kb.answer.samples import hit

HITS = [
    hit("The bridge opened in 1932. It is 1149 metres long."),
    hit("The tower was finished in 1889.", number=2),
]
ANSWERS = [
    "The bridge opened in 1932. It is long 【2】 . The tower was finished in 1889 [ 1 ] [1, 2].\n\nYes [9].",
    f"The bridge opened in 1932{' ' * 300}[1]. It is{' ' * 100}1149 metres long.",
    f"{'The bridge and the tower opened ' * 100}in 1932. The tower was finished in 1889.",
    f"[{'1, ' * 200}2]. The bridge opened in 1932 [1",
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 333])
def test_the_pieces_do_not_matter(answer: str, size: int) -> None:
    stream = FootnoteStream(HITS)
    pieces = [stream.push(answer[start : start + size]) for start in range(0, len(answer), size)]
    assert "".join(pieces) + stream.finish() == annotated(answer, HITS)


def test_a_run_of_white_space_is_cut_and_the_mark_behind_it_found() -> None:
    assert annotated(f"It opened in 1932{' ' * 60}[1].", HITS) == "It opened in 1932 [1]."
    assert len(annotated(f"It opened{' ' * 5000}in 1932 [1].", HITS)) < 100


@pytest.mark.parametrize("piece", [" ", "\n", "a", "ab ", "1", "[", "[1, ", "[1] ", "。", " \u3000", "- "])
def test_no_piece_takes_longer_for_what_came_before(piece: str) -> None:
    def seconds(pieces: int) -> float:
        stream = FootnoteStream(HITS)
        begun = time.process_time()
        for _ in range(pieces):
            stream.push(piece)
        stream.finish()
        return time.process_time() - begun

    least = min(seconds(5_000) for _ in range(3))
    assert min(seconds(20_000) for _ in range(2)) < 10 * least + 0.05


def test_sixty_thousand_blanks_at_once_take_no_time() -> None:
    begun = time.process_time()
    annotated(f"It opened{' ' * 60_000}in 1932.", HITS)
    assert time.process_time() - begun < 0.5
