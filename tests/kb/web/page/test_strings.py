"""Both languages say the same things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.types import CheckedSentence, Difference, DocumentState, Support
from kb.web.page.languages import strings_for
from kb.web.page.strings import Strings
from kb.web.page.strings_en import EN
from kb.web.page.strings_zh import ZH


@pytest.mark.parametrize("strings", [EN, ZH])
def test_every_state_has_a_word(strings: Strings) -> None:
    said = {strings.state_name(state) for state in DocumentState}
    assert len(said) == len(DocumentState)
    assert not [
        word for word in said for jargon in ("embed", "index", "pars", "向量", "索引") if jargon in word
    ]


@pytest.mark.parametrize("strings", [EN, ZH])
@pytest.mark.parametrize("support", [Support.WEAK, Support.UNSUPPORTED])
def test_each_difference_is_told_in_a_sentence_of_its_own(strings: Strings, support: Support) -> None:
    doubt = CheckedSentence("It costs 12 euros.", 0, 18, (1,), support, reason="12")
    told = {strings.doubt(replace(doubt, difference=difference)) for difference in Difference}
    assert len(told) == len(Difference)
    assert all("12" in text for text in told - {strings.doubt(replace(doubt, difference=Difference.DENIED))})
    # of an answer that was kept before differences were told
    assert strings.doubt(doubt) == strings.doubt(replace(doubt, difference=Difference.MISSING))
    assert strings.doubt(replace(doubt, reason=None)) not in told


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, EN),
        ("", EN),
        ("de-DE,de;q=0.9", EN),
        ("zh-CN,zh;q=0.9,en;q=0.8", ZH),
        ("en-US,en;q=0.9,zh;q=0.8", EN),
        ("de,zh-TW;q=0.5,en;q=0.4", ZH),
        ("zh;q=nonsense", EN),
    ],
)
def test_the_browser_chooses(header: str | None, language: Strings) -> None:
    assert strings_for(header) is language
