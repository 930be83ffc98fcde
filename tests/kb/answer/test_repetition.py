"""A text that goes round in circles is found, whatever repeats; verses, tables and lists are let go on."""

from __future__ import annotations

import time

import pytest

from kb.answer.repetition import RepetitionWatch

LOOPS = [
    "The warranty is 24 months [1]. " * 60,
    "It opened. " + "no no " * 200,
    "泵的保修期为24个月。" * 40,
    "First, check the valve and the seal of the pump. Then close it again.\n" * 20,
]
TEXTS = [
    "\n".join(f"- The valve of pump number {number} was replaced in June." for number in range(40)),
    "| month | rain | sun |\n|---|---|---|\n" + "| dry | 0 | 0 |\n" * 30,
    "Row, row, row your boat,\nGently down the stream.\nMerrily, merrily, merrily, merrily,\nLife is but a dream.\n"
    * 2,
    "The sun is red. The sea is blue. " * 2 + "The king is dead, long live the king. " * 2,
    "He said no, no, no and no again, and that was that; nobody asked him a second time that year or the next.",
]


@pytest.mark.parametrize("text", LOOPS)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_loop_is_ended_early_and_at_the_same_place(text: str, size: int) -> None:
    def ended(length: int) -> int | None:
        watch, done = RepetitionWatch(), 0
        for start in range(0, len(text), length):
            if (end := watch.end_in(text[start : start + length])) is not None:
                return done + end
            done += length
        return None

    found = ended(size)
    assert found is not None
    assert found < len(text) / 2
    assert abs(found - (ended(3) or 0)) <= 1


@pytest.mark.parametrize("text", TEXTS)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert RepetitionWatch().end_in(text) is None


def test_each_word_costs_the_same() -> None:
    def seconds(words: int) -> float:
        watch, begun = RepetitionWatch(), time.process_time()
        for number in range(words):
            watch.end_in(f"word{number} ")
        return time.process_time() - begun

    assert seconds(4000) < 10 * seconds(1000) + 0.05
