"""Names that a person takes for one another."""

from __future__ import annotations

import pytest

from kb.text.look_alikes import look_alike


@pytest.mark.parametrize(
    "name",
    [
        *("аdmin", "αdmin", "АDMIN", "Admin", "ADMIN", "ａｄｍｉｎ", "𝐚dmin", "admin ", " admin", "adrnin"),
        *(
            "ad\u200bmin",
            "ad\u00admin",
            "admin\u3164",
            "admin\ufe0f",
            "ad\u034fmin",
            "admin\u00a0",
            "adm\u0131n",
        ),
        *("admi\u0307n", "adm\u0131\u0307n", "ADM\u0130N", "adm\u0456n"),
    ],
)
def test_what_looks_like_a_name_is_taken_for_it(name: str) -> None:
    assert look_alike(name, ["olga", "admin"]) == "admin"
    assert look_alike("admin", ["olga", name]) == name


@pytest.mark.parametrize(
    ("one", "other"), [("Вob", "bob"), ("ВОВ", "bob"), ("bi1l", "bill"), ("BiIl", "bill"), ("0lga", "Olga")]
)
def test_a_capital_looks_like_other_letters_than_its_small_one(one: str, other: str) -> None:
    assert look_alike(one, [other]) == other
    assert look_alike(other, [one]) == one


def test_a_mark_upon_its_like_is_not_seen() -> None:
    assert look_alike("jose\u0301\u0301\u0301", ["jos\u00e9"]) == "jos\u00e9"
    assert look_alike("jose\u0301\u0308", ["jos\u00e9"]) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna", "anna-2"),
        ("josé", "jose"),
        ("李明", "李朋"),
        ("admin.", "admin"),
        ("anna", "ann"),
        ("вера", "vera"),
    ],
)
def test_names_that_differ_to_the_eye_are_two(one: str, other: str) -> None:
    assert look_alike(one, [other]) is None
