from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.sentences import is_question, is_whole, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("第一句。第二句！第三句？", ["第一句。", "第二句！", "第三句？"]),
        ("Dr. Smith met Mr. Jones. They talked.", ["Dr. Smith met Mr. Jones.", "They talked."]),
        ("It costs 3.5 dollars. Cheap.", ["It costs 3.5 dollars.", "Cheap."]),
        ("the U.S. army, e.g. the cavalry. Done.", ["the U.S. army, e.g. the cavalry.", "Done."]),
        ('He said "Go." Then he left.', ['He said "Go."', "Then he left."]),
        ("他说：“走吧。”然后离开。", ["他说：“走吧。”", "然后离开。"]),
        ("a line\nanother line", ["a line", "another line"]),
        ("Tokens stand apart . So do these .", ["Tokens stand apart .", "So do these ."]),
        ("Wait ... for it .NET is here.", ["Wait ... for it .NET is here."]),
        (
            "它（荷兰语：Regenwoud；英语：Rainforest，雨林；）很大。它在南方。",
            ["它（荷兰语：Regenwoud；英语：Rainforest，雨林；）很大。", "它在南方。"],
        ),
        ("甲方付款；乙方（见附件）交货。", ["甲方付款；", "乙方（见附件）交货。"]),
        ("1）甲方付款；2）乙方（交货；丙方验收。", ["1）甲方付款；", "2）乙方（交货；", "丙方验收。"]),
        (
            "It shut in 1931.[12] It opened again.[citation needed] Few came.[a][3]",
            ["It shut in 1931.[12]", "It opened again.[citation needed]", "Few came.[a][3]"],
        ),
        (
            "规定如下：（一）甲方付款；（2）乙方交货；③丙方验收。",
            ["规定如下：（一）甲方付款；", "（2）乙方交货；", "③丙方验收。"],
        ),
        ("Spills go to Dr Lund (ext. 4417). Then rest.", ["Spills go to Dr Lund (ext. 4417).", "Then rest."]),
        ("He (born in 1932. Died in 1950) sang. Yes.", ["He (born in 1932. Died in 1950) sang.", "Yes."]),
        ("(He left. She stayed.) Done.", ["(He left.", "She stayed.)", "Done."]),
        ("I am sad :( today. He left (early). Bye.", ["I am sad :( today.", "He left (early).", "Bye."]),
        ("大桥很长。[3]它很旧。", ["大桥很长。[3]", "它很旧。"]),
        ("  ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(max_size=300))
def test_sentences_hold_every_character_but_white_space(text: str) -> None:
    places = sentences(text)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(places))
    kept = "".join(text[start:end] for start, end in places)
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(["यह पुल १९३२ में बना था।", "इसकी लंबाई कितनी है?", "कोई नहीं जानता॥"], id="Hindi"),
        pytest.param(["সেতুটি লম্বা।", "এটি কে বানিয়েছে?"], id="Bengali"),
        pytest.param(["متى بُني الجسر؟", "بُني في القرن الماضي.", "إنه طويل!"], id="Arabic"),
        pytest.param(["پل کب بنا؟", "یہ پچھلی صدی میں بنا۔", "یہ لمبا ہے۔"], id="Urdu"),
        pytest.param(["ድልድዩ ረጅም ነው።", "ማን ሠራው፧"], id="Amharic"),
        pytest.param(["កាលពីដើម មានស្ពានមួយ។", "វាវែងណាស់។"], id="Khmer"),
        pytest.param(["တံတားက ရှည်တယ်။", "ဘယ်သူ ဆောက်ခဲ့သလဲ။"], id="Burmese"),
        pytest.param(["Կամուրջը երկար է։", "Այն հին է։"], id="Armenian"),
        pytest.param(["ხიდი გრძელია.", "ის ძველია."], id="Georgian"),
        pytest.param(["Πόσο μακριά είναι η γέφυρα;", "Είναι 300 μέτρα, δηλ. αρκετά.", "Τέλος."], id="Greek"),
        pytest.param(
            ["Am 3. Oktober 1990 war es so weit.", "Der 2. Weltkrieg war lange vorbei."], id="German ordinals"
        ),
        pytest.param(["Das gilt z. B. für Brücken, d. h. für alle.", "Siehe S. 12 und Nr. 5."], id="German"),
        pytest.param(["Er fand es „schön.“", "Dann ging er."], id="German quotes"),
        pytest.param(["« Il est parti. »", "Elle resta là.", "Pourquoi ?"], id="French quotes"),
        pytest.param(["M. Durand est né en 50 av. J.-C. selon lui.", "Voir p. 12."], id="French"),
        pytest.param(
            ["Мост построен в 1932 г. по проекту А. С. Иванова.", "Его длина 5 млн. Это много."], id="Russian"
        ),
        pytest.param(
            ["¿Dónde está el puente?", "La Sra. García vive en EE. UU. desde hace años."], id="Spanish"
        ),
        pytest.param(["Köprü M.Ö. 20 yılında yapıldı.", "Prof. Dr. Yılmaz onu gördü."], id="Turkish"),
        pytest.param(["Cầu dài 300 mét.", "TP. Hồ Chí Minh rất đông."], id="Vietnamese"),
        pytest.param(["橋は長い。", "「誰が作ったのか？」", "それは分からない｡"], id="Japanese"),
        pytest.param(["다리는 길다.", "누가 지었을까?", "그런 것.", "끝이다."], id="Korean"),
    ],
)
def test_sentences_of_other_languages(expected: list[str]) -> None:
    text = " ".join(expected)
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_an_english_number_ends_its_sentence() -> None:
    text = "The boy who crossed the old bridge was only 12. He told nobody about it."
    assert len(sentences(text)) == 2


def test_thai_is_cut_at_spaces_into_pieces_as_long_as_sentences() -> None:
    clauses = [
        "สะพานนี้สร้างขึ้นเมื่อปลายศตวรรษที่แล้วเพื่อเชื่อมสองฝั่งของแม่น้ำ",
        "ก่อนหน้านั้นผู้คนต้องข้ามด้วยเรือซึ่งใช้เวลานานมาก",
        "ปัจจุบันมีรถยนต์แล่นผ่านวันละหลายพันคันและต้องซ่อมแซมบ่อย ๆ ทุกปี",
    ]
    text = " ".join(clauses)
    found = [text[start:end] for start, end in sentences(text)]
    assert found == [" ".join(clauses[:2]), clauses[2]]
    assert len(sentences("ราคา 300 บาท ไม่แพง")) == 1


@pytest.mark.parametrize("question", ["Who?", "誰？", "من هو؟", "Ποιος είναι;", "ማን ነው፧"])
def test_questions_end_with_the_mark_of_their_script(question: str) -> None:
    assert is_question(question)


@pytest.mark.parametrize("statement", ["He did.", "He did;", "她说了；", "Αυτός είναι.", ""])
def test_other_sentences_are_no_questions(statement: str) -> None:
    assert not is_question(statement)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is long.",
        "Он длинный.",
        "यह लंबा है।",
        "هل هو طويل؟",
        "สะพานนี้ยาวสามร้อยเมตร",
        "Πόσο είναι;",
        "「長い。」",
    ],
)
def test_whole_sentences(sentence: str) -> None:
    assert is_whole(sentence)


@pytest.mark.parametrize(
    "piece", ["Its length", "и она длинная.", "élève dans la classe.", ", or so.", "Η γέφυρα"]
)
def test_headings_and_pieces_are_not_whole(piece: str) -> None:
    assert not is_whole(piece)


def test_a_question_mark_in_an_address_ends_nothing() -> None:
    text = "See the calendar (https://a.example/hr/holidays?team=north). Is it at https://a.example/b? Yes."
    assert [text[start:end] for start, end in sentences(text)] == [
        "See the calendar (https://a.example/hr/holidays?team=north).",
        "Is it at https://a.example/b?",
        "Yes.",
    ]


@pytest.mark.parametrize(
    "text", ["3. Piano tuned every second Tuesday", "1.2. Notes", "IV. Fees", "２．关窗", "xii.  Keep it dry"]
)
def test_the_number_of_an_item_is_no_sentence(text: str) -> None:
    assert sentences(text) == [(0, len(text))]
    assert sentences(f"First line\n{text}")[1:] == [(11, 11 + len(text))]


@pytest.mark.parametrize(
    "text", ["1932. It was cold.", "Mix. Then stir.", "How many? 12. Then more.", "We have 3. Then 4."]
)
def test_other_numbers_and_words_before_a_full_stop_end_one(text: str) -> None:
    assert len(sentences(text)) > 1
