from __future__ import annotations

import pytest

from kb.answer.long_question import asked_in

TOLD = {
    "en": "I looked at many things and none of them helped me. ",
    "zh": "我看了很多资料，都没有帮助。",
    "de": "Ich habe vieles angesehen, und nichts hat mir geholfen. ",
    "ja": "いろいろ調べましたが、役に立ちませんでした。",
    "ar": "لقد بحثت في أشياء كثيرة ولم يساعدني شيء. ",
    "el": "Κοίταξα πολλά πράγματα και τίποτα δεν με βοήθησε. ",
    "sw": "Niliangalia mambo mengi na hakuna kilichonisaidia. ",
}


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("en", "How long is the warranty of the pump?"),
        ("en", "Tell me how long the warranty of the pump is."),
        ("en", "List the parts with a warranty of two years"),
        ("zh", "水泵的保修期是多久？"),
        ("zh", "请告诉我水泵的保修期。"),
        ("de", "Wie lange gilt die Garantie der Pumpe?"),
        ("de", "Nenne mir die Dauer der Garantie der Pumpe."),
        ("ja", "ポンプの保証期間はどのくらいですか。"),
        ("ar", "ما هي مدة ضمان المضخة؟"),
        ("el", "Πόσο διαρκεί η εγγύηση της αντλίας;"),
        ("sw", "Dhamana ya pampu ni ya muda gani?"),
    ],
)
@pytest.mark.parametrize("place", ["before", "behind", "amid"])
def test_what_a_long_text_asks_is_found_wherever_it_stands(code: str, asked: str, place: str) -> None:
    told = TOLD[code] * 100
    text = {"before": f"{asked}\n{told}", "behind": f"{told}{asked}", "amid": f"{told}\n{asked}\n{told}"}[
        place
    ]
    assert asked_in(text.strip()) == asked


def test_several_questions_are_asked_together_in_their_order() -> None:
    asked = "What is the voltage of the pump? How long is its warranty?"
    assert asked_in(TOLD["en"] * 100 + asked) == asked


def test_a_question_that_points_back_brings_what_was_told_before_it() -> None:
    found = asked_in(TOLD["en"] * 100 + "We bought a Marigold pump. How long is its warranty? Thanks, Bob.")
    assert found.endswith("We bought a Marigold pump. How long is its warranty?")
    assert len(found) < 300


@pytest.mark.parametrize(
    "text",
    [
        "How long is the warranty of the pump? It is for a greenhouse.",
        TOLD["en"] * 100,  # asks nothing: somebody looks for what is like it
        TOLD["sw"] * 100
        + "Niambie muda wa dhamana ya pampu.",  # nothing is known of how this language requests
    ],
)
def test_other_texts_are_asked_whole(text: str) -> None:
    assert asked_in(text) == text
