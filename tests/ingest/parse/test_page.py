"""What a saved page shows is read, with the state of its fields; what it strikes out or hides is not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ingest.parse.html import parse_html
from kb.errors import BadInput
from kb.types import ParsedDocument

ANSWER = "You may return an item within 45 days."


def read(folder: Path, markup: str, head: str = "") -> ParsedDocument:
    path = folder / "blob"
    path.write_text(f"<html><head>{head}</head><body>{markup}</body></html>", encoding="utf-8")
    return parse_html(path, "a.html")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Rate <s>78</s> <del>85</del> <strike>86</strike> 92", "Rate 92"),
        ("<p>Rate <span style='text-decoration: line-through'>78</span> 92", "Rate 92"),
        (
            "<p>Rate <span style='color:red;text-decoration-line:underline line-through'>78</span> 92",
            "Rate 92",
        ),
        ("<p>Rate <span style='text-decoration: underline'>92</span>", "Rate 92"),
        ("<p>Rate <span class='price line-through'>78</span> 92", "Rate 92"),
        ("<ul><li><del>Mondays</del><li>Thursdays</ul>", "Thursdays"),
        (
            "<table><tr><td>a<td>b<tr class=old style='text-decoration:line-through'><td>c<td>d</table>",
            "a | b",
        ),
        ("<p>x<span aria-hidden=true>*</span><span style='visibility: hidden'>y</span>", "x"),
        ("<div aria-hidden=true><h1>Behind a dialog</h1><p>text</div>", "Behind a dialog\ntext"),
        ("<noscript>Turn it on</noscript><template><p>t</template><p>x", "x"),
        (
            "<p>10<sup>2</sup> kPa on 40 m<sup>2</sup>, H<sub>2</sub>O, 1<sup>st</sup>",
            "10^2 kPa on 40 m², H2O, 1st",
        ),
        ("<p>rates<sup>1</sup> fell.<sup>2</sup> Then", "rates^1 fell. Then"),
        ("<p>rates<sup><a href='#fn1'>1</a></sup> fell", "rates fell"),
        ("<p>T<sup>−1</sup> and x<sup>n+1</sup> of <sup>14</sup>C", "T^−1 and x^(n+1) of 14C"),
        ("<div class=drop-cap>O</div><p>nce upon a time", "Once upon a time"),
        ("<p><span class=dropcap>O</span>nce upon a time", "Once upon a time"),
        ("<p><img class=drop-cap alt=O src=o.png>nce upon a time", "Once upon a time"),
    ],
)
def test_what_formatting_says(markup: str, text: str, tmp_path: Path) -> None:
    assert read(tmp_path, markup).text == text


def test_style_sheets_strike_out_and_hide(tmp_path: Path) -> None:
    sheet = """<style>/* .kept {display:none} */ .old, p.gone { text-decoration: line-through }
        .secret { display: none } .shown { display: none } .shown { display: block }
        @media print { .paper { display: none } } a:hover .hover { display: none }</style>"""
    body = "<p>a <b class=old>b</b> <i class=secret>c</i> "
    body += "<i class=shown>d</i> <i class=paper>e</i> <b class=hover>f</b>"
    document = read(tmp_path, f"{body}<p class=gone>g<p class=kept>h", sheet)
    assert document.text == "a d e f\nh"
    assert document.warnings == ("Struck-out text was left out (2 passages).",)


def test_a_style_sheet_alone_hides_no_long_text(tmp_path: Path) -> None:
    long = "The tab holds what a script would show. " * 12
    assert (
        read(tmp_path, f"<div class=pane>{long}</div>", "<style>.pane{display:none}</style>").text
        == long.strip()
    )


@pytest.mark.parametrize(
    "panel",
    [
        "<button aria-expanded=false>Q</button><div style='display:none'>{}</div>",
        "<button aria-controls=p1>Q</button><hr><div id=p1 hidden>{}</div>",
        "<h3>Q</h3><div class=panel hidden>{}</div>",
        "<h3><button aria-expanded=false>Q</button></h3><div hidden>{}</div>",
        "<details><summary>Q</summary>{}</details>",
        "<a data-toggle=collapse href='#c'>Q</a><div id=c class=collapse style='display:none'>{}</div>",
        "<div><span role=button>Q</span></div><div aria-hidden=true style='display:none'>{}</div>",
        "<div role=tablist><button role=tab aria-controls=t>Q</button></div><div role=tabpanel id=t hidden>{}</div>",
        "<div hidden=until-found>Q<br>{}</div>",
        "<label for=x>Q</label><div style='display:none'>{}</div>",
        "<p>Q</p><span id=more style='display:none'>{}</span><button>Read more</button>",
    ],
)
def test_what_a_click_opens_is_content(panel: str, tmp_path: Path) -> None:
    assert read(tmp_path, panel.format(ANSWER)).text.split("\n") == ["Q", ANSWER]


@pytest.mark.parametrize(
    "hidden",
    [
        "<button>Open</button><div class=modal style='display:none'>{}</div>",
        "<h2>News</h2><div hidden>{}</div>",
        "<nav><button aria-expanded=false>Menu</button><div hidden>{}</div></nav>",
        "<button aria-controls=d>Open</button><div id=d role=dialog hidden>{}</div>",
        "<p>text</p><p style='display:none'>{}</p>",
    ],
)
def test_what_is_hidden_otherwise_is_not(hidden: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"<p>x</p>{hidden.format(ANSWER)}")
    assert "45 days" not in document.text


def test_fields_have_what_was_filled_in(tmp_path: Path) -> None:
    form = """<form>Customer: <input value="KD-55102" placeholder="KD-00000"> Phone: <input type=tel placeholder="+49">
        Note: <textarea>Ring twice</textarea> Size: <select><option>S<option selected>XL</select>
        Country: <select><option value="">Choose<option>Chad</select> Parts: <select multiple><option selected>A
        <option>B<option selected>C</select><input type=hidden value=tok><input type=password value=pw>
        <input type=submit value=Send><button>Reset</button></form>"""
    assert read(tmp_path, form).text == (
        "Customer: KD-55102 Phone: Note: Ring twice Size: XL Country: Parts: A, C"
    )
    boxes = """<label><input type=checkbox checked> Insured</label> <input type=radio id=r1><label for=r1>new</label>
        <input type=radio id=r2 checked><label for=r2>worn</label><p><input type=checkbox class=menu-toggle>"""
    assert read(tmp_path, boxes).text == "☒ Insured ☐ new ☒ worn"
    assert read(
        tmp_path, "<table><tr><td><input type=checkbox checked><td>Oak<tr><td>b<td>c</table>"
    ).text == ("☒ | Oak\nb | c")
    assert read(tmp_path, "<header><input value='search me'></header><p>x").text == "x"


def test_addresses_behind_links(tmp_path: Path) -> None:
    markup = """<ul><li><a href="https://intranet.example.org/forms/17b">Travel form</a></li>
        <li><a href="mailto:pay@example.org?subject=x">Payroll</a><li><a href="tel:+49301234">Phone</a>
        <li><a href="https://wiki.example.org/">wiki.example.org</a> <li><a href="#top">Top</a>
        <li><a href="javascript:x()">Print</a><li><a href="https://intranet.example.org/forms/17b">Travel form</a></ul>
        <h2><a href="https://a.example/b">Heading</a></h2>"""
    assert read(tmp_path, markup).text.split("\n") == [
        "Travel form (https://intranet.example.org/forms/17b)",
        *(
            "Payroll (pay@example.org)",
            "Phone (+49301234)",
            "wiki.example.org",
            "Top",
            "Print",
            "Travel form",
        ),
        "Heading",
    ]


@pytest.mark.parametrize(
    "head",
    ["<base href='https://a.example/x/'>", "<link rel=canonical href='https://a.example/x/page.html'>"],
)
def test_relative_addresses_start_at_the_page(head: str, tmp_path: Path) -> None:
    assert read(tmp_path, "<p>See <a href='form.pdf'>the form</a>.", head).text == (
        "See the form (https://a.example/x/form.pdf)."
    )
    wiki = "<p>" + ", ".join(f"<a href='/wiki/{word}'>{word}</a>" for word in ("Oak", "Elm", "Ash", "Fir"))
    assert read(tmp_path, wiki, head).text == "Oak, Elm, Ash, Fir"


def test_an_element_with_very_many_attributes_is_refused_at_once(tmp_path: Path) -> None:
    many = " ".join(f"a{number}=x" for number in range(60_000))
    start = time.monotonic()
    with pytest.raises(BadInput, match="attributes"):
        read(tmp_path, f"<p {many}>hello")
    assert time.monotonic() - start < 3
    script = "if (a<b && " + "c d = e " * 30_000 + ") {}"
    assert read(tmp_path, f"<script>{script}</script><p>hello").text == "hello"
