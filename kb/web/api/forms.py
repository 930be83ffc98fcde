"""Reads a form with one file as it comes: the file goes to the disk, fields are cut off at the first byte over."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from kb.errors import BadInput
from kb.text.collection_names import MAX_COLLECTION
from kb.web.api.fields import MAX_NAME

MAX_FIELDS = 16
_LONGEST = {"collection": MAX_COLLECTION}
"""Characters of a field; ``MAX_NAME`` for every other one."""


@dataclass(slots=True)
class _Part:
    """One part of the form while it arrives."""

    name: str = "file"
    file_name: str | None = None
    """None for a field."""
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )
    text: str = ""


class FormReader:
    """Takes a form of at most ``MAX_FIELDS`` fields and one file; whatever is over is refused as it comes."""

    def __init__(self, boundary: bytes, file: Path) -> None:
        """``file`` is made when the first byte of the form's file comes."""
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        """What the form calls its file; None before there is one."""
        self._path = file
        self._open: IO[bytes] | None = None
        self._part = _Part()
        self._parts = 0
        self._header = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._add_header,
                    "on_header_value": self._add_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end,
                },
            )
        except FormParserError as error:
            raise _unreadable(error) from error

    def write(self, data: bytes) -> None:
        """Takes the next bytes of the form.

        Raises:
            BadInput: this is no form, or more than one may hold.
            OSError: the file cannot be written.
        """
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _unreadable(error) from error

    def finish(self) -> None:
        """Says that everything has come; raises BadInput where that is no whole form."""
        try:
            self._parser.finalize()
        except FormParserError as error:
            raise _unreadable(error) from error
        if self._open is not None:
            self._open.flush()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_FIELDS + 1:
            raise BadInput(
                f"A form may hold {MAX_FIELDS} fields and one file; this one holds more.",
                key="form_too_many",
                most=str(MAX_FIELDS),
            )
        self._headers = {}

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _end_headers(self) -> None:
        encoding = self._headers.get(b"content-transfer-encoding", b"binary").lower()
        if encoding not in (b"binary", b"8bit", b"7bit"):
            raise BadInput("Send the file as it is, without a Content-Transfer-Encoding.")
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._part = _Part(name=_text(options.get(b"name", b""), "The name of a field"))
        if b"filename" not in options:
            if self._part.name not in self.fields and len(self.fields) == MAX_FIELDS:
                raise BadInput(
                    f"A form may hold {MAX_FIELDS} fields; this one holds more.",
                    key="form_too_many",
                    most=str(MAX_FIELDS),
                )
            return
        if self._open is not None:
            raise BadInput(
                "Send one file in the form field 'file'; this form has more.", key="form_two_files"
            )
        self._part.file_name = self.file_name = _text(options[b"filename"], "The name of the file")
        self._open = self._path.open("wb")

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is not None and self._open is not None:
            self._open.write(memoryview(data)[start:end])
            return
        self._lengthen(self._part.decoder.decode(data[start:end]))

    def _lengthen(self, text: str) -> None:
        part = self._part
        most = _LONGEST.get(part.name, MAX_NAME)
        if len(part.text) + len(text) > most:
            raise BadInput(
                f"The field {part.name!r} is too long: at most {most} characters are taken.",
                key="field_too_long",
                field=part.name,
                most=str(most),
            )
        if "\0" in text:
            raise BadInput(
                f"The field {part.name!r} holds the character NUL.", key="field_nul", field=part.name
            )
        part.text += text

    def _end(self) -> None:
        part = self._part
        if part.file_name is not None:
            return
        self._lengthen(part.decoder.decode(b"", True))
        self.fields[part.name] = part.text


def _text(data: bytes, what: str) -> str:
    text = data.decode("utf-8", "replace")
    if len(text) > MAX_NAME:
        raise BadInput(
            f"{what} is too long: at most {MAX_NAME} characters are taken.",
            key="field_too_long",
            field="name",
            most=str(MAX_NAME),
        )
    if "\0" in text:
        raise BadInput(f"{what} holds the character NUL.", key="field_nul", field="name")
    return text


def _unreadable(error: FormParserError) -> BadInput:
    return BadInput(f"The form cannot be read: {error}.")
