"""What ``ask`` prints below an answer."""

from __future__ import annotations

import pytest

from kb.cli.ask import doubt
from kb.types import Difference


@pytest.mark.parametrize("support", ["weak", "unsupported"])
def test_what_is_in_doubt_is_told_in_words(support: str) -> None:
    check = {"support": support, "reason": "12 euros", "sentence": "It costs 12 euros."}
    told = {doubt({**check, "difference": difference.value}) for difference in Difference}
    assert len(told) == len(Difference)
    # a sentence of an answer that was kept before differences were told, and one of which no fact stands out
    assert doubt({**check, "difference": None}) == doubt({**check, "difference": "missing"})
    assert doubt({**check, "reason": None, "difference": None}) not in told
