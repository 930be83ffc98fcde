from __future__ import annotations

import random

import pytest

from kb.answer.citation_marks import FootnoteStream, annotated, tidy_marks
from kb.answer.verify.checker import check
from kb.types import DENIED, Difference, Hit, Support
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


def test_each_claim_on_one_passage_has_evidence_of_its_own() -> None:
    checked = check(
        "It opened in 1932 [1]. It is 1149 metres long [1]. It is made of cheese.", [BRIDGE], unlike
    )
    assert [[each.quote for each in found.evidence] for found in checked.checks] == [
        ["The bridge opened in 1932."],
        ["It is 1149 metres long."],
        [],
    ]
    assert [[each.n for each in found.evidence] for found in checked.checks] == [[1], [1], []]
    first, second = (found.evidence[0].anchor.rects for found in checked.checks[:2])
    assert first != second


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


def test_a_question_is_given_no_source_and_its_answer_is() -> None:
    asked = "How many metres long is it?"
    assert check(asked, [BRIDGE], unlike).text == asked
    assert check(f"{asked} 1149.", [BRIDGE], unlike).text == f"{asked} 1149. [1]"


SHIP = hit(
    "The Marigold draws 2.35 metres. She carries 800 litres of fuel and a crew of six.\n"
    "The lamp of the lighthouse turns every forty-five seconds.\n"
    "Captain Ruth Hale sold the boat to Peter Voss on 2 April 2023."
)


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("The Marigold carries 2.35 metres of fuel", Support.UNSUPPORTED),
        ("The Marigold draws 2.35 metres", Support.SUPPORTED),
        ("The Marigold draws 2.35 feet", Support.UNSUPPORTED),
        ("She carries 800 litres of fuel", Support.SUPPORTED),
        ("The lamp of the lighthouse turns every four seconds", Support.UNSUPPORTED),
        ("The lamp of the lighthouse turns every 45 seconds", Support.SUPPORTED),
        ("The lamp of the lighthouse turns every 45 minutes", Support.UNSUPPORTED),
        ("Captain Ruth Hale sold the boat to Peter Voss on 2023-04-02", Support.SUPPORTED),
        ("Captain Ruth Hale sold the boat to Peter Voss on 2 May 2023", Support.UNSUPPORTED),
        ("Captain Peter Voss sold the boat to Ruth Hale on 2 April 2023", Support.UNSUPPORTED),
        ("Captain Ruth Hale bought the boat from Peter Voss on 2 April 2023", Support.UNSUPPORTED),
    ],
)
def test_a_fact_in_another_place_is_no_support(claim: str, support: Support) -> None:
    (found,) = check(f"{claim} [1].", [SHIP], unlike).checks
    assert (found.support, found.sentence) == (support, f"{claim}.")


HARBOUR = hit("灯塔的灯每四十五秒转一圈。码头最多可以停靠十二艘船。王强于2021年把船卖给了李明。")


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("灯塔的灯每45秒转一圈", Support.SUPPORTED),
        ("灯塔的灯每四秒转一圈", Support.UNSUPPORTED),
        ("灯塔的灯每四十五分钟转一圈", Support.UNSUPPORTED),
        ("码头最少可以停靠十二艘船", Support.UNSUPPORTED),
        ("李明于2021年把船卖给了王强", Support.UNSUPPORTED),
    ],
)
def test_a_fact_in_another_place_is_no_support_in_chinese(claim: str, support: Support) -> None:
    (found,) = check(f"{claim}[1]。", [HARBOUR], unlike).checks
    assert found.support is support


POOL = hit(
    "The pool costs 12 euros for adults and 7 euros for children. About three quarters of the visitors (75%) are local."
)
HALL = hit("成人票12欧元，儿童票7欧元。")


@pytest.mark.parametrize(
    ("claim", "passage", "support"),
    [
        ("Adults pay 12 euros and children 7 euros [1].", POOL, Support.SUPPORTED),
        ("The pool costs 7 euros for children [1].", POOL, Support.SUPPORTED),
        ("The pool costs 7 euros for adults [1].", POOL, Support.UNSUPPORTED),
        ("Children pay 12 euros [1].", POOL, Support.UNSUPPORTED),
        ("75 percent of the visitors are local [1].", POOL, Support.SUPPORTED),
        ("成人票为12欧元[1]。", HALL, Support.SUPPORTED),
        ("成人票7欧元[1]。", HALL, Support.UNSUPPORTED),
    ],
)
def test_a_figure_belongs_to_the_words_of_its_clause(claim: str, passage: Hit, support: Support) -> None:
    (found,) = check(claim, [passage], FixedSimilarity(0.9)).checks
    assert found.support is support


def test_every_factual_sentence_is_checked_whether_it_is_cited_or_not() -> None:
    checked = check(
        "The bridge opened in 1932 [1]. Elephants invented jazz music. I hope this helps.", [BRIDGE], unlike
    )
    assert [(each.sentence, each.numbers, each.support) for each in checked.checks] == [
        ("The bridge opened in 1932.", (1,), Support.SUPPORTED),
        ("Elephants invented jazz music.", (), Support.UNSUPPORTED),
    ]
    assert [checked.text[each.start : each.end] for each in checked.checks][
        1
    ] == "Elephants invented jazz music."


def test_a_sentence_without_a_footnote_gets_that_of_the_passage_which_supports_it() -> None:
    like = FixedSimilarity(of=lambda text, other: 0.95 if ("1149" in text) == ("1149" in other) else 0.1)
    checked = check("大桥长1149米。大桥于1932年通车[1]。", [TOWER, BRIDGE], like)
    assert checked.text == "大桥长1149米。 [2]大桥于1932年通车[1]。"
    assert [checked.text[each.start : each.end] for each in checked.checks] == [
        "大桥长1149米。 [2]",
        "大桥于1932年通车[1]。",
    ]


PAPER = hit("Gated networks [2] and attention [8, 34] were used before. They train faster [35].")


@pytest.mark.parametrize(
    "answer",
    [
        "Gated networks [2] and attention [8, 34] were used before. [1] They train faster [35]. [1]",
        "Attention [8, 34] were used before [1].",
    ],
)
def test_brackets_of_a_passage_stay_text(answer: str) -> None:
    checked = check(answer, [PAPER, BRIDGE], unlike)
    assert checked.text.replace("\u2060", "") == answer
    assert {number for each in checked.checks for number in each.numbers} == {1}
    assert [citation.n for citation in checked.citations] == [1]


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
    ("claim", "passage", "difference"),
    [
        ("The bridge opened in 1923.", "The bridge opened in 1932.", Difference.OTHER_VALUE),
        ("The bridge has 40 lamps.", "The bridge opened early.", Difference.MISSING),
        (
            "The ship carries 2.35 metres of fuel.",
            "The ship draws 2.35 metres. Fuel: it carries 800 litres of fuel.",
            Difference.OTHER_SUBJECT,
        ),
        ("The bridge is longer than the dam.", "The bridge is shorter than the dam.", Difference.OPPOSITE),
        ("Anna beat Otto in Oslo.", "Otto beat Anna in Oslo.", Difference.EXCHANGED),
        ("The bridge did not open early.", "The bridge did open early.", Difference.DENIED),
        ("大桥于1923年通车。", "大桥于1932年通车。", Difference.MISSING),
    ],
)
def test_what_differs_is_told(claim: str, passage: str, difference: Difference) -> None:
    (found,) = check(f"{claim} [1]", [hit(passage)], FixedSimilarity(0.95)).checks
    assert found.difference is difference


@pytest.mark.parametrize(
    ("claim", "passage", "support", "reason"),
    [
        ("Who built the bridge over the bay? Bradfield [1].", "Bradfield built it.", Support.SUPPORTED, None),
        (
            "Who built the bridge over the bay? Newton [1].",
            "Bradfield built it.",
            Support.UNSUPPORTED,
            "Newton",
        ),
        ("How many arches has the bridge? Six [1].", "It has 6 arches.", Support.SUPPORTED, None),
        ("How many arches has the bridge? Seven [1].", "It has 6 arches.", Support.UNSUPPORTED, "Seven"),
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
