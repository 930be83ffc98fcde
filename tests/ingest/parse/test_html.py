"""A saved page is read whole: only what is never content goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parse.html import parse_html
from kb.errors import BadInput
from kb.types import BlockKind, ParagraphPlace, ParsedDocument


def read(folder: Path, markup: str | bytes) -> ParsedDocument:
    path = folder / "blob"
    path.write_bytes(markup.encode() if isinstance(markup, str) else markup)
    return parse_html(path, "a.html")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a <b>b</b><i>c</i></p>", "a bc"),
        ("<div>one</div>two<div>three</div>", "one\ntwo\nthree"),
        ("<p>x<script>s()</script><style>s</style><template>t</template></p>", "x"),
        ("<nav>menu</nav><p>x</p><p hidden>y</p><p style='display:none'>z</p>", "x"),
        ("<p>a<br>b</p>", "a\nb"),
        ("<p>a\n   b&nbsp;c&#160;d</p>", "a b c d"),
        ("<p><h1>Title</h1>text", "Title\ntext"),
        ("<ol start=2><li>a<li>b</ol>", "2. a\n3. b"),
        ("<table><tr><td>a<td>b<tr><td><p>c</p><td></table>", "a | b\nc"),
        ("<table><tr><td>framed</td></tr></table>", "framed"),
        ("<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", "a | b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<img alt='A map'>", "A map"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby><ruby>字<rt>ji</rt></ruby>", "漢(kan)字(ji)"),
        (
            "<math><semantics><mi>a</mi><annotation encoding='application/x-tex'>a_1</annotation></semantics></math>",
            "$a_1$",
        ),
        ("<script type='math/tex'>e^x</script>", "$e^x$"),
        ("<my-card>custom</my-card><p>x", "custom\nx"),
        ("<details><summary>More</summary>hidden by a click</details>", "More\nhidden by a click"),
    ],
)
def test_what_a_reader_sees(markup: str, text: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"<html><body>{markup}</body></html>").text == text


def test_structure_and_paragraph_numbers(tmp_path: Path) -> None:
    document = read(
        tmp_path, "<h2>H</h2><ul><li>a<ul><li>b</ul></ul><table><tr><td>c<td>d<tr><td>e<td>f</table><p>g"
    )
    expected = [
        (BlockKind.HEADING, 2, [1]),
        (BlockKind.LIST_ITEM, 1, [2]),
        (BlockKind.LIST_ITEM, 2, [3]),
        (BlockKind.TABLE, 0, [4, 5]),
        (BlockKind.PARAGRAPH, 0, [6]),
    ]
    found = [(block.kind, block.level, [span.place for span in block.spans]) for block in document.blocks]
    assert found == [(kind, level, [*map(ParagraphPlace.at, numbers)]) for kind, level, numbers in expected]


def test_the_title_is_findable_unless_the_page_says_it(tmp_path: Path) -> None:
    first = read(tmp_path, "<title>Tides</title><p>x")
    assert (first.title, first.blocks[0].kind, first.blocks[0].text) == ("Tides", BlockKind.MARGIN, "Tides")
    assert read(tmp_path, "<title>Tides</title><h1>Tides</h1>").text == "Tides"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("gb2312", "gbk"), ("utf-8", "utf-16"), ("shift_jis", "cp932"), ("big5", "big5")],
)
def test_the_bytes_decide_the_encoding(declared: str, encoding: str, tmp_path: Path) -> None:
    page = f'<html><meta charset="{declared}"><body><p>潮水的中文日本</p></body></html>'
    assert read(tmp_path, page.encode(encoding)).text == "潮水的中文日本"


@pytest.mark.parametrize("tag", ["div", "font", "b", "blockquote"])
def test_depth_loses_nothing(tag: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"<{tag}>" * 1000 + "deep" + f"</{tag}>" * 1000 + "<p>after")
    assert document.text.split() == ["deep", "after"]


def test_absurd_depth_is_refused_rather_than_cut(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nested"):
        read(tmp_path, "<div>" * 10_000 + "lost")


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        (
            "<dl><dt>Next meeting</dt><dd>2 June, 18:30</dd><dt>By</dt><dd>Aoki</dd><dd>and Brennan</dd></dl>",
            ["Next meeting: 2 June, 18:30", "By: Aoki", "and Brennan"],
        ),
        (
            "<dl><div><dt>Price:</dt><dd><p>3 euros</p><p>in cash</p></dd></div></dl>",
            ["Price: 3 euros", "in cash"],
        ),
        ("<dl><dt>A</dt><dt>B</dt><dd>both</dd><dt>C</dt><dd></dd></dl>", ["A", "B: both", "C"]),
        ("<dl>first<dt><b>How</b> is it?</dt><dd>Good.</dd>last</dl>", ["first", "How is it? Good.", "last"]),
        ("<dl><dt>Kinds</dt><dd><ul><li>one<li>two</ul></dd></dl>", ["Kinds", "one", "two"]),
        (f"<dl><dt>{'long ' * 20}</dt><dd>short</dd></dl>", ["long " * 19 + "long", "short"]),
    ],
)
def test_a_term_and_what_is_said_of_it_stand_on_one_line(
    tmp_path: Path, markup: str, read: list[str]
) -> None:
    page = tmp_path / "terms.html"
    page.write_text(f"<html><body>{markup}</body></html>")
    assert [block.text for block in parse_html(page, page.name).blocks] == read
