"""Which words of a passage are marked as words of the question."""

from __future__ import annotations

import pytest

from kb.text.matches import matched_words


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        (
            "Where are the mirrors opened?",
            "A mirror opens at dawn; the rest is closed.",
            ["mirror", "opens"],
        ),
        ("What is it?", "It is what it is.", []),
        ("café", "The CAFÉ is open.", ["CAFÉ"]),
        ("合同什么时候到期", "本合同于五月到期。", ["合同", "到期"]),
        ("turbine", "", []),
        ("", "A turbine.", []),
    ],
)
def test_words_that_say_something_are_marked_endings_aside(
    question: str, text: str, marked: list[str]
) -> None:
    spans = matched_words(question, text)
    assert [text[start:end] for start, end in spans] == marked
    assert spans == sorted(spans)
