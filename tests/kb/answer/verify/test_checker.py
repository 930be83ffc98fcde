from __future__ import annotations

import random

import pytest

from kb.answer.citation_marks import FootnoteStream, annotated, tidy_marks
from kb.answer.verify.checker import check
from kb.types import DENIED, Support
from tests.kb.answer.samples import FixedSimilarity, hit

BRIDGE = hit("The bridge opened in 1932.\nIt is 1149 metres long.\nSheep graze nearby.", number=1, page=3)
TOWER = hit("The tower was finished in 1889.\nIt is 330 metres high.", number=2)


unlike = FixedSimilarity(0.0)


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("A [1].", "A [1]."),
        ("A【2】。", "A[2]。"),
        ("A [1, 2].", "A [1][2]."),
        ("A [1，2]。", "A [1][2]。"),
        ("A [7].", "A."),
        ("A [1, 9] b", "A [1] b"),
        ("A [2][2].", "A [2][2]."),
        ("see [note] and [x1]", "see [note] and [x1]"),
    ],
)
def test_footnotes_are_brought_to_one_form(written: str, tidy: str) -> None:
    assert tidy_marks(written, 2) == tidy


def test_a_footnote_quotes_the_sentence_that_supports_it_and_nothing_else() -> None:
    checked = check("The bridge is 1149 metres long [1].", [BRIDGE, TOWER], unlike)
    (citation,) = checked.citations
    assert citation.n == 1
    assert citation.quote == "It is 1149 metres long."
    assert citation.anchor.page == 3
    assert [rect.y0 for rect in citation.anchor.rects] == [20.0]
    assert checked.unsupported == ()


def test_two_claims_on_one_passage_quote_both_sentences() -> None:
    checked = check("It opened in 1932 [1]. It is 1149 metres long [1].", [BRIDGE], unlike)
    assert checked.citations[0].quote == "The bridge opened in 1932. … It is 1149 metres long."


def test_a_footnote_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    checked = check(
        "The bridge opened in 1932. [1] The tower is 330 metres high. [2]", [BRIDGE, TOWER], unlike
    )
    assert [citation.quote for citation in checked.citations] == [
        "The bridge opened in 1932.",
        "It is 330 metres high.",
    ]


def test_a_claim_that_the_passage_does_not_make_is_named() -> None:
    checked = check("Elephants invented jazz music [2].", [BRIDGE, TOWER], unlike)
    assert checked.unsupported == ("Elephants invented jazz music.",)
    (found,) = checked.checks
    assert checked.text[found.start : found.end] == "Elephants invented jazz music [2]."
    assert [citation.n for citation in checked.citations] == [2]


def test_meaning_supports_what_words_cannot() -> None:
    like = FixedSimilarity(of=lambda _text, other: 0.95 if "1932" in other else 0.1)

    checked = check("大桥于一九三二年通车[1]。", [BRIDGE], like)
    assert checked.unsupported == ()
    assert checked.citations[0].quote == "The bridge opened in 1932."


def test_an_obvious_source_is_added_where_the_model_named_none() -> None:
    checked = check("The tower was finished in 1889. I like it.", [BRIDGE, TOWER], unlike)
    assert checked.text == "The tower was finished in 1889. [2] I like it."
    assert [citation.n for citation in checked.citations] == [2]


def test_a_question_is_given_no_source() -> None:
    assert check("How many metres long is it? 1149.", [BRIDGE], unlike).text == (
        "How many metres long is it? 1149."
    )


def test_an_answer_without_passages_has_no_footnotes() -> None:
    checked = check("I do not know [1].", [], unlike)
    assert checked.text == "I do not know."
    assert checked.citations == ()


@pytest.mark.parametrize(
    ("claim", "support", "reason"),
    [
        ("The bridge opened in 1932 [1].", Support.SUPPORTED, None),
        ("The bridge opened in 1923 [1].", Support.UNSUPPORTED, "1923"),
        ("The old Golden bridge opened in 1932 [1].", Support.UNSUPPORTED, "Golden"),
        ("The bridge did not open in 1932 [1].", Support.UNSUPPORTED, DENIED),
        ("It is 1,149 metres long [1].", Support.SUPPORTED, None),
    ],
)
def test_numbers_names_and_negation_must_agree(claim: str, support: Support, reason: str | None) -> None:
    (found,) = check(claim, [BRIDGE], FixedSimilarity(0.95)).checks
    assert (found.support, found.reason) == (support, reason)


@pytest.mark.parametrize(
    ("claim", "passage", "support", "reason"),
    [
        ("Who built the bridge over the bay? Bradfield [1].", "Bradfield built it.", Support.SUPPORTED, None),
        (
            "Who built the bridge over the bay? Newton [1].",
            "Bradfield built it.",
            Support.UNSUPPORTED,
            "newton",
        ),
        ("How many arches has the bridge? Six [1].", "It has 6 arches.", Support.SUPPORTED, None),
        ("How many arches has the bridge? Seven [1].", "It has 6 arches.", Support.UNSUPPORTED, "seven"),
        ("Who did not like the bridge? Bradfield [1].", "Bradfield liked it.", Support.SUPPORTED, None),
        ("大桥包含哪些内容？桥拱[1]。", "桥拱在上面。", Support.SUPPORTED, None),
        ("Bradfield设计大桥[1]。", "大桥由Bradfield设计。", Support.SUPPORTED, None),
        ("Newton设计大桥[1]。", "大桥由Bradfield设计。", Support.UNSUPPORTED, "Newton"),
    ],
)
def test_an_answer_is_not_outweighed_by_its_question_nor_judged_by_it(
    claim: str, passage: str, support: Support, reason: str | None
) -> None:
    about = hit("The bridge over the bay. 大桥在海湾上。 " + passage)
    checks = check(claim, [about], FixedSimilarity(0.95)).checks
    assert [(found.support, found.reason) for found in checks] == [(support, reason)]


@pytest.mark.parametrize("seed", range(20))
def test_however_a_stream_is_cut_it_reads_the_same(seed: int) -> None:
    whole = (
        "The bridge opened in 1932【1】. It is 1149 metres long.\n\n- The tower was finished in 1889 [2, 9].\n"
        "- It is 330 metres high. Who knows? [1] 桥于1932年通车。塔高330米［2］。 It costs 3.5 dollars, e.g. today [7]"
    )
    draw = random.Random(seed)
    stream = FootnoteStream([BRIDGE, TOWER])
    shown, start = "", 0
    while start < len(whole):
        end = start + draw.randint(1, 12)
        shown += stream.push(whole[start:end])
        start = end
    assert shown + stream.finish() == annotated(whole, [BRIDGE, TOWER])
