from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.acroform import AcroForm
from reportlab.pdfgen.canvas import Canvas

from ingest.parse.pdf.document import parse_pdf
from tests.ingest.raw_pdf import lines_of, raw_pdf, stream

_Draw = Callable[[Canvas, AcroForm], None]


def read(path: Path, draw: _Draw) -> list[str]:
    """The blocks of a form."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica", 11)
    draw(canvas, canvas.acroForm)
    canvas.save()
    return [block.text for block in parse_pdf(path, path.name).blocks]


def test_boxes_and_options_are_read_with_their_state_before_their_label(tmp_path: Path) -> None:
    def draw(canvas: Canvas, form: AcroForm) -> None:
        canvas.drawString(60, 750, "Do you own a car?")
        for x, word, chosen in ((170, "Yes", True), (230, "No", False)):
            form.radio(name="car", value=word, selected=chosen, x=x, y=746, size=14)
            canvas.drawString(x + 20, 750, word)
        for y, word, ticked in ((700, "I have read the conditions", True), (680, "Send me letters", False)):
            form.checkbox(name=word, checked=ticked, x=60, y=y - 3, size=14)
            canvas.drawString(80, y, word)

    assert read(tmp_path / "a.pdf", draw) == [
        "Do you own a car? ☒ Yes ☐ No",
        "☒ I have read the conditions",
        "☐ Send me letters",
    ]


def test_a_box_behind_its_label_is_read_before_it(tmp_path: Path) -> None:
    def draw(canvas: Canvas, form: AcroForm) -> None:
        canvas.drawString(60, 750, "Smoker:")
        for x, word, ticked in ((130, "Yes", True), (190, "No", False)):
            canvas.drawString(x, 750, word)
            form.checkbox(name=word, checked=ticked, x=x + 22, y=748, size=12)
        canvas.drawString(60, 720, "I agree to the rules of the house")
        form.checkbox(name="rules", checked=True, x=480, y=718, size=12)

    assert read(tmp_path / "a.pdf", draw) == [
        "Smoker: ☒ Yes ☐ No",
        "☒ I agree to the rules of the house",
    ]


def test_options_below_their_names_stay_in_the_columns_of_a_table(tmp_path: Path) -> None:
    def draw(canvas: Canvas, form: AcroForm) -> None:
        canvas.drawString(60, 780, "How did you like")
        for column, word in enumerate(("good", "fair", "bad")):
            canvas.drawString(250 + 60 * column, 780, word)
        for row, asked in enumerate(("the food", "the rooms", "the staff")):
            canvas.drawString(60, 760 - 20 * row, asked)
            for column in range(3):
                place = {"x": 252 + 60 * column, "y": 758 - 20 * row, "size": 12}
                form.radio(name=asked, value=str(column), selected=row == 2 - column, **place)

    (table,) = read(tmp_path / "a.pdf", draw)
    assert table.split("\n") == [
        "How did you like | good | fair | bad",
        "the food | ☐ | ☐ | ☒",
        "the rooms | ☐ | ☒ | ☐",
        "the staff | ☒ | ☐ | ☐",
    ]


def test_values_stand_at_their_labels_before_them_or_above(tmp_path: Path) -> None:
    def draw(canvas: Canvas, form: AcroForm) -> None:
        field = {"height": 18, "fontSize": 11}
        canvas.drawString(60, 780, "Name:")
        canvas.drawString(60, 750, "Zone:")
        canvas.drawString(60, 720, "Plate:")
        canvas.drawString(60, 660, "Street")
        canvas.drawString(60, 600, "I have lived here for")
        canvas.drawString(205, 600, "years.")
        form.textfield(name="n", value="Ada Lovelace", x=120, y=775, width=200, **field)
        form.choice(name="z", value="North", options=["North", "South"], x=120, y=745, width=90, **field)
        form.textfield(
            name="p", value="ZH4711", x=120, y=715, width=160, fieldFlags="comb", maxlen=8, **field
        )
        form.textfield(name="s", value="12 Main Road", x=60, y=636, width=200, **field)
        form.textfield(name="y", value="12", x=170, y=595, width=30, **field)

    assert read(tmp_path / "a.pdf", draw) == [
        "Name: Ada Lovelace",
        "Zone: North",
        "Plate: ZH4711",
        "Street 12 Main Road",
        "I have lived here for 12 years.",
    ]


def test_a_list_says_what_was_chosen_and_a_password_nothing(tmp_path: Path) -> None:
    def draw(canvas: Canvas, form: AcroForm) -> None:
        canvas.drawString(60, 750, "Day:")
        canvas.drawString(60, 700, "Password:")
        days = ["Monday", "Tuesday", "Wednesday"]
        form.listbox(name="d", value="Tuesday", options=days, x=120, y=715, width=90, height=50, fontSize=11)
        form.textfield(name="p", value="hunter2", x=120, y=695, width=90, height=18, fieldFlags="password")

    assert read(tmp_path / "a.pdf", draw) == ["Day: Tuesday", "Password:"]


def test_a_value_without_a_drawing_is_read_and_a_hidden_one_is_not(tmp_path: Path) -> None:
    shown = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(four weeks)/Rect[150 766 300 784]/F 4>>"
    hidden = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(b)/V(not this)/Rect[150 736 300 750]/F 2>>"
    path = raw_pdf(
        tmp_path / "a.pdf",
        [lines_of([b"Notice period:"])],
        page="/Annots[100 0 R 101 0 R]",
        catalog="/AcroForm<</Fields[100 0 R 101 0 R]>>",
        extra=[shown, hidden],
    )
    assert parse_pdf(path, path.name).text == "Notice period: four weeks"


def test_an_xfa_form_is_announced(tmp_path: Path) -> None:
    path = raw_pdf(
        tmp_path / "a.pdf",
        [lines_of([b"Please wait while the document is loaded."])],
        catalog="/AcroForm<</Fields[]/XFA 100 0 R>>",
        extra=[stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")],
    )
    (warning,) = parse_pdf(path, path.name).warnings
    assert warning.startswith("It is an XFA form")
