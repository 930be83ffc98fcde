"""A question's terms meet those of a passage that writes the same value, day or name otherwise."""

from __future__ import annotations

from itertools import permutations

import pytest

from kb.text.search_terms import index_terms, question_terms


@pytest.mark.parametrize(
    ("term", "ways"),
    [
        ("7800", ["7,800", "7 800", "7800", "7.8k", "7.8 thousand", "七千八百", "Der Hof hat 7.800 Kühe"]),
        (
            "18%",
            ["18%", "18 %", "18 percent", "eighteen per cent", "百分之十八", "18 Prozent", "18 pour cent"],
        ),
        ("2600000", ["2.6 million", "2,600,000", "260万", "2.6 Millionen", "2.6mn"]),
        ("52", ["fifty-two", "52", "五十二"]),
        ("2021-03-14", ["14 March 2021", "2021-03-14", "二〇二一年三月十四日", "14.03.2021"]),
        ("45kg", ["45 kg", "45kg", "45 kilograms", "45公斤"]),
        ("3号", ["3号楼", "三号楼", "第3号"]),
        ("mx4410", ["MX-4410", "MX4410", "mx 4410"]),
    ],
)
def test_values_meet_in_any_written_form(term: str, ways: list[str]) -> None:
    for asked, written in permutations(ways, 2):
        if asked == "mx 4410" or written != "mx 4410":  # two words are one name in a question alone
            assert term in question_terms(asked).keys() & set(index_terms(written)), (asked, written)


@pytest.mark.parametrize(
    ("asked", "meant", "other"),
    [
        ("What is F# for?", "F# runs on .NET", "F++ and F are none"),
        ("the D++ compiler", "D++ compiles", "D# compiles"),
        ("Does .NET run here?", "it needs .NET", "the net is torn"),
        ("weight of the 70B", "the 70B model", "the 70C model"),
        ("5号楼在哪里", "5号楼在东边", "6号楼在东边"),
        ("Who owns B&Q?", "B&Q was sold", "B and Q are letters"),
        ("the 8-K", "an 8-K was filed", "a 9-K was filed"),
    ],
)
def test_identifiers_weigh_more_than_words(asked: str, meant: str, other: str) -> None:
    def score(text: str) -> float:
        return sum(question_terms(asked).get(term, 0.0) for term in set(index_terms(text)))

    assert score(meant) >= score(other) + 2


def test_ordinals_and_decades_are_no_identifiers() -> None:
    terms = question_terms("the 3rd war of the 1880s")
    assert (terms["3rd"], terms["1880s"]) == (1.0, 1.0)
