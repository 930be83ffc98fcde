"""Names and sizes as a person sees them."""

from __future__ import annotations

import pytest

from kb.text.document_names import shown_name
from kb.text.language import LANGUAGE_NAMES
from kb.web.page.format import duration, language_name, size
from kb.web.page.strings_en import EN


def test_a_name_cannot_turn_its_end_around() -> None:
    assert shown_name("invoice\u202efdp.exe") == "invoice�fdp.exe"
    assert shown_name("報告 é 👩\u200d🚀.pdf") == "報告 é 👩\u200d🚀.pdf"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (25_000_000, "25 MB"), (3 * 10**9, "3.0 GB")],
)
def test_sizes(count: int, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (89 * 60, "89 min"), (90 * 60, "2 h"), (36_000, "10 h")],
)
def test_a_length_of_time_is_as_coarse_as_it_is_uncertain(seconds: float, shown: str) -> None:
    assert duration(seconds, EN) == shown


def test_every_language_that_is_told_apart_has_a_name_of_its_own() -> None:
    names = {code: language_name(code) for code in LANGUAGE_NAMES}
    assert not [code for code, name in names.items() if name == code]
    assert len(set(names.values())) == len(names)
    assert language_name("tlh") == "tlh"
