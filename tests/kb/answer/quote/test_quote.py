from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from kb.answer.quote.choosing import parts
from kb.answer.quote.quote import quote
from kb.ports import Similarity
from kb.types import Hit, LinePlace
from tests.kb.answer.samples import FixedSimilarity, hit


def extract(question: str, hits: Sequence[Hit], similarity: Similarity) -> str:
    return quote(question, hits, similarity).text


LIKE_LENGTH = FixedSimilarity(of=lambda _question, text: 0.9 if "metres" in text else 0.7)


def test_the_best_passage_comes_first_and_its_sentences_in_their_order() -> None:
    hits = [
        hit("The bridge opened in 1932. It spans the harbour.", number=1),
        hit("Sheep graze nearby every day. The bridge is 1149 metres long. It is 134 metres high.", number=2),
    ]
    assert extract("How long and high is the bridge?", hits, LIKE_LENGTH) == (
        "The bridge is 1149 metres long. It is 134 metres high. [2]"
    )


def test_a_sentence_that_says_it_brings_the_one_before() -> None:
    hits = [hit("The bridge opened in the year 1932. It is 1149 metres long.")]
    assert extract("How long?", hits, LIKE_LENGTH) == (
        "The bridge opened in the year 1932. It is 1149 metres long. [1]"
    )


def test_headings_rows_and_pieces_are_not_quoted() -> None:
    text = (
        "Length in metres of bridges\nName | metres | year of opening.\nof it, some 1149 metres in all.\n"
        "The bridge is 1149 metres long."
    )
    assert extract("How long?", [hit(text)], LIKE_LENGTH) == "The bridge is 1149 metres long. [1]"


def test_where_nothing_is_a_sentence_the_best_line_is_quoted() -> None:
    assert extract("How long?", [hit("Bridge | 1149 metres | 1932")], LIKE_LENGTH) == (
        "Bridge | 1149 metres | 1932 [1]"
    )


def test_a_sentence_is_quoted_once() -> None:
    hits = [hit("The bridge is 1149 metres long."), hit("The bridge is 1149 metres long.", number=2)]
    assert extract("How long?", hits, LIKE_LENGTH) == "The bridge is 1149 metres long. [1]"


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When did the bridge open and how long is it?", ["When did the bridge open", "how long is it"]),
        ("Who built it, and in which year?", ["Who built it", "in which year"]),
        ("How long is it? Who built it?", ["How long is it", "Who built it"]),
        ("大桥什么时候通车，有多长？", ["大桥什么时候通车", "有多长"]),
        ("大桥是谁建的以及何时通车？", ["大桥是谁建的", "何时通车"]),
        ("How long are the bridge and the tunnel?", []),
        ("In 1932, who opened the bridge?", []),
        ("What did it cost, and to whom?", ["What did it cost", "to whom"]),
        ("在海湾上，大桥有多长？", []),
        ("", []),
    ],
)
def test_a_question_is_parted_where_it_asks_something_else(question: str, asked: list[str]) -> None:
    assert parts(question) == asked


def test_each_part_of_a_question_gets_its_sentence_in_the_order_of_the_document() -> None:
    def alike(question: str, text: str) -> float:
        if "opened" in text:
            return 0.9 if "open" in question else 0.7
        return 0.9 if "metres" in text and question == "how long is it" else 0.7

    text = "Sheep graze nearby every day. The bridge is 1149 metres long. The bridge was opened by a king."
    assert extract("Who opened the bridge and how long is it?", [hit(text)], FixedSimilarity(of=alike)) == (
        "The bridge is 1149 metres long. The bridge was opened by a king. [1]"
    )
    assert extract("Who opened the bridge?", [hit(text)], FixedSimilarity(of=alike)) == (
        "The bridge was opened by a king. [1]"
    )


def test_at_most_four_sentences_are_quoted() -> None:
    text = " ".join(f"Bridge {name} is many metres long." for name in ("one", "two", "six", "ten", "red"))
    assert extract("How long?", [hit(text)], LIKE_LENGTH).count("[1]") <= 4


ALIKE = FixedSimilarity(0.8)


@pytest.mark.parametrize(
    ("question", "passage", "said"),
    [
        (
            "How many berths does the Otter have?",
            "Boats\nBoat | Berths | Rate\nHeron | 4 | 90 euros\nOtter | 6 | 120 euros",
            "Boat | Berths | Rate\nOtter | 6 | 120 euros [1]",
        ),
        (
            "How many of the C# kit are there?",
            "Kit | Stock\nC++ kit | 4\nC# kit | 9",
            "Kit | Stock\nC# kit | 9 [1]",
        ),
        (
            "What is the alarm code?",
            "Cabin\nWood is behind the shed\nAlarm code: 7710, then star\nBin day: Friday",
            "Alarm code: 7710, then star [1]",
        ),
        (
            "What may not be brought along?",
            "Rules\nNot to be brought along:\nglass bottles\nspeakers\ndogs",
            "Not to be brought along:\nglass bottles\nspeakers\ndogs [1]",
        ),
        (
            "Are speakers allowed?",
            "Rules\nNot to be brought along:\nglass bottles\nspeakers\ndogs",
            "Not to be brought along:\nspeakers [1]",
        ),
        (
            "Why did the ledger job fail?",
            "02:11 INFO backup: done\n02:14 ERROR ledger: job failed, disk full\n02:15 INFO mail: sent",
            "02:14 ERROR ledger: job failed, disk full [1]",
        ),
        (
            "What was done on 3 May 2022?",
            "2022-05-01\nRain all day\n2022-05-03\nRepaired the mast",
            "2022-05-03\nRepaired the mast [1]",
        ),
        (
            "茶室的密码是多少？",
            "茶室须知\n密码：龙井八十八\n垃圾：周三清运",
            "茶室须知\n密码：龙井八十八 [1]",
        ),
    ],
)
def test_what_answers_is_quoted_whatever_it_is(question: str, passage: str, said: str) -> None:
    assert quote(question, [hit(passage)], ALIKE).text == said


def in_a_text(text: str) -> Hit:
    """A passage of a text file, each of its lines in a line of the file."""
    found = hit(text)
    spans = tuple(
        replace(span, place=LinePlace(line, line)) for line, span in enumerate(found.chunk.spans, start=1)
    )
    return replace(found, chunk=replace(found.chunk, spans=spans))


@pytest.mark.parametrize(
    ("question", "diary", "said"),
    [
        (
            "When did the bees swarm?",
            "14 March. Rain all day\n21 April. Bees swarmed into the tree. They were collected\n2 May. Sold a plough",
            "21 April. Bees swarmed into the tree. [1]",
        ),
        (
            "Who collected honey?",
            "Monday. Rain all day\nTuesday, sunny. Bees swarmed. Otto collected honey\nFriday. Sold a plough",
            "Tuesday, sunny.\nOtto collected honey [1]",
        ),
        (
            "谁看了奶奶？",
            "3月12日，晴。种了韭菜。小李看了奶奶\n3月14日，雨。在家读书",
            "3月12日，晴。\n小李看了奶奶 [1]",
        ),
    ],
)
def test_in_a_diary_a_line_is_quoted_with_its_day_and_without_its_full_stop(
    question: str, diary: str, said: str
) -> None:
    assert quote(question, [in_a_text(diary)], ALIKE).text == said


def test_a_letter_that_goes_on_in_small_letters_is_quoted() -> None:
    letter = "Dear Ms Okafor,\nthank you for your order BK-5578 of shelves. They come soon."
    said = quote("Which order does Ms Okafor have?", [in_a_text(letter)], ALIKE).text
    assert "thank you for your order BK-5578 of shelves." in said


def test_a_title_with_a_colon_says_what_stands_below_it_and_answers_nothing() -> None:
    found = in_a_text("Life: Ruth Kimani\nBorn: 9 August 1984 in Nyeri\nLanguages: Swahili")
    titled = replace(found, chunk=replace(found.chunk, heading_path=("Life: Ruth Kimani",)))
    assert quote("When was Ruth Kimani born?", [titled], ALIKE).text == (
        "Life: Ruth Kimani\nBorn: 9 August 1984 in Nyeri [1]"
    )


def test_of_clauses_only_what_was_asked_for_is_quoted() -> None:
    clauses = "(1) Whoever is fourteen may join.\n(2) The board decides on that.\n(3) Fees are due in May."
    alike = FixedSimilarity(of=lambda _question, text: 0.9 if "Fees" in text else 0.93)
    assert quote("When are fees due?", [in_a_text(clauses)], alike).text == "(3) Fees are due in May. [1]"


def test_what_a_page_ends_in_the_middle_of_is_not_quoted() -> None:
    text = (
        "The bees swarmed in May. The honey of that year was sold to the\nOtto collected the honey in June."
    )
    assert "sold" not in quote("Who sold honey?", [hit(text)], ALIKE).text


def test_a_line_answers_beside_prose_that_does_not() -> None:
    prose = "The village lies by the sea. Its code of honour is old. The bakery opens early in the morning."
    hits = [hit("Cabin\nAlarm code: 7710\nBin day: Friday"), hit(prose, number=2)]
    assert quote("What is the alarm code?", hits, ALIKE).text == "Alarm code: 7710 [1]"


def test_what_is_quoted_of_several_documents_stands_under_their_names() -> None:
    hits = [
        hit("The bridge is 1149 metres long."),
        hit("Another bridge spans 900 metres of water.", number=2),
    ]
    assert quote("How long is the bridge over water?", hits, LIKE_LENGTH).text == (
        "**file1.pdf**\n\nThe bridge is 1149 metres long. [1]\n\n"
        "**file2.pdf**\n\nAnother bridge spans 900 metres of water. [2]"
    )


def test_every_quote_is_a_span_of_its_passage_with_its_own_place() -> None:
    passage = "Boat | Berths\nHeron | 4\nOtter | 6"
    checked = quote("How many berths does the Otter have?", [hit(passage)], ALIKE)
    (citation,) = checked.citations
    assert citation.quote == "Boat | Berths … Otter | 6"
    assert len(citation.anchor.rects) == 2
    assert [check.sentence for check in checked.checks] == ["Boat | Berths\nOtter | 6"]
    assert not checked.unsupported


def test_an_answer_speaks_one_language() -> None:
    hits = [hit("The bridge is 1149 metres long."), hit("这座大桥长 1149 米 (1149 metres)。", number=2)]
    assert quote("How long is the bridge?", hits, LIKE_LENGTH).text == "The bridge is 1149 metres long. [1]"


def test_passages_in_other_languages_take_no_room_of_those_in_the_question_s() -> None:
    others = [hit(f"第{number}条 这座大桥由政府管理，每天开放。", number=number) for number in range(1, 5)]
    own = hit("The bridge is 1149 metres long.", number=5)
    assert quote("How long is the bridge?", [*others, own], LIKE_LENGTH).text == (
        "The bridge is 1149 metres long. [5]"
    )


def with_headings(found: Hit, *headings: str) -> Hit:
    """``found`` with these lines known as headings of its document's own."""
    text = found.chunk.text
    spans = tuple(
        replace(span, is_heading=text[span.start : span.end] in headings) for span in found.chunk.spans
    )
    return replace(found, chunk=replace(found.chunk, spans=spans))


def test_an_item_is_quoted_with_the_headings_above_it_and_no_heading_alone() -> None:
    released = with_headings(
        hit("Changes\n2.4.0\nAdded\nExport to ODS\nDark mode"), "Changes", "2.4.0", "Added"
    )
    said = quote("Which release added the dark mode?", [released], ALIKE).text
    assert said == "2.4.0\nAdded\nDark mode [1]"
    removed = with_headings(hit("2.3.0 of May\nRemoved\nSupport for Python 3.8"), "2.3.0 of May", "Removed")
    assert "Python 3.8" in quote("What was removed in 2.3.0 of May?", [removed], ALIKE).text


def test_the_name_of_the_whole_document_does_not_stand_above_an_item() -> None:
    found = with_headings(hit("Handbook\nLights\nGreen, steady: ready\nRed: no signal"), "Handbook", "Lights")
    assert quote("What does red mean?", [found], ALIKE).text == "Lights\nRed: no signal [1]"


LIKE_LAMPS = FixedSimilarity(of=lambda _question, text: 0.9 if "lamp" in text else 0.6)


@pytest.mark.parametrize(
    ("question", "passage", "said"),
    [
        (
            "How long until the lamp is green?",
            "3. Wait until the lamp is green. That takes up to two minutes. Then leave.",
            "3. Wait until the lamp is green. That takes up to two minutes.",
        ),
        (
            "When was the lamp bought?",
            "4 May 2021\nA new lamp for the hall, and oil for it",
            "4 May 2021\nA new lamp for the hall, and oil for it",
        ),
        (
            "What does the lamp cost?",
            "Subject: the lamp\nIt comes between 8 and 10. We pay 340 euros for it.",
            "Subject: the lamp\nWe pay 340 euros for it.",
        ),
        (
            "Where is the lamp?",
            "The lamp is new and shines brightly. It cost 20 euros.",
            "The lamp is new and shines brightly.",
        ),
    ],
    ids=["sentence behind", "title", "unit that is asked for", "nothing holds a place"],
)
def test_what_holds_the_type_that_is_asked_for_stands_beside_what_lacks_it(
    question: str, passage: str, said: str
) -> None:
    assert quote(question, [in_a_text(passage)], LIKE_LAMPS).text == f"{said} [1]"


def test_days_of_the_week_meet_whole_short_and_within_a_span() -> None:
    hours = in_a_text("Opening hours\nMon-Thu: 9-18\nFri: 9-14\nSat, Sun: closed")
    for day, line in (("Friday", "Fri: 9-14"), ("Tuesday", "Mon-Thu: 9-18"), ("Sunday", "Sat, Sun: closed")):
        assert quote(f"Is it open on {day}?", [hours], ALIKE).text.splitlines()[-1] == f"{line} [1]"


def test_a_row_is_quoted_with_every_row_that_names_its_columns() -> None:
    table = with_headings(
        hit("Visitor | Residents | Residents\n | Full | Half\nAdult | 8 | 5\nChild | 4 | 2"),
        "Visitor | Residents | Residents",
        " | Full | Half",
    )
    assert quote("What does a child pay, full and half?", [table], ALIKE).text == (
        "Visitor | Residents | Residents\n| Full | Half\nChild | 4 | 2 [1]"
    )


@pytest.mark.parametrize(
    ("question", "passage", "said"),
    [
        (
            "8号楼几点关门？",
            "8号楼每天晚上十点关门，由保安负责。9号楼每天晚上九点关门，由物业负责。",
            "8号楼每天晚上十点关门，由保安负责。",
        ),
        (
            "How heavy is the 40K?",
            "The 40K of the year weighs three tons. The 40L of the year weighs four tons.",
            "The 40K of the year weighs three tons.",
        ),
    ],
)
def test_what_is_called_nearly_the_same_is_not_quoted_beside_it(
    question: str, passage: str, said: str
) -> None:
    assert quote(question, [hit(passage)], ALIKE).text == f"{said} [1]"


def test_a_clause_between_semicolons_is_quoted_like_a_sentence_on_a_page_too() -> None:
    page = hit("当时最初的390名移居者中有许多人已经去世；另外一些人则移居别处。他们与邻居通婚。")
    like = FixedSimilarity(of=lambda _question, text: 0.9 if "390" in text else 0.5)
    assert quote("最初有几名移居者？", [page], like).text == "当时最初的390名移居者中有许多人已经去世； [1]"


def test_a_clause_is_quoted_with_what_leads_in_to_it() -> None:
    page = hit(
        "历任主席如下：帕乔里，于2002年任职；沃森，于1997年任职；布林，于1988年任职。现有副主席三人协助他工作。"
    )
    like = FixedSimilarity(of=lambda _question, text: 0.9 if "布林" in text else 0.5)
    assert quote("1988年的主席是谁？", [page], like).text == "历任主席如下：\n布林，于1988年任职。 [1]"


@pytest.mark.parametrize(
    ("question", "passage", "said"),
    [
        (
            "How many countries share the basin?",
            "The basin is 7 million square kilometres. Boats go upstream. It lies in nine countries of the south.",
            "The basin is 7 million square kilometres.\nIt lies in nine countries of the south.",
        ),
        (
            "亚马逊盆地有多少国家？",
            "亚马逊盆地达700万平方公里。船只逆流而上运货。南方有九个国家的领土在这里。",
            "亚马逊盆地达700万平方公里。\n南方有九个国家的领土在这里。",
        ),
    ],
)
def test_what_counts_the_things_asked_for_stands_beside_what_counts_others(
    question: str, passage: str, said: str
) -> None:
    like = FixedSimilarity(of=lambda _question, text: 0.9 if "7" in text else 0.3)
    assert quote(question, [hit(passage)], like).text == f"{said} [1]"


def test_a_clause_with_a_key_of_its_own_and_a_letter_need_nothing_that_leads_in_to_them() -> None:
    like = FixedSimilarity(of=lambda _question, text: 0.9 if "24" in text else 0.5)
    page = hit(
        "经营单位：捷安停车管理有限公司；监督电话：请拨打市民热线；车位数：共有216个，其中充电车位24个。"
    )
    assert quote("充电车位有几个？", [page], like).text == "车位数：共有216个，其中充电车位24个。 [1]"
    letter = in_a_text("Dear residents:\nThe water is off on 24 May. Fill a bucket before.")
    assert quote("When is the water off?", [letter], like).text == ("The water is off on 24 May. [1]")


@pytest.mark.parametrize(
    ("question", "passage", "said"),
    [
        (
            "What happened on 8 July?",
            "Log\n7 July. The jib was torn in the strait.\n8 July. The anchor dragged at night.",
            "8 July. The anchor dragged at night.",
        ),
        (
            "Who sings on Sunday?",
            "Day | Singer\nSaturday | Ada\nSunday | Ben\nMonday to Friday | Cleo",
            "Day | Singer\nSunday | Ben",
        ),
        (
            "E2是什么故障？",
            "E2：排水故障，请清洗一下过滤器。E5：水位故障，请联系当地的售后。",
            "E2：排水故障，请清洗一下过滤器。",
        ),
        (
            "When was the order of 3 May sent?",
            "Post\n3 May: the order came in\n7 May: the order was sent",
            "3 May: the order came in\n7 May: the order was sent",
        ),
    ],
)
def test_lines_and_rows_of_another_day_or_number_are_not_quoted_beside_the_one_asked_for(
    question: str, passage: str, said: str
) -> None:
    assert quote(question, [in_a_text(passage)], ALIKE).text == f"{said} [1]"


def test_every_passage_of_a_document_is_about_what_its_name_says() -> None:
    first = hit("海澜牌洗衣机操作手册\n洗衣机的洗涤容量为八公斤。过滤器每月清洗一次为宜。")
    later = hit("整机和电机保修三年，电机十年。售后电话印在封底的上面。")
    called = [
        replace(
            one,
            chunk=replace(one.chunk, id=number, position=number),
            document=replace(one.document, name="洗衣机操作手册.pdf"),
        )
        for number, one in enumerate((first, later))
    ]
    assert quote("洗衣机保修几年？", called, ALIKE).text.startswith("整机和电机保修三年，电机十年。")


def test_beside_the_first_line_of_a_passage_sentences_are_quoted_as_beside_a_sentence() -> None:
    like = FixedSimilarity(of=lambda _question, text: 0.85 if "Leaflet" in text else 0.86)
    page = in_a_text(
        "Leaflet: Doralgin tablets of 400 mg\nTake it with some water. Three of them are enough in 24 hours."
    )
    said = quote("How many Doralgin tablets may I take?", [page], like).text
    assert "Three of them are enough in 24 hours." in said
