"""Fields of a PDF form: check boxes and options with their state, fields and lists with their value."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parse.look.formatting import EMPTY, TICKED
from ingest.parse.pdf.characters import View
from ingest.parse.pdf.letters import Box

_BUTTONS = (pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON)
_VALUES = (
    pdfium_c.FPDF_FORMFIELD_TEXTFIELD,
    pdfium_c.FPDF_FORMFIELD_COMBOBOX,
    pdfium_c.FPDF_FORMFIELD_LISTBOX,
)
_NOT_SHOWN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
_MOST = 500
"""Fields of a page that are looked at; a tax form has some 200."""
_LONGEST = 20_000
"""Characters of one value."""

XFA_NOTICE = (
    "It is an XFA form, whose pages a program makes when they are shown: only what stands on its plain pages was "
    "read. Open it in Adobe Reader and print it to a new PDF, and add that, if something is missing."
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field on the page as it is shown."""

    box: Box
    mark: str
    """The state of a check box or an option; "" for other fields."""
    value: str
    listed: bool
    """Whether all entries of a list are drawn, of which the value is some."""
    secret: bool


def fields_of(page: pdfium.PdfPage) -> list[Field]:
    """Returns the boxes, options and values of the form on a page; to be called before it is flattened."""
    form = page.formenv
    if form is None:
        return []
    view, fields = View(page), list[Field]()
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            field = _field(form, annotation, view)
        finally:
            pdfium_c.FPDFPage_CloseAnnot(annotation)
        if field is not None:
            fields.append(field)
    return fields


def _field(form: pdfium.PdfFormEnv, annotation: pdfium_c.FPDF_ANNOTATION, view: View) -> Field | None:
    kind = pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation)
    rect = pdfium_c.FS_RECTF()
    if pdfium_c.FPDFAnnot_GetFlags(annotation) & _NOT_SHOWN or not pdfium_c.FPDFAnnot_GetRect(
        annotation, rect
    ):
        return None
    box = view.box(rect.left, rect.bottom, rect.right, rect.top)
    if kind in _BUTTONS:
        ticked = pdfium_c.FPDFAnnot_IsChecked(form, annotation)
        return Field(box, TICKED if ticked else EMPTY, "", listed=False, secret=False)
    if kind not in _VALUES:
        return None
    flags = pdfium_c.FPDFAnnot_GetFormFieldFlags(form, annotation)
    secret = kind == pdfium_c.FPDF_FORMFIELD_TEXTFIELD and flags & pdfium_c.FPDF_FORMFLAG_TEXT_PASSWORD
    listed = kind == pdfium_c.FPDF_FORMFIELD_LISTBOX
    return Field(box, "", _value(form, annotation), listed=listed, secret=bool(secret))


def _value(form: pdfium.PdfFormEnv, annotation: pdfium_c.FPDF_ANNOTATION) -> str:
    length = pdfium_c.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    buffer = ctypes.create_string_buffer(min(length, 2 * _LONGEST))
    pdfium_c.FPDFAnnot_GetFormFieldValue(
        form, annotation, ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), len(buffer)
    )
    return " ".join(buffer.raw.decode("utf-16-le", "ignore").rstrip("\0").split())
