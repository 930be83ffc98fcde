"""A day that is missing among others answers nothing."""

from __future__ import annotations

import pytest

from kb.answer.places.days import lacks_asked_day
from tests.kb.answer.samples import hit

LOG = "Log\n3 July. Left the harbour at five.\n4 July. Fog all the morning.\n7 July. Torn jib was mended."
LESSONS = "节次 | 星期一 | 星期二 | 星期三\n第一节 | 语文 | 数学 | 英语\n第二节 | 数学 | 语文 | 数学"
ROTA = "Day | On duty\n3 May 2025 | Ada\n4 May 2025 | Ben\n6 May 2025 | Cleo"


@pytest.mark.parametrize(
    ("question", "passage", "lacks"),
    [
        ("What happened on 6 July?", LOG, True),
        ("What happened on 4 July?", LOG, False),
        ("What happened in the fog?", LOG, False),
        ("When was the jib of 6 July mended?", LOG, False),
        ("What happened on 6 July?", f"{LOG}\nAnchored 5 July to 9 July.", False),
        ("What happened on 6 July?", f"{LOG} From 5 July, so on 9 July wait.", True),
        ("What happened on Sunday?", LOG, False),
        ("Who is on duty on 5 May 2025?", ROTA, True),
        ("Who is on duty on 6 May?", ROTA, False),
        ("星期六有什么课？", LESSONS, True),
        ("星期二有什么课？", LESSONS, False),
        ("What happened on 6 July?", "The fair was on 3 July, not on 4 July as planned.", False),
    ],
)
def test_a_day_is_lacking_where_others_have_lines_and_it_has_none(
    question: str, passage: str, lacks: bool
) -> None:
    assert lacks_asked_day(question, [hit(passage)]) is lacks


def test_a_day_of_another_passage_of_the_document_is_there() -> None:
    assert not lacks_asked_day("What happened on 6 July?", [hit(LOG), hit("6 July. Calm.", number=1)])
