"""Much that is told, with a question somewhere in it: the question is what is asked."""

from __future__ import annotations

import pytest

from kb.answer.long_question import LONG, asked_in
from kb.text.words import words

TOLD = {
    "en": "I looked at many things in the shed and none of them helped me, so I went home again. ",
    "zh": "我在仓库里看了很多东西，可是没有一样有用，所以只好回家了。",
    "de": "Ich habe im Schuppen vieles angesehen, und nichts davon hat mir geholfen. ",
    "fr": "J'ai regardé beaucoup de choses dans le hangar et rien ne m'a aidé. ",
    "es": "Miré muchas cosas en el cobertizo y ninguna me ayudó en absoluto. ",
    "it": "Ho guardato molte cose nel capanno e nessuna mi è stata di aiuto. ",
}
ASKED = {
    "en": (
        "How long is the warranty of the pump?",
        "Which oil does the saw take?",
        "Tell me the code of the gate.",
    ),
    "zh": ("水泵的保修期有多长？", "大门的密码是什么？", "锯子用什么油？"),
    "de": (
        "Wie lange gilt die Garantie der Pumpe?",
        "Welches Öl braucht die Säge?",
        "Nenne mir den Code des Tors.",
    ),
    "fr": ("Quelle est la durée de garantie de la pompe ?", "Quelle huile prend la scie ?"),
    "es": ("¿Cuánto dura la garantía de la bomba?", "¿Qué aceite lleva la sierra?"),
    "it": ("Quanto dura la garanzia della pompa?", "Quale olio vuole la sega?"),
}
CASES = [
    (code, question, times)
    for code, questions in ASKED.items()
    for question in questions
    for times in (12, 150)
]


@pytest.mark.parametrize(("code", "question", "times"), CASES)
def test_the_question_behind_much_that_is_told_is_found(code: str, question: str, times: int) -> None:
    asked = asked_in(TOLD[code] * times + question)
    assert question in asked
    assert len(words(asked)) <= 2 * LONG


@pytest.mark.parametrize(("code", "question"), [(code, questions[0]) for code, questions in ASKED.items()])
def test_the_question_in_the_middle_is_found(code: str, question: str) -> None:
    assert question in asked_in(TOLD[code] * 20 + question + " " + TOLD[code] * 20)
