"""What a model writes, and the little that may become of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.answer.citation_marks import claims
from kb.types import CheckedSentence, Support
from kb.web.page.answer.markdown import Written, model_blocks
from kb.web.page.strings_en import EN

FOOTNOTE = re.compile(r'<a class="fn" id="(t1-f\d+)"[^>]*>(\d+)</a>')


def written(
    text: str, *, sources: int = 3, partial: bool = False, checks: tuple[CheckedSentence, ...] = ()
) -> Written:
    return model_blocks(
        text, turn_id="t1", sources=range(1, sources + 1), partial=partial, checks=checks, strings=EN
    )


def markup(
    text: str, *, sources: int = 3, partial: bool = False, checks: tuple[CheckedSentence, ...] = ()
) -> str:
    return "".join(written(text, sources=sources, partial=partial, checks=checks).blocks)


def checked(text: str, *doubtful: int) -> tuple[CheckedSentence, ...]:
    """The sentences of an answer, supported but for those at the places ``doubtful``."""
    return tuple(
        CheckedSentence(
            claim.text,
            claim.start,
            claim.end,
            claim.numbers,
            Support.UNSUPPORTED if place in doubtful else Support.SUPPORTED,
        )
        for place, claim in enumerate(claims(text, 9))
    )


def footnotes(html: str) -> list[int]:
    return [int(number) for _id, number in FOOTNOTE.findall(html)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Twice a year [1].", [1]),
        ("Twice a year.[1][3]", [1, 2]),
        ("as in attention [1, 2].", []),
        ("每年两次[2]。", [1]),
        ("**Bold [2]** and | [3] and [2]", [1, 2, 1]),
        ("There is no source [9].", []),
        ("Neither [0] nor [1, 9].", []),
        ("`code [1]`", []),
        ("[1]: https://evil.example/\n\nSo it is [1].", [1, 1]),
    ],
)
def test_footnotes(text: str, numbers: list[int]) -> None:
    html = markup(text)
    assert footnotes(html) == numbers
    assert 'href="https://evil.example' not in html


def test_each_footnote_can_be_gone_back_to_by_itself() -> None:
    found = written("a [3], b [1], c [3]")
    assert [(mark.element, mark.number, mark.source) for mark in found.marks] == [
        ("t1-f1", 1, 3),
        ("t1-f2", 2, 1),
        ("t1-f3", 1, 3),
    ]
    assert [element for element, _number in FOOTNOTE.findall("".join(found.blocks))] == [
        "t1-f1",
        "t1-f2",
        "t1-f3",
    ]


@pytest.mark.parametrize(
    ("text", "doubtful", "numbers", "stand_for"),
    [
        ("One is so [2]. Two is so [2]. Three is so [1].", (), [1, 2], [(0, 1), (2,)]),
        ("One is so [2][1]. Two is so [1][2].", (), [1, 2], [(0, 1), (0, 1)]),
        ("One is so [1]. Two is so. Three is so [1].", (), [1, 1], [(0,), (2,)]),
        ("One is so [1]. Two is so [1].", (1,), [1, 1], [(0,), (1,)]),
        ("One is so [1].\n\nTwo is so [1].", (), [1, 1], [(0,), (1,)]),
        ("1. One is so [3]. Two is so [3].\n2. Three is so [3].", (), [1, 1], None),
    ],
)
def test_a_run_of_one_source_is_one_footnote(
    text: str, doubtful: tuple[int, ...], numbers: list[int], stand_for: list[tuple[int, ...]] | None
) -> None:
    found = written(text, checks=checked(text, *doubtful))
    assert footnotes("".join(found.blocks)) == numbers
    if stand_for is not None:
        assert [mark.checks for mark in found.marks] == stand_for


def test_where_a_footnote_went_no_blank_is_left_and_lists_stay_lists() -> None:
    text = "1. One is so [1]. Two is so [1].\n2. **Three** is so [2]."
    html = markup(text, checks=checked(text))
    assert "<li>One is so. Two is so <a" in html
    assert html.count("<li>") == 2
    assert "<strong>Three</strong>" in html
    assert not re.search("[\ue000-\ue01f]", html)


def test_a_half_arrived_footnote_is_not_shown() -> None:
    assert "[" not in markup("Twice a year [", partial=True)
    assert "[1" not in markup("Twice a year [1", partial=True)
    assert "[1" in markup("Twice a year [1")


def test_links_say_where_they_lead() -> None:
    html = markup("See [the docs](https://example.org/a?b=c).")
    assert 'href="https://example.org/a?b=c"' in html
    assert 'rel="noopener noreferrer"' in html
    assert "(https://example.org/a?b=c)" in html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "/documents/1/original",
        "#t1-f1",
        "//evil.example",
        "file:///",
    ],
)
def test_other_targets_are_no_links(target: str) -> None:
    assert "<a" not in markup(f"[click]({target}) <{target}>")


def test_images_are_never_loaded() -> None:
    html = markup("![secret](https://evil.example/x.png) <img src=https://evil.example/y.png>")
    assert "<img" not in html


def test_finished_blocks_stay_as_they_are_while_more_is_written() -> None:
    text = "One [1].\n\n- two\n- three [1]\n\n> four\n\n```\nfive\n```\n\nsix"
    blocks = written(text).blocks
    assert len(blocks) == 5
    assert written(text + " and more\n\nseven").blocks[:4] == blocks[:4]


def test_the_words_of_an_unsupported_sentence_are_marked_and_the_reason_stands_behind_it() -> None:
    text = "It is *quite* blue `[1]` [1]. It is red [1]."
    doubt = CheckedSentence(
        "It is blue.", 0, text.index(" It is red"), (1,), Support.UNSUPPORTED, reason="blue <b>"
    )
    html = markup(text, checks=(doubt,))
    assert (
        re.sub("<[^>]*>", "", "".join(re.findall(r'<span class="doubted">.*?</span>', html)))
        == "It is quite blue ."
    )
    assert "<code>[1]</code>" in html
    assert html.count("“blue &lt;b&gt;” stands in no passage.</span>") == 1
    assert html.index("blue") < html.index('class="unsupported"') < html.index("red")


def test_a_model_cannot_mark_itself() -> None:
    html = markup("It is \ue000\ue010 blue \ue001\ue010.")
    assert "doubted" not in html
    assert html.count("\N{REPLACEMENT CHARACTER}") == 4


def test_a_link_to_nowhere_is_text() -> None:
    assert "href" not in markup("[text]()")


ALLOWED = re.compile(
    r"</?(?:a|blockquote|br|code|del|em|h[345]|hr|li|ol|p|pre|s|span|strong|sup|table|tbody|td|th|thead|tr|ul)"
    r"(?: (?:class|href|id|data-mark|aria-label|target|rel|start|title)=\"[^\"]*\")*>"
)
PIECES = st.sampled_from(
    ["<script>", "</p>", "<img src=x onerror=alert(1)>", "[", "](", ")", "javascript:", "http://e.x/", "!", "`",
     "\n", "\n\n", "|", "-", "1", "[1]", "<svg/onload=x>", "&lt;", "&#60;", "\x00", "\ue000", "<!--", "a\"b'", "*"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=20).map("".join), st.booleans())
def test_nothing_but_the_allowed_elements_comes_out(text: str, partial: bool) -> None:
    html = markup(text, partial=partial)
    assert "<" not in ALLOWED.sub("", html)
    for href in re.findall(r'href="([^"]*)"', html):
        assert href.startswith(("http://", "https://", "#t1-f"))
