from __future__ import annotations

import numpy as np
import pytest

from kb.retrieval.deduplicate import first_alike, same

TEXT = (
    "The valve opens at 40 bar. It closes again when the pressure falls below 30 bar and the lamp goes out."
)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (TEXT, True),
        (TEXT.upper().replace(" ", "\n"), True),
        ("Page head. " + TEXT, True),
        (TEXT.replace("40", "50"), False),
        (TEXT + " A second lamp shows that the pump has been switched off by the guard.", False),
        ("Something else altogether.", False),
        ("", False),
    ],
)
def test_the_same_words_are_the_same_and_another_number_is_not(other: str, expected: bool) -> None:
    assert same(TEXT, other) is expected


def test_only_texts_whose_vectors_are_near_are_compared() -> None:
    near, far = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    kept = [(TEXT, far), (TEXT, near), (TEXT, None)]
    assert first_alike(TEXT, near, kept) == 1
    assert first_alike(TEXT, None, kept) == 0
    assert first_alike("Other words.", near, kept) is None


def test_rows_under_the_same_long_header_are_not_the_same() -> None:
    header = "Name of the person | Department | Room in the main building | Telephone extension\n"
    kept = [(f"{header}Anja Holm | Workshop", None)]
    assert first_alike(f"{header}Anna Holm | Workshop", None, kept) == 0
    assert first_alike(f"{header}Anna Holm | Workshop", None, kept, exactly=True) is None
    assert first_alike(f"{header}Anja Holm | Workshop", None, kept, exactly=True) == 0
