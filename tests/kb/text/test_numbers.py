from __future__ import annotations

import pytest

from kb.text.numbers import numbers, plain_numbers


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("It costs 3.6 million.", [{"3600000"}]),
        ("It costs 1,234,567.8 or 2,500.", [{"1234567.8"}, {"2500"}]),
        ("Es kostet 3,6 Millionen Euro im Jahr.", [{"3600000"}]),
        ("Das sind 1.234.567,8 Euro oder mehr.", [{"1234567.8"}]),
        ("Die Brücke ist ungefähr 1.234 Meter lang.", [{"1234", "1.234"}]),
        ("Мост стоил 3 600 000 рублей, то есть 3,6 млн.", [{"3600000"}, {"3600000"}]),
        ("El puente costó 5 millones de euros.", [{"5000000"}]),
        ("Köprü 2 milyar liraya mal oldu.", [{"2000000000"}]),
        ("共360万人", [{"3600000"}]),
        ("3만 명이 왔다", [{"30000"}]),
        ("ราคา 2 ล้านบาท", [{"2000000"}]),
        ("इसकी कीमत ३ करोड़ रुपये है", [{"30000000"}]),
        ("see section 3.2.1", [{"3.2"}]),
    ],
)
def test_numbers_in_the_writing_of_their_language(text: str, forms: list[set[str]]) -> None:
    assert [set(found) for _, found in numbers(text)] == forms


def test_a_number_is_said_with_and_without_its_million() -> None:
    assert plain_numbers("Es kostet 3,6 Millionen Euro im Jahr.") == {"3.6", "3600000"}
