"""What formatting says of a Word document is in its words: what does not stand is gone, what was ticked is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parse.docx.document import parse_docx
from kb.types import ParsedDocument
from tests.data.make_samples import paragraph, table, text_box, write_docx

STYLES = """
<w:style w:type="paragraph" w:styleId="Old"><w:name w:val="Old"/><w:rPr><w:strike/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Older"><w:name w:val="Older"/><w:basedOn w:val="Old"/></w:style>
<w:style w:type="character" w:styleId="Gone"><w:name w:val="Gone"/><w:rPr><w:strike/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Twice"><w:name w:val="Twice"/><w:rPr><w:dstrike/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Dark"><w:name w:val="Dark"/><w:pPr><w:shd w:val="clear" w:fill="002060"/></w:pPr>
</w:style>
"""
STRUCK_BY_DEFAULT = "<w:docDefaults><w:rPrDefault><w:rPr><w:strike/></w:rPr></w:rPrDefault></w:docDefaults>"
WHITE = '<w:color w:val="FFFFFF"/>'
NAVY = '<w:shd w:val="clear" w:fill="002060"/>'


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def mark(kind: str, inside: str = "") -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}">{inside}</w:fldChar></w:r>'


def field(code: str, result: str | None = None, data: str = "") -> str:
    shown = "" if result is None else mark("separate") + result
    return (
        mark("begin", data)
        + f"<w:r><w:instrText xml:space='preserve'> {code} </w:instrText></w:r>"
        + shown
        + mark("end")
    )


def box(properties: str) -> str:
    return field("FORMCHECKBOX", data=f"<w:ffData><w:checkBox>{properties}</w:checkBox></w:ffData>")


def control(properties: str, content: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def tick(state: str, sign: str) -> str:
    return control(f'<w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox>', run(sign))


def read(folder: Path, body: str, styles: str = STYLES, **parts: str) -> ParsedDocument:
    path = write_docx(folder / "x.docx", body, {"styles": styles, **parts})
    return parse_docx(path, "x.docx")


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (run("Rent: ") + run("980", "<w:strike/>") + run(" 1,045"), "Rent: 1,045"),
        (run("Keys: ") + run("four", "<w:dstrike/>") + run(" three"), "Keys: three"),
        (run("kept", '<w:strike w:val="0"/><w:dstrike w:val="false"/><w:vanish w:val="off"/>'), "kept"),
        (run("Note: ") + run("he is a friend", "<w:vanish/>") + run("none"), "Note: none"),
        (run("seen on paper", "<w:webHidden/>"), "seen on paper"),
        (run("a") + run("b", '<w:rStyle w:val="Gone"/>') + run("c"), "ac"),
        (run("a") + run("b", '<w:rStyle w:val="Secret"/>') + run("c"), "ac"),
        (run("a") + run("b", '<w:rStyle w:val="Twice"/>') + run("c"), "ac"),
        (run("a") + run("b", '<w:rStyle w:val="Gone"/><w:strike w:val="0"/>') + run("c"), "abc"),
        (run("Loud", "<w:caps/>") + run(" and small", "<w:smallCaps/>"), "Loud and small"),
        (run("10") + run("2", '<w:vertAlign w:val="superscript"/>') + run(" kPa"), "10^2 kPa"),
        (run("40 m") + run("2", '<w:vertAlign w:val="superscript"/>'), "40 m²"),
        (run("H") + run("2", '<w:vertAlign w:val="subscript"/>') + run("O"), "H2O"),
        (run("It fell.") + run("3", '<w:vertAlign w:val="superscript"/>') + run(" Then"), "It fell. Then"),
        (run("rates") + run("1", '<w:vertAlign w:val="superscript"/>'), "rates^1"),
        (run("1") + run("st", '<w:vertAlign w:val="superscript"/>'), "1st"),
        (
            "<w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>stop co</w:t><w:softHyphen/><w:t>op</w:t></w:r>",
            "non-stop coop",
        ),
        (
            '<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>'
            + run("\uf0b3 2", '<w:rFonts w:ascii="Symbol"/>'),
            "α≥ 2",
        ),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F0A3"/><w:t xml:space="preserve"> no</w:t></w:r>', "☐ no"),
        (run("before ") + run("unseen", WHITE) + run("after"), "before after"),
        (
            run("on navy", WHITE + NAVY) + run(" and marked", WHITE + '<w:highlight w:val="red"/>'),
            "on navy and marked",
        ),
    ],
)
def test_runs(runs: str, text: str, tmp_path: Path) -> None:
    assert read(tmp_path, paragraph(runs)).text == text


def test_styles_strike_out_and_toggles_cancel(tmp_path: Path) -> None:
    body = (
        paragraph("old", style="Old")
        + paragraph("inherited", style="Older")
        + paragraph(run("not ") + run("twice", '<w:rStyle w:val="Gone"/>'), style="Old")
        + paragraph(run("stands", '<w:strike w:val="0"/>'), style="Old")
    )
    assert read(tmp_path, body).text == "twice\nstands"
    stands = run("stands", '<w:strike w:val="0"/>')
    assert read(tmp_path, paragraph("x") + paragraph(stands), STRUCK_BY_DEFAULT).text == "stands"


def test_the_person_is_told_what_was_left_out(tmp_path: Path) -> None:
    struck, hidden = run("a", "<w:strike/>"), run("b", "<w:vanish/>")
    document = read(tmp_path, paragraph(struck + struck + hidden + run("c") + struck))
    assert document.warnings == (
        "Struck-out text was left out (2 passages).",
        "Hidden text was left out (1 passage).",
    )


def test_white_letters_on_a_dark_ground_are_read(tmp_path: Path) -> None:
    dark = f"<w:tcPr>{NAVY}</w:tcPr>{paragraph(run('Head', WHITE))}"
    styled = table((paragraph(run("Row", WHITE)), "b"), ("c", "d")).replace(
        "<w:tbl>", '<w:tbl><w:tblPr><w:tblStyle w:val="GridTable5Dark"/></w:tblPr>'
    )
    plain = table((paragraph(run("unseen", WHITE)), "e"), ("f", "g"))
    body = table((dark, "a"), ("x", "y")) + styled + plain + paragraph(run("Banner", WHITE), style="Dark")
    text = read(tmp_path, body).text
    assert text == "Head | a\nx | y\nRow | b\nc | d\n | e\nf | g\nBanner"


def test_tracked_changes_of_paragraphs_rows_and_cells(tmp_path: Path) -> None:
    deleted = '<w:rPr><w:del w:id="1"/></w:rPr>'
    body = paragraph("First half", properties=deleted) + paragraph(run(" second half"), style="Plain")
    row = "<w:tr><w:trPr><w:del w:id='2'/></w:trPr><w:tc>" + paragraph("Painting") + "</w:tc></w:tr>"
    hidden = "<w:tr><w:trPr><w:hidden/></w:trPr><w:tc>" + paragraph("Margin") + "</w:tc></w:tr>"
    grid = table(
        ("Item", "Fee", f"<w:tcPr><w:cellDel w:id='3'/></w:tcPr>{paragraph('Old')}"), ("Cleaning", "120")
    )
    body += grid.replace("</w:tbl>", f"{row}{hidden}</w:tbl>")
    assert read(tmp_path, body).text == "First half second half\nItem | Fee\nCleaning | 120"


def test_a_drop_cap_joins_its_word(tmp_path: Path) -> None:
    frame = '<w:framePr w:dropCap="drop" w:lines="3"/>'
    document = read(tmp_path, paragraph("O", properties=frame) + paragraph("nce upon a time"))
    assert [block.text for block in document.blocks] == ["Once upon a time"]


def test_legacy_form_fields_tell_their_state(tmp_path: Path) -> None:
    entries = '<w:listEntry w:val="ground floor"/><w:listEntry w:val="attic"/>'
    boxes = [
        box('<w:default w:val="0"/>') + run(" new "),
        box('<w:default w:val="0"/><w:checked/>') + run(" worn "),
        box('<w:default w:val="1"/>') + run(" insured "),
        box('<w:default w:val="1"/><w:checked w:val="0"/>') + run(" damaged"),
    ]
    chosen = field(
        "FORMDROPDOWN", data=f'<w:ffData><w:ddList><w:result w:val="1"/>{entries}</w:ddList></w:ffData>'
    )
    first = field("FORMDROPDOWN", data=f"<w:ffData><w:ddList>{entries}</w:ddList></w:ffData>")
    typed = field("FORMTEXT", run("Mirela Voss"), "<w:ffData><w:textInput/></w:ffData>")
    body = (
        paragraph("".join(boxes)) + paragraph(run("Floor: ") + chosen) + paragraph(first) + paragraph(typed)
    )
    assert (
        read(tmp_path, body).text
        == "☐ new ☒ worn ☒ insured ☐ damaged\nFloor: attic\nground floor\nMirela Voss"
    )


def test_content_controls_tell_their_state_and_no_prompts(tmp_path: Path) -> None:
    prompt = control("<w:showingPlcHdr/><w:dropDownList/>", run("Choose an item."))
    chosen = control("<w:dropDownList/>", run("Harbour branch"))
    date = control('<w:date w:fullDate="2025-03-04T00:00:00Z"/>', run("4 March 2025"))
    block = control("<w:showingPlcHdr/>", paragraph("Click or tap here to enter text."))
    body = paragraph(tick("1", "✔") + run(" tested ") + tick("0", "☐") + run(" sealed"))
    body += (
        paragraph(run("Branch: ") + prompt) + paragraph(run("Branch: ") + chosen) + paragraph(date) + block
    )
    assert read(tmp_path, body).text == "☒ tested ☐ sealed\nBranch:\nBranch: Harbour branch\n4 March 2025"


def test_codes_of_fields_are_not_shown_even_with_fields_in_them(tmp_path: Path) -> None:
    inner = field("MERGEFIELD x", run("INNER"))
    outer = (
        mark("begin") + "<w:r><w:instrText>IF </w:instrText></w:r>" + inner + run("code") + mark("separate")
    )
    assert read(tmp_path, paragraph(run("Dear ") + outer + run("Ms Ode") + mark("end"))).text == "Dear Ms Ode"


def test_addresses_behind_links(tmp_path: Path) -> None:
    form = "https://intranet.example.org/forms/17b"
    relations = "".join(
        f'<Relationship Id="{name}" TargetMode="External" Target="{target}" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/>'
        for name, target in {
            "w1": form,
            "w2": "mailto:pay@example.org?subject=x",
            "w3": "https://a.example/b",
        }.items()
    )
    link = '<w:hyperlink r:id="{}">{}</w:hyperlink>'.format
    body = (
        paragraph(
            run("The ")
            + link("w1", run("travel form"))
            + run(", ")
            + link("w1", run("travel form"))
            + run(".")
        )
        + paragraph(link("w2", run("Payroll ")) + run("office"))
        + paragraph(link("w3", run("a.example/b")) + run(" is its own address"))
        + paragraph('<w:hyperlink w:anchor="_Toc1">' + run("Chapter 2") + "</w:hyperlink>")
        + paragraph(field('HYPERLINK "https://wiki.example.org/start" \\o "tip"', run("the wiki")))
        + paragraph(field('HYPERLINK \\l "top"', run("to the top")))
    )
    path = write_docx(tmp_path / "x.docx", body, relations=relations)
    assert parse_docx(path, "x.docx").text == (
        f"The travel form ({form}), travel form.\nPayroll (pay@example.org) office\na.example/b is its own address\n"
        "Chapter 2\nthe wiki (https://wiki.example.org/start)\nto the top"
    )


def test_a_text_box_in_a_hidden_run_is_hidden(tmp_path: Path) -> None:
    hidden = text_box("boxed").replace("<w:r>", "<w:r><w:rPr><w:vanish/></w:rPr>", 1)
    assert read(tmp_path, paragraph(run("seen") + hidden)).text == "seen"
