"""What the evaluation tab and the report show."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from kb.evaluate.background import EvaluationState
from kb.evaluate.run import Progress
from kb.evaluate.scoring import FIGURES
from kb.types import Evaluation, Figure, LabelledQuestion, Missed
from kb.web.page.evaluation import render
from kb.web.page.evaluation import render_start as start
from kb.web.page.strings import Strings
from kb.web.page.strings_en import EN
from kb.web.page.strings_zh import ZH
from kb.web.page.words.evaluation import EN as WORDS_EN

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>\n\n# not Markdown'
FIRST = Evaluation(
    set_key="k",
    set_name="my questions",
    embedder="intfloat/e5@main/384/prompts#384",
    config={},
    documents=3,
    questions=10,
    asked=10,
    figures={"hit@1": Figure(0.8, 0.6, 0.95, 10), "refusal precision": Figure(1, 1, 1, 2)},
    latencies_ms={"search p50": 12.3},
    finished="2026-01-02T03:04:05+00:00",
    id=1,
)
SECOND = replace(
    FIRST,
    config={"retrieval.dense_weight": "0.5"},
    compared_with=1,
    figures={"hit@1": Figure(0.9, 0.7, 1.0, 10)},
    differences={"hit@1": Figure(0.1, 0.02, 0.2, 10, 0.031)},
    missed=(Missed("Who?", "report.pdf, page 3", "other.pdf", "Something else."),),
    unread=("scan.pdf: there is no text in it",),
    id=2,
)


class Tags(HTMLParser):
    """The tags and attributes of some markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("strings", [EN, ZH])
def test_a_comparison_shows_both_settings_the_difference_and_its_p(strings: Strings) -> None:
    shown = render.results([SECOND, FIRST], strings)
    assert "retrieval.dense_weight=0.5" in shown
    assert strings.evaluation_as_set in shown
    assert "+0.100 [+0.020, +0.200]" in shown
    assert "0.0310" in shown
    assert '<td class="number">0.900</td>' in shown
    assert strings.evaluation_missed.format(count=1) in shown
    assert "report.pdf, page 3" in shown
    assert "scan.pdf: there is no text in it" in shown
    assert shown.count('<svg class="history"') == 1


def test_only_what_is_more_than_chance_stands_out() -> None:
    chance = replace(SECOND, differences={"hit@1": Figure(0.1, -0.1, 0.2, 10, 0.2)})
    assert 'class="number sure"' in render.results([SECOND, FIRST], EN)
    assert 'class="number sure"' not in render.results([chance, FIRST], EN)


def test_sets_are_shown_apart_and_a_first_result_has_no_history() -> None:
    other = replace(FIRST, set_key="other", set_name="others", id=3)
    shown = render.results([other, FIRST], EN)
    assert shown.count("<section") == 2
    assert '<svg class="history"' not in shown
    assert "others" in shown


def test_nothing_measured_and_nothing_kept_say_what_to_do() -> None:
    assert EN.evaluation_none in render.results([], EN)
    assert "This passage answers it" in render.kept([], EN)


def test_it_begins_with_what_the_persons_own_questions_say() -> None:
    kept = [
        LabelledQuestion(n, f"Who {n}?", "a" * 64, "a.txt", None, "He.", "2026-01-01T00:00:00+00:00")
        for n in range(3)
    ]
    assert "press “This passage answers it”" in start.how_good([], [], WORDS_EN, running=False)
    waits = start.how_good([], kept, WORDS_EN, running=False)
    assert "passage: 3." in waits
    assert 'data-act="measure"' in waits
    assert 'data-act="measure"' not in start.how_good([], kept, WORDS_EN, running=True)
    measured = replace(
        FIRST,
        figures={"hit@1": Figure(0.75, 0.6, 0.9, 12), "recall@10": Figure(1, 1, 1, 12)},
    )
    compared = replace(SECOND, figures={"hit@1": Figure(0.1, 0.1, 0.1, 12)})
    shown = start.how_good([compared, measured], kept, WORDS_EN, running=False)
    assert "75%" in shown, "what was measured as it is set, not what was tried"
    assert "first: 9 of 12." in shown
    assert "100%" in shown
    assert "No answer was made" in shown
    answered = replace(measured, figures={**measured.figures, "answered": Figure(0.5, 0.2, 0.8, 4)})
    shown = start.how_good([answered], kept, WORDS_EN, running=False)
    assert "2 of 4. 2 were refused" in shown


def test_what_runs_is_shown_with_a_button_that_stops_it() -> None:
    assert render.progress(EvaluationState(), EN) == ""
    running = EvaluationState(running=True, progress=Progress("searching", 3, 10))
    shown = render.progress(running, EN)
    assert '<progress max="10" value="3">' in shown
    assert "Searching 3 / 10" in shown
    assert 'data-act="stop"' in shown
    assert 'data-act="stop"' not in render.progress(replace(running, stopping=True), EN)
    assert "refused" in render.progress(EvaluationState(error="refused"), EN)
    for strings in (EN, ZH):
        for state in (running, EvaluationState(), EvaluationState(error="refused")):
            shown = render.progress(replace(state, notes=("The key stays here.",)), strings)
            assert strings.evaluation_notes in shown
            assert "The key stays here." in shown
    for step in ("importing", "embedding", "searching", "timing", "answering", "comparing"):
        assert render.progress(EvaluationState(running=True, progress=Progress(step, 0, 1)), ZH)


@pytest.mark.parametrize("strings", [EN, ZH])
def test_every_figure_has_a_label(strings: Strings) -> None:
    labels = [render.figure_label(name, strings) for name in FIGURES]
    assert len(set(labels)) == len(FIGURES)
    if strings is EN:
        assert labels == list(FIGURES)
    else:
        kept = {"mrr", "ndcg"}
        assert all(set(re.findall("[a-z]+", label)) <= kept for label in labels)


def test_hostile_words_stay_words_and_everything_is_one_line() -> None:
    evaluation = replace(
        SECOND,
        set_name=HOSTILE,
        embedder=HOSTILE,
        config={HOSTILE: HOSTILE},
        figures={HOSTILE: Figure(0.5, 0.4, 0.6, 3)},
        missed=(Missed(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        unread=(HOSTILE,),
    )
    question = LabelledQuestion(1, HOSTILE, "a" * 64, HOSTILE, 2, HOSTILE, "2026-01-01T00:00:00+00:00")
    for markup in (
        start.frame(WORDS_EN, EN),
        start.how_good([replace(evaluation, config={})], [question], WORDS_EN, running=False),
        render.results([evaluation, replace(evaluation, id=9)], EN),
        render.kept([question], EN),
        render.progress(EvaluationState(error=HOSTILE, notes=(HOSTILE,)), EN),
    ):
        assert "\n" not in markup
        found = Tags(markup)
        assert not {"img", "script"} & set(found.tags)
        assert not [name for name in found.attributes if name.startswith("on")]


@pytest.mark.parametrize("strings", [EN, ZH])
def test_a_report_stands_alone(strings: Strings) -> None:
    page = render.report([SECOND, FIRST], strings, settings={"embedder": "auto"})
    found = Tags(page)
    assert {"html", "style", "table", "svg"} <= set(found.tags)
    assert not {"button", "script", "link", "img", "iframe"} & set(found.tags)
    assert "src" not in found.attributes
    assert "http://" not in page
    assert "https://" not in page
    assert f'lang="{strings.language}"' in page
    assert "default-src 'none'" in page


def test_every_result_can_be_deleted_where_it_is_listed() -> None:
    markup = render.results([SECOND, FIRST], EN)
    for run, times in ((SECOND, 2), (FIRST, 1)):  # the newest stands above the list too
        assert markup.count(f'data-act="remove" data-result="{run.id}"') == times
