"""One suite for every LexicalIndex: what callers may rely on, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.index.lexical.tantivy_index import TantivyIndex
from kb.ports import LexicalIndex

TEXTS = {
    1: "The Golden Gate Bridge was opened in 1937 and is 2737 metres long.",
    2: "长江大桥于一九六八年建成通车，全长六千七百七十二米。",
    3: "Replace the part AB-1234.5 when error E-77 is shown.",
    4: "東京スカイツリーの高さは634メートルです。",
    5: "Bridges need paint. Painting a bridge takes years.",
    6: "यह किताब १९३२ में लिखी गई थी और इसकी कीमत बहुत कम है।",
    7: "كُتِبَ هذا الكتابُ سنة ١٩٣٢ في مدينة القاهرة.",
    8: "สะพานแห่งนี้สร้างขึ้นเมื่อร้อยปีก่อนและยาวสามร้อยเมตร",
    9: "Iğdır'daki ışıklı KÖPRÜ üç yüz metre uzunluğunda.",
    11: "Cây cầu này dài ba trăm mét và được xây bằng thép.",
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LexicalIndex]:
    opened: LexicalIndex = TantivyIndex(folder=tmp_path)
    opened.add(list(TEXTS), list(TEXTS.values()), collection="a")
    opened.commit()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("when was the golden gate opened", 1),
        ("长江大桥全长多少米", 2),
        ("AB-1234.5", 3),
        ("error e-77", 3),
        ("スカイツリーの高さ", 4),
        ("painted bridges", 5),
        ("ＧＯＬＤＥＮ", 1),
        ("किताब की कीमत", 6),
        ("كتاب في القاهرة", 7),
        ("สะพานยาวเท่าไร", 8),
        ("IŞIKLI köprü", 9),
        ("igdir koprusu isikli", 9),
        ("cây cầu bằng thép", 11),
        ("cay cau bang thep", 11),
    ],
)
def test_the_passage_with_the_words_comes_first(index: LexicalIndex, question: str, first: int) -> None:
    assert index.search(question, 5)[0][0] == first


def test_scores_fall_and_k_limits(index: LexicalIndex) -> None:
    hits = index.search("bridge", 1)
    assert len(hits) == 1
    scores = [score for _, score in index.search("bridge opened painting", 5)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


@pytest.mark.parametrize("question", ["", "???", "zyzzyva", '"( ) ~'])
def test_nothing_found_is_an_empty_list(index: LexicalIndex, question: str) -> None:
    assert index.search(question, 5) == []


def test_collections_are_searched_alone_or_together(index: LexicalIndex) -> None:
    index.add([10], ["another bridge"], collection="two words")
    index.commit()
    assert [found for found, _ in index.search("bridge", 9, collection="two words")] == [10]
    assert {found for found, _ in index.search("bridge", 9)} == {1, 5, 10}
    alone = dict(index.search("bridge", 9, collection="a"))
    assert alone == pytest.approx({key: score for key, score in index.search("bridge", 9) if key != 10})


def test_rows_are_replaced_and_deleted_at_the_commit(index: LexicalIndex) -> None:
    index.add([1], ["now about ferries"], collection="a")
    index.delete([5, 999])
    assert index.search("golden", 5)
    index.commit()
    assert index.search("golden", 5) == []
    assert index.search("painting", 5) == []
    assert index.search("ferry", 5)[0][0] == 1
    assert index.ids() == TEXTS.keys() - {5}


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("長江大橋", 2),
        ("part 1234.5", 3),
        ("AB 1234", 3),
        ("max_tokens", 6),
        ("maxTokens", 6),
        ("tokens limit", 6),
        ("section 3.2.1", 7),
        ("0x80070005", 8),
    ],
)
def test_names_are_found_whole_and_in_parts(index: LexicalIndex, question: str, first: int) -> None:
    rows = {
        6: "Set max_tokens or maxTokens to raise the limit.",
        7: "Section 3.2.1 describes the valve; section 3.2.2 the pump, 1.2.3 the hose.",
        8: "Access is denied: 0x80070005. Not to be mistaken for 0x80070006.",
        9: "The tokens of version 3 2 1 and the limits of parts 1234 and 5 are elsewhere; maximum is 0x8007.",
    }
    index.add(list(rows), list(rows.values()), collection="a")
    index.commit()
    assert index.search(question, 5)[0][0] == first


def test_phrases_are_held_word_for_word(index: LexicalIndex) -> None:
    index.add([6], ["A gate of golden colour. The bridge is new."], collection="b")
    index.commit()
    assert index.phrase_search(["golden gate"], 9) == [1]
    assert index.phrase_search(["GOLDEN  GATE", "bridge was opened"], 9) == [1]
    assert index.phrase_search(["gate golden"], 9) == []
    assert index.phrase_search(["江大橋于"], 9) == [2]
    assert index.phrase_search(["E-77"], 9) == [3]
    assert sorted(index.phrase_search(["bridge"], 9)) == [1, 5, 6]
    assert index.phrase_search(["bridge"], 9, collection="b") == [6]
    assert len(index.phrase_search(["bridge"], 2)) == 2


def test_a_word_of_a_name_counts_for_every_row_of_its_document(index: LexicalIndex) -> None:
    index.add(
        [19, 20], ["Stores opened.", "Net income rose."], collection="a", document_name="BESTBUY_2019_10K"
    )
    index.add(
        [21, 22], ["Net income fell.", "Aircraft sold."], collection="b", document_name="BOEING_2019_10K"
    )
    index.commit()
    assert index.search("What was the net income of Best Buy?", 1)[0][0] == 20
    assert index.search("Boeing's net income in FY2019", 1)[0][0] == 21
    assert sorted(index.search_names("Boeing's income", 9)) == [21, 22]
    assert sorted(index.search_names("Boeing and Best Buy", 9)) == [19, 20, 21, 22]
    assert index.search_names("Boeing's income", 1) == []
    assert index.search_names("Boeing's income", 9, collection="a") == []
    assert index.search_names("the income of Pfizer", 9) == []


def test_only_the_chunks_that_count_are_searched_and_score_as_before(index: LexicalIndex) -> None:
    whole = dict(index.search("golden bridge paint", 9))
    assert set(whole) == {1, 5}
    ((found, score),) = index.search("golden bridge paint", 9, allowed_ids={5, 77})
    assert found == 5
    assert score == pytest.approx(whole[5])
    assert index.search("golden bridge paint", 9, allowed_ids=set()) == []


def test_no_word_weighs_more_than_the_highest_idf(index: LexicalIndex) -> None:
    ((_, score),) = index.search("1937", 1)
    assert 0 < score < 2.2 * index.highest_idf()


def test_it_is_still_there_when_opened_again(tmp_path: Path) -> None:
    first = TantivyIndex(folder=tmp_path)
    first.add([7], ["kept on disk"], collection="a")
    first.commit()
    first.close()
    second = TantivyIndex(folder=tmp_path)
    assert second.ids() == {7}
    assert second.search("disk", 3)[0][0] == 7
    second.close()


def test_what_a_row_belongs_to_is_called_as_it_was_added(index: LexicalIndex) -> None:
    index.add([31, 32], ["It rose.", "It fell."], collection="b", document_name="AB_2020\nThe Abbey Bank")
    index.commit()
    assert index.names([31, 32, 1, 999]) == dict.fromkeys((31, 32), "AB_2020\nThe Abbey Bank") | {1: ""}
    assert index.names([]) == {}


def test_a_slip_is_found_whatever_the_ending_and_the_same_ending_first(index: LexicalIndex) -> None:
    index.add([41, 42, 43], ["two hinges", "one hinge", "a fringe"], collection="c")
    index.commit()
    assert index.search_like("hinje", 9) == [42, 41]
    assert index.search_like("hinje", 1) == [42]
    assert index.search_like("hinje", 9, collection="a") == []
