from __future__ import annotations

import pytest

from kb.text.answer_type import AnswerType, expected_type, holds_type


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
        ("warranty period pump", "en", None),
        ("大桥是什么时候通车的？", "zh", AnswerType.DATE),
        ("大桥有多长？", "zh", AnswerType.AMOUNT),
        ("大桥是谁设计的？", "zh", AnswerType.PERSON),
        ("大桥在哪个城市？", "zh", AnswerType.PLACE),
        ("大桥为什么关闭？", "zh", AnswerType.REASON),
        ("什么是大桥？", "zh", None),
        ("Wann wurde die Brücke eröffnet?", "de", None),  # no list: abstains
    ],
)
def test_what_type_of_answer_a_question_asks_for(question: str, code: str, kind: AnswerType | None) -> None:
    assert expected_type(question, code) == kind


@pytest.mark.parametrize(
    ("sentence", "kind", "question", "code", "held"),
    [
        ("The bridge opened in May 1932.", AnswerType.DATE, "When was the bridge opened?", "en", True),
        ("The bridge is long and made of steel.", AnswerType.DATE, "When was the bridge opened?", "en", False),
        ("In 1932 it was painted.", AnswerType.DATE, "When in 1932 was it painted?", "en", False),
        ("It has six lanes.", AnswerType.AMOUNT, "How many lanes has it?", "en", True),
        ("The engineer was John Bradfield.", AnswerType.PERSON, "Who was the engineer?", "en", True),
        ("The engineer of Sydney was paid.", AnswerType.PERSON, "Who was the engineer of Sydney?", "en", False),
        ("It was closed because of the storm.", AnswerType.REASON, "Why was it closed?", "en", True),
        ("It was closed.", AnswerType.REASON, "Why was it closed?", "en", False),
        ("大桥于1932年通车。", AnswerType.DATE, "大桥是什么时候通车的？", "zh", True),
        ("大桥是钢制的。", AnswerType.DATE, "大桥是什么时候通车的？", "zh", False),
        ("大桥有六条车道。", AnswerType.AMOUNT, "有多少车道？", "zh", True),
        ("Die Brücke ist aus Stahl.", AnswerType.DATE, "Wann?", "de", None),
    ],
)  # fmt: skip
def test_whether_a_sentence_holds_something_of_the_type(
    sentence: str, kind: AnswerType, question: str, code: str, held: bool | None
) -> None:
    assert holds_type(sentence, kind, question, code) is held
