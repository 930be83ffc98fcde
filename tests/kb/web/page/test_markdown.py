"""What a model writes, and the little that may become of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.types import CheckedSentence, Support
from kb.web.page.markdown import model_blocks
from kb.web.page.strings_en import EN

FOOTNOTE = re.compile(r'<a class="fn" href="#t1-s(\d+)"')


def markup(
    text: str, *, sources: int = 3, partial: bool = False, checks: tuple[CheckedSentence, ...] = ()
) -> str:
    return "".join(
        model_blocks(
            text,
            turn_id="t1",
            sources=range(1, sources + 1),
            partial=partial,
            checks=checks,
            strings=EN,
        )
    )


def footnotes(html: str) -> list[int]:
    return [int(n) for n in FOOTNOTE.findall(html)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Twice a year [1].", [1]),
        ("Twice a year.[1][3]", [1, 3]),
        ("as in attention [1, 2].", []),
        ("每年两次[2]。", [2]),
        ("**Bold [2]** and | [3]", [2, 3]),
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


def test_only_the_first_of_a_footnote_can_be_gone_back_to() -> None:
    assert markup("a [1] b [1]").count('id="t1-f1"') == 1


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
        "#t1-s1",
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
    blocks = model_blocks(text, turn_id="t1", sources=[1], strings=EN)
    assert len(blocks) == 5
    assert model_blocks(text + " and more\n\nseven", turn_id="t1", sources=[1], strings=EN)[:4] == blocks[:4]


def test_an_unsupported_sentence_is_marked_and_a_model_cannot_mark_itself() -> None:
    doubt = CheckedSentence("It is blue.", 0, 15, (1,), Support.UNSUPPORTED, reason="blue <b>")
    html = markup("It is blue [1]. It is red [1].", checks=(doubt,))
    assert "“blue &lt;b&gt;” stands in no passage. Check it" in html
    assert html.count('class="unsupported"') == 1
    assert html.index("blue") < html.index("unsupported") < html.index("red")
    assert "unsupported" not in markup("It is \ue000 blue.")


def test_a_link_to_nowhere_is_text() -> None:
    assert "href" not in markup("[text]()")


ALLOWED = re.compile(
    r"</?(?:a|blockquote|br|code|del|em|h[345]|hr|li|ol|p|pre|s|span|strong|sup|table|tbody|td|th|thead|tr|ul)"
    r"(?: (?:class|href|id|data-source|aria-label|target|rel|start|title)=\"[^\"]*\")*>"
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
        assert href.startswith(("http://", "https://", "#t1-s"))
