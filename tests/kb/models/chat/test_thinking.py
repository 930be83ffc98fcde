from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.models.chat.thinking import ThinkingSplitter
from kb.types import TextDelta, ThinkingDelta

PARTS = st.sampled_from(
    ["<think>", "</think>", "<thi", "</", ">", "<", "k", " ", "\n", "yes", "思考", "<b>", "[1]"]
)


def split(pieces: list[str]) -> tuple[str, str]:
    """The thoughts and the answer."""
    splitter = ThinkingSplitter()
    events = [event for piece in pieces for event in splitter.push(piece)] + splitter.finish()
    assert all(event.text for event in events)
    thoughts = "".join(event.text for event in events if isinstance(event, ThinkingDelta))
    return thoughts, "".join(event.text for event in events if isinstance(event, TextDelta))


@given(st.lists(PARTS, max_size=12).map("".join), st.data())
def test_any_cut_gives_the_same(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(pieces) == split([text]) == split(list(text))


@pytest.mark.parametrize(
    ("text", "thoughts", "answer"),
    [
        ("Paris.", "", "Paris."),
        ("<think>Hm.</think>\n\nParis.", "Hm.", "Paris."),
        ("\n<think>\nHm.\n</think>Paris.", "\nHm.\n", "Paris."),
        ("<think>One.</think><think>Two.</think>Paris.", "One.Two.", "Paris."),
        ("<think></think>Paris.", "", "Paris."),
        ("<think>Cut off", "Cut off", ""),
        ("<think>a < b </thin", "a < b </thin", ""),
        ("<thinking aloud", "", "<thinking aloud"),
        ("The tag <think> opens a thought.", "", "The tag <think> opens a thought."),
        ("", "", ""),
    ],
)
def test_thoughts_stand_before_the_answer(text: str, thoughts: str, answer: str) -> None:
    assert split([text]) == (thoughts, answer)


def test_text_flows_without_waiting_for_the_end() -> None:
    splitter = ThinkingSplitter()
    assert splitter.push("<think>Hm") == [ThinkingDelta("Hm")]
    assert splitter.push(", yes</th") == [ThinkingDelta(", yes")]
    assert splitter.push("ink> Par") == [TextDelta("Par")]
    assert splitter.push("is") == [TextDelta("is")]
