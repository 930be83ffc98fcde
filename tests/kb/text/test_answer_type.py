from __future__ import annotations

import pytest

from kb.text.answer_type import AnswerType, expected_type, holds_counted, holds_type


@pytest.mark.parametrize(
    ("question", "code", "kind"),
    [
        ("When was the bridge opened?", "en", AnswerType.DATE),
        ("In what year was the bridge opened?", "en", AnswerType.DATE),
        ("Since when is the bridge open?", "en", AnswerType.DATE),
        ("When many people cross, what does the bridge do?", "en", None),
        ("How old was Elway when he played?", "en", AnswerType.AMOUNT),
        ("How many people cross the bridge?", "en", AnswerType.AMOUNT),
        ("What was the population of the town?", "en", AnswerType.AMOUNT),
        ("Who built the bridge?", "en", AnswerType.PERSON),
        ("Where does the bridge end?", "en", AnswerType.PLACE),
        ("In which city is the bridge?", "en", AnswerType.PLACE),
        ("Why was the bridge closed?", "en", AnswerType.REASON),
        ("What is a bridge?", "en", None),
        ("What does the ferry cost?", "en", AnswerType.AMOUNT),
        ("What did the cost of the ferry lead to?", "en", None),
        ("What is the number of members?", "en", AnswerType.AMOUNT),
        ("What is the phone number of Amara?", "en", None),
        ("warranty period pump", "en", None),
        ("大桥是什么时候通车的？", "zh", AnswerType.DATE),
        ("大桥有多长？", "zh", AnswerType.AMOUNT),
        ("大桥是谁设计的？", "zh", AnswerType.PERSON),
        ("大桥在哪个城市？", "zh", AnswerType.PLACE),
        ("大桥为什么关闭？", "zh", AnswerType.REASON),
        ("这座桥被称为什么？", "zh", None),
        ("新公司将命名为什么？", "zh", None),
        ("什么是大桥？", "zh", None),
        ("What time does the boat depart?", "en", AnswerType.DATE),
        ("渡轮几点出发？", "zh", AnswerType.DATE),
        ("Um wie viel Uhr legt das Schiff ab?", "de", AnswerType.DATE),
        ("Was kostet die Fähre?", "de", AnswerType.AMOUNT),
        ("¿A qué hora parte el barco?", "es", AnswerType.DATE),
        ("¿Por qué se redujo el presupuesto?", "es", AnswerType.REASON),
        ("フェリーは何時に出ますか？", "ja", AnswerType.DATE),
        ("卵はいくつ必要ですか？", "ja", AnswerType.AMOUNT),
        ("Во сколько отправляется паром?", "ru", AnswerType.DATE),
        ("Сколько стоит билет?", "ru", AnswerType.AMOUNT),
        ("Quand le pont a-t-il été ouvert ?", "fr", None),  # no list: abstains
    ],
)
def test_what_type_of_answer_a_question_asks_for(question: str, code: str, kind: AnswerType | None) -> None:
    assert expected_type(question, code) == kind


@pytest.mark.parametrize(
    ("sentence", "kind", "question", "code", "held"),
    [
        ("The bridge opened in May 1932.", AnswerType.DATE, "When was the bridge opened?", "en", True),
        ("The bridge is long and made of steel.", AnswerType.DATE, "When was the bridge opened?", "en", False),
        ("It is paid back within 60 days.", AnswerType.DATE, "When is it paid back?", "en", True),
        ("Write two weeks ahead.", AnswerType.DATE, "When do I write?", "en", True),
        ("Fri: 9-14", AnswerType.DATE, "When is it open?", "en", True),
        ("She sat in the sun.", AnswerType.DATE, "When did she come?", "en", False),
        ("Sie wird binnen 14 Tagen bezahlt.", AnswerType.DATE, "Wann wird sie bezahlt?", "de", True),
        ("押金十天内退还。", AnswerType.DATE, "押金什么时候退还？", "zh", True),
        ("It weighs 40 kg.", AnswerType.AMOUNT, "What does it cost?", "en", False),
        ("It costs 40 euros.", AnswerType.AMOUNT, "What does it cost?", "en", True),
        ("It costs 12 pesos.", AnswerType.AMOUNT, "What does it cost?", "en", True),
        ("It costs 420 million, of which half is paid.", AnswerType.AMOUNT, "What does it cost?", "en", True),
        ("The line has 14 stops.", AnswerType.AMOUNT, "How much does the line cost?", "en", False),
        ("共有120个座位。", AnswerType.AMOUNT, "座位多少钱？", "zh", False),
        ("In 1932 it was painted.", AnswerType.DATE, "When in 1932 was it painted?", "en", False),
        ("It has six lanes.", AnswerType.AMOUNT, "How many lanes has it?", "en", True),
        ("The engineer was John Bradfield.", AnswerType.PERSON, "Who was the engineer?", "en", True),
        ("The engineer of Sydney was paid.", AnswerType.PERSON, "Who was the engineer of Sydney?", "en", False),
        ("It was closed because of the storm.", AnswerType.REASON, "Why was it closed?", "en", True),
        ("It was closed.", AnswerType.REASON, "Why was it closed?", "en", False),
        ("大桥于1932年通车。", AnswerType.DATE, "大桥是什么时候通车的？", "zh", True),
        ("大桥是钢制的。", AnswerType.DATE, "大桥是什么时候通车的？", "zh", False),
        ("大桥有六条车道。", AnswerType.AMOUNT, "有多少车道？", "zh", True),
        ("Le pont est en acier.", AnswerType.DATE, "Quand ?", "fr", None),
        ("The ferry leaves at seven in the morning.", AnswerType.DATE, "When does the ferry leave?", "en", True),
        ("It opens at 9:30.", AnswerType.DATE, "When does it open?", "en", True),
        ("Bins are emptied on Tuesdays.", AnswerType.DATE, "When are the bins emptied?", "en", True),
        ("渡轮早上七点出发。", AnswerType.DATE, "渡轮什么时候开？", "zh", True),
        ("Die Fähre fährt um sieben Uhr ab.", AnswerType.DATE, "Wann fährt die Fähre?", "de", True),
        ("El ferry sale a las siete.", AnswerType.DATE, "¿Cuándo sale el ferry?", "es", True),
        ("フェリーは朝七時に出ます。", AnswerType.DATE, "フェリーは何時に出ますか？", "ja", True),
        ("Паром отходит в семь часов утра.", AnswerType.DATE, "Когда отходит паром?", "ru", True),
        ("Паром отходит от причала.", AnswerType.DATE, "Когда отходит паром?", "ru", False),
        # the word that begins a sentence has a capital anyway
        ("Ada chairs the meeting.", AnswerType.PERSON, "Who runs the meeting?", "en", None),
        ("The plumber comes.", AnswerType.PERSON, "Who is the plumber?", "en", False),
        ("Bins are emptied.", AnswerType.PERSON, "Who empties the bins?", "en", False),
        # a script without capitals
        ("王芳主持会议。", AnswerType.PERSON, "会议由谁主持？", "zh", None),
        ("Complaints (complaints@example.net)", AnswerType.PLACE, "Where do complaints go?", "en", True),
        ("The key hangs behind the clock.", AnswerType.PLACE, "Where is the key?", "en", True),
        ("The car is on level 3.", AnswerType.PLACE, "Where is my car?", "en", True),
        # a year is no amount, and neither is one of something else
        ("It opened in 1932 with bands.", AnswerType.AMOUNT, "How many people came?", "en", False),
        ("It opened in 1932 with 500 people.", AnswerType.AMOUNT, "How many people came?", "en", True),
        ("In 1500 people came.", AnswerType.AMOUNT, "How many came?", "en", True),
        ("大桥建于1932年。", AnswerType.AMOUNT, "有几个人？", "zh", False),
        ("It froze at -12 degrees.", AnswerType.AMOUNT, "How much did it weigh?", "en", False),
        ("Bake it at 180 degrees.", AnswerType.AMOUNT, "How hot should the oven be?", "en", True),
        ("The depth is 3.", AnswerType.AMOUNT, "How deep is it?", "en", True),
        ("健身房每月二十五镑。", AnswerType.AMOUNT, "健身房多少钱？", "zh", True),
        ("渡轮1932年建成。", AnswerType.AMOUNT, "渡轮多少钱？", "zh", False),
    ],
)  # fmt: skip
def test_whether_a_sentence_holds_something_of_the_type(
    sentence: str, kind: AnswerType, question: str, code: str, held: bool | None
) -> None:
    assert holds_type(sentence, kind, question, code) is held


@pytest.mark.parametrize(
    ("sentence", "question", "code", "held"),
    [
        ("It lies in nine countries.", "How many countries share it?", "en", True),
        ("It lies in 9 southern countries.", "How many countries share it?", "en", True),
        ("In 1932 countries met.", "How many countries share it?", "en", True),
        ("It is 7 km long, and countries share it.", "How many countries share it?", "en", False),
        ("It is 7 km long.", "How long is it?", "en", None),
        ("It is 7 km long.", "How many kilometres is it?", "en", False),
        ("有 九个 国家的领土。", "盆地有多少国家？", "zh", True),
        ("最初的 390 名移居者。", "最初有多少移居者定居？", "zh", True),
        ("面积700万平方公里。", "盆地有几个国家？", "zh", False),
        ("票价五元。", "票价多少钱？", "zh", None),
        ("Der Hof hat 40 Schafe.", "Wie viele Schafe hat er?", "de", True),
        ("Der Hof hat 40 Ziegen.", "Wie viele Schafe hat er?", "de", False),
        ("Le pont a 6 voies.", "Combien de voies ?", "fr", None),
    ],
)  # fmt: skip
def test_whether_a_sentence_counts_what_is_asked_the_number_of(
    sentence: str, question: str, code: str, held: bool | None
) -> None:
    assert holds_counted(sentence, question, code) is held
