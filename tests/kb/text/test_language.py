from __future__ import annotations

import pytest

from kb.text.language import LANGUAGE_NAMES, language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("How long is the bridge?", "en"),
        ("大桥有多长？", "zh"),
        ("GPU 的显存有多大", "zh"),
        ("この橋の長さは？", "ja"),
        ("다리의 길이는?", "ko"),
        ("Какова длина моста?", "ru"),
        ("", "en"),
        ("max_tokens", "en"),
        ("golden gate", "en"),
        ("1234", "en"),
        ("Wie lang ist die Brücke?", "de"),
        ("Wann wurde die Firma gegründet?", "de"),
        ("¿Cuánto mide el puente?", "es"),
        ("Quelle est la longueur du pont ?", "fr"),
        ("Quanto è lungo il ponte?", "it"),
        ("Qual é o comprimento da ponte?", "pt"),
        ("Hoe lang is de brug?", "nl"),
        ("Jaka jest długość mostu?", "pl"),
        ("Köprü ne kadar uzun?", "tr"),
        ("Cây cầu dài bao nhiêu?", "vi"),
        ("Cât de lung este podul?", "ro"),
        ("Hur lång är bron?", "sv"),
        ("Яка довжина мосту?", "uk"),
        ("Πόσο μακριά είναι η γέφυρα;", "el"),
        ("ما هو طول الجسر؟", "ar"),
        ("طول این پل چقدر است؟", "fa"),
        ("पुल कितना लंबा है?", "hi"),
        ("สะพานยาวเท่าไร", "th"),
        ("מה אורך הגשר?", "he"),
        ("សេតុវែងប៉ុន្មាន?", "km"),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language(text) == code


def test_every_language_that_is_told_has_a_name() -> None:
    assert language("Jak dlouhý je ten starý most přes řeku?") == "cs"
    assert LANGUAGE_NAMES["cs"] == "Czech"
