from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.models.chat.thinking import ThinkingSplitter
from kb.types import TextDelta, TextWithdrawn, ThinkingDelta

PARTS = st.sampled_from(
    [
        "<think>",
        "</think>",
        "<thi",
        "</",
        ">",
        "<",
        "k",
        " ",
        "\n",
        "yes",
        "思考",
        "<b>",
        "[1]",
        ".",
        "`",
        "[THINK]",
        "[/think]",
        "[/",
        "<|channel|>analysis<|message|>",
        "<|",
        "final<|message|>",
        "<|channel|>",
    ]
)


def split(pieces: list[str]) -> tuple[str, str]:
    """The thoughts and the answer."""
    splitter = ThinkingSplitter()
    thoughts = answer = ""
    for event in [event for piece in pieces for event in splitter.push(piece)] + splitter.finish():
        if isinstance(event, TextWithdrawn):
            thoughts, answer = thoughts + answer, ""
        elif isinstance(event, ThinkingDelta):
            thoughts += event.text
        else:
            answer += event.text
        assert isinstance(event, TextWithdrawn) or event.text
    return thoughts, answer


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
        ("[THINK]Hm.[/THINK]Paris.", "Hm.", "Paris."),
        ("<thinking>Hm.</thinking>\nParis.", "Hm.", "Paris."),
        ("<THINK>Hm.</Think>Paris.", "Hm.", "Paris."),
        ("<thought>Hm.</thought>Paris.", "Hm.", "Paris."),
        ("<seed:think>Hm.</seed:think>Paris.", "Hm.", "Paris."),
        ("◁think▷Hm.◁/think▷Paris.", "Hm.", "Paris."),
        ("<|START_THINKING|>Hm.<|END_THINKING|>Paris.", "Hm.", "Paris."),
        ("<|channel|>analysis<|message|>Hm.<|channel|>final<|message|>Paris.", "Hm.", "Paris."),
        ("<think>It says </thinking> here.</think>Paris.", "It says </thinking> here.", "Paris."),
        ("Hm, 36? No.\n</think>\n\nParis.", "Hm, 36? No.\n", "Paris."),
        ("Hm, 36? No.</think>Paris.", "Hm, 36? No.", "Paris."),
        ("Hm, 36? No. </think> Paris.", "Hm, 36? No. ", "Paris."),
        ("Hm, so 24 </thinking>\nParis.", "Hm, so 24 ", "Paris."),
        ("Hm.[/THINK]Paris.", "Hm.", "Paris."),
        ("</think>Paris.", "", "Paris."),
        ("Hm.</think>Paris.</think>Rome.", "Hm.", "Paris.</think>Rome."),
        ("Hm.</think><think>Still.</think>Paris.", "Hm.Still.", "Paris."),
        ("The tag </think> ends a thought.", "", "The tag </think> ends a thought."),
        ("It ends with `</think>`.", "", "It ends with `</think>`."),
        ("It ends with </think>", "", "It ends with </think>"),
        ("As in\n<think>\nHm.\n</think>\n", "", "As in\n<think>\nHm.\n</think>\n"),
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


def test_an_end_alone_takes_back_what_was_written() -> None:
    splitter = ThinkingSplitter()
    assert splitter.push("Hm, ") == [TextDelta("Hm, ")]
    assert splitter.push("24.\n</thi") == [TextDelta("24.\n")]
    assert splitter.push("nk>\n\nParis.") == [TextWithdrawn(), TextDelta("Paris.")]
