"""Forms in Word and PDF: which box is ticked, which entry was chosen, what was filled in."""

from __future__ import annotations

from html import escape
from io import BytesIO
from pathlib import Path

from docx import Document as WordFile
from docx.oxml import parse_xml
from reportlab.pdfgen.canvas import Canvas

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written

_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)


def _run(inner: str) -> str:
    return f"<w:r>{inner}</w:r>"


def _text(said: str) -> str:
    return _run(f'<w:t xml:space="preserve">{escape(said)}</w:t>')


def _legacy(data: str, shown: str, instruction: str) -> str:
    """A field of Word's older forms."""
    return (
        _run(
            f'<w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="f"/><w:enabled/>{data}</w:ffData></w:fldChar>'
        )
        + _run(f'<w:instrText xml:space="preserve"> {instruction} </w:instrText>')
        + _run('<w:fldChar w:fldCharType="separate"/>')
        + (_text(shown) if shown else "")
        + _run('<w:fldChar w:fldCharType="end"/>')
    )


def box(ticked: bool, *, default: bool = False) -> str:
    state = (
        '<w:default w:val="1"/>' if default else f'<w:default w:val="0"/><w:checked w:val="{int(ticked)}"/>'
    )
    return _legacy(f"<w:checkBox><w:sizeAuto/>{state}</w:checkBox>", "", "FORMCHECKBOX")


def box_without_value() -> str:
    """Ticked as some programs write it: the element without a value."""
    return _legacy(
        '<w:checkBox><w:sizeAuto/><w:default w:val="0"/><w:checked/></w:checkBox>', "", "FORMCHECKBOX"
    )


def choice(entries: tuple[str, ...], chosen: int) -> str:
    listed = "".join(f'<w:listEntry w:val="{escape(entry)}"/>' for entry in entries)
    return _legacy(f'<w:ddList><w:result w:val="{chosen}"/>{listed}</w:ddList>', "", "FORMDROPDOWN")


def field(value: str) -> str:
    return _legacy("<w:textInput/>", value, "FORMTEXT")


def control(properties: str, shown: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{_text(shown)}</w:sdtContent></w:sdt>"


def modern_box(ticked: bool, *, sign: str = "") -> str:
    return control(
        f'<w14:checkbox><w14:checked w14:val="{int(ticked)}"/></w14:checkbox>',
        sign or ("☒" if ticked else "☐"),
    )


def modern_choice(entries: tuple[str, ...], chosen: str) -> str:
    listed = "".join(
        f'<w:listItem w:displayText="{escape(entry)}" w:value="{escape(entry)}"/>' for entry in entries
    )
    return control(f"<w:dropDownList>{listed}</w:dropDownList>", chosen)


def word(title: str, *paragraphs: str) -> bytes:
    file = WordFile()
    file.add_heading(title, 1)
    body = file.element.body
    for inner in paragraphs:
        body.insert(len(body) - 1, parse_xml(f"<w:p {_SPACES}>{inner}</w:p>"))
    saved = BytesIO()
    file.save(saved)
    return saved.getvalue()


def pdf() -> bytes:
    saved = BytesIO()
    canvas = Canvas(saved)
    form = canvas.acroForm
    canvas.drawString(60, 790, "Application for a garden plot")
    for line, (label, ticked) in enumerate(
        (("With greenhouse", True), ("With water connection", False), ("Statutes were read", True))
    ):
        canvas.drawString(90, 740 - 30 * line, label)
        form.checkbox(name=f"box{line}", x=60, y=736 - 30 * line, size=16, checked=ticked)
    for line, (label, value) in enumerate(
        (("Name of the applicant:", "Odile Ferrand"), ("Size wanted:", "240 square metres"))
    ):
        canvas.drawString(60, 640 - 30 * line, label)
        form.textfield(name=f"text{line}", x=220, y=634 - 30 * line, width=200, height=20, value=value)
    canvas.drawString(60, 560, "Colony:")
    form.choice(
        name="colony",
        x=220,
        y=554,
        width=160,
        height=20,
        value="Mill bank",
        options=["River side", "Mill bank", "Old brickworks"],
    )
    canvas.save()
    return saved.getvalue()


FILES: dict[str, str | bytes] = {
    "inspection.docx": word(
        "Inspection of the lift",
        _text("Brakes: ") + box(True) + _text(" worn ") + box(False) + _text(" in order"),
        _text("Ropes: ") + box(False) + _text(" frayed ") + box_without_value() + _text(" without faults"),
        _text("Cabin light: ") + box(False, default=True) + _text(" works"),
        _text("Next inspection: ") + choice(("spring", "autumn", "next year"), 1),
        _text("Inspector: ") + field("Ragnhild Moen"),
        _text("Load tested: ") + modern_box(True) + _text(" yes ") + modern_box(False) + _text(" no"),
        _text("Class of the lift: ") + modern_choice(("Class A", "Class B", "Class C"), "Class C"),
    ),
    "registration.docx": word(
        "Registration for the summer school",
        _text("Course: ") + modern_choice(("Weaving", "Pottery", "Bookbinding"), "Bookbinding"),
        _text("Meals: ")
        + modern_box(False)
        + _text(" with meat ")
        + modern_box(True, sign="\uf0fe")
        + _text(" vegetarian"),
        _text("Arrival: ") + control('<w:date w:fullDate="2024-07-12T00:00:00Z"/>', "12 July 2024"),
        _text("Room shared with: ") + field("Tove Lindahl"),
        _text("Bed linen is brought along: ") + box(True) + _text(" yes ") + box(False) + _text(" no"),
    ),
    "体检表.docx": word(
        "入职体检表",
        _text("视力：") + box(False) + _text("正常 ") + box(True) + _text("近视"),
        _text("血型：") + choice(("A型", "B型", "O型", "AB型"), 2),
        _text("过敏史：") + modern_box(True) + _text("花粉 ") + modern_box(False) + _text("青霉素"),
        _text("体检医生：") + field("陆文娟"),
    ),
    "uebergabe.docx": word(
        "Übergabe der Wohnung",
        _text("Zustand der Fenster: ") + box(False) + _text(" einwandfrei ") + box(True) + _text(" undicht"),
        _text("Heizung: ") + modern_choice(("Gas", "Fernwärme", "Öl"), "Fernwärme"),
        _text("Zahl der Schlüssel: ") + field("5"),
    ),
    "plot.pdf": pdf(),
}

CASES: list[Case] = [
    case("What is the state of the brakes of the lift?", "☒ worn", "☐ in order"),
    case("How are the ropes of the lift?", "☒ without faults", "☐ frayed"),
    case("Does the cabin light work?", "☒ works"),
    case("When is the next inspection of the lift?", "autumn", lacks=["spring"]),
    case("Who is the inspector of the lift?", "Ragnhild Moen"),
    case("Was the load of the lift tested?", "☒ yes", "☐ no"),
    case("Which class does the lift have?", "Class C", lacks=["Class A"]),
    case("Which course was chosen for the summer school?", "Bookbinding", lacks=["Weaving"]),
    case("Which meals were chosen?", "☒ vegetarian", "☐ with meat"),
    case("When is the arrival at the summer school?", "12 July 2024"),
    case("With whom is the room shared?", "Tove Lindahl"),
    case("Is bed linen brought along?", "☒ yes"),
    case("体检的视力结果是什么？", "☒近视", "☐正常"),
    case("血型是什么？", "O型", lacks=["AB型"]),
    case("有什么过敏史？", "☒花粉", "☐青霉素"),
    case("体检医生是谁？", "陆文娟"),
    case("In welchem Zustand sind die Fenster?", "☒ undicht", "☐ einwandfrei"),
    case("Welche Heizung hat die Wohnung?", "Fernwärme", lacks=["Öl"]),
    case("Wie viele Schlüssel werden übergeben?", "5"),
    case("Who is the applicant for the garden plot?", "Odile Ferrand"),
    case("Which size of plot is wanted?", "240 square metres"),
    case("Which colony was chosen for the plot?", "Mill bank"),
    case("Does the plot have a greenhouse?", "☒", "With greenhouse"),
    case("Is a water connection wanted for the plot?", "☐", "With water connection"),
    case("Were the statutes read by the applicant?", "☒", "Statutes were read"),
    case("brakes worn or in order?", "☒ worn"),
    case("Ropes of the lift frayed?", "☐ frayed"),
    case("Summer school: vegetarian or with meat?", "☒ vegetarian"),
    case("Sind die Fenster undicht?", "☒ undicht"),
    case("对花粉过敏吗？", "☒花粉"),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    assert misses(written(tmp_path, FILES), CASES, remembering) == []
