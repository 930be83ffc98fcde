"""Takes a multipart upload in pieces, straight onto the disk, and stops at the size limit."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from kb.errors import BadInput
from kb.system.disk import require_room, room_faults
from kb.system.home_layout import HomeLayout

_FORM_BYTES = 64 * 1024
"""Room for the other fields and the boundaries around the file."""

_COPIES = 2
"""An upload is on the disk twice for a moment: as it arrived, and as the blob it becomes."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrived whole."""

    path: Path
    """Where its bytes are, for as long as the context is open."""
    name: str
    """What the person calls it: data, never a path."""
    fields: dict[str, str]


def clear_uploads(home: Path) -> None:
    """Removes what an earlier run left half-way."""
    shutil.rmtree(HomeLayout(home).uploads, ignore_errors=True)


@asynccontextmanager
async def received(request: Request, home: Path, *, max_bytes: int) -> AsyncIterator[Upload]:
    """The one file of the form; its bytes are removed again when the context closes.

    The field ``name``, if there, is what the file is called: browsers mangle quotes in the name
    that they send along with the file.

    Raises:
        BadInput: no form, no file, more than one, or larger than ``max_bytes``.
        DiskFull: there is no room for it, known before or found while it arrives; nothing of it stays.
    """
    _refuse_what_cannot_fit(request, home, max_bytes=max_bytes)
    uploads = HomeLayout(home).uploads
    uploads.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=uploads))
    files: list[File] = []
    fields: dict[str, str] = {}
    try:
        parser, boundary = _parser(request, folder, files, fields)
        try:
            with room_faults("The file cannot be taken in", home):
                await _feed(parser, request, max_bytes)
        except BaseException:
            # The parser hands over only files that ended, and one that was cut short is open too.
            with suppress(OSError, FormParserError):
                parser.write(b"\r\n--" + boundary + b"--\r\n")
            raise
        if len(files) != 1:
            raise BadInput(f"Send one file in the form field 'file'; this form has {len(files)}.")
        yield _upload(files[0], fields)
    finally:
        for file in files:
            with suppress(OSError):  # what a full disk did not take is thrown away anyway
                file.close()
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_what_cannot_fit(request: Request, home: Path, *, max_bytes: int) -> None:
    """Refuses by its stated length what is too large or finds no room, before a byte of it is taken."""
    stated = request.headers.get("content-length", "")
    length = int(stated) if stated.isdecimal() else 0
    if length > max_bytes + _FORM_BYTES:
        raise _too_large(max_bytes)
    require_room("The file cannot be taken in", home, needed=_COPIES * length)


def _too_large(max_bytes: int) -> BadInput:
    return BadInput(
        f"The file is larger than {max_bytes // 2**20} MB. "
        "Split it, or raise parsing.max_file_megabytes in the settings."
    )


def _parser(
    request: Request, folder: Path, files: list[File], fields: dict[str, str]
) -> tuple[FormParser, bytes]:
    """(a parser that writes every file into ``folder`` from its first byte on, what ends a part of the form)."""
    kind, parameters = parse_options_header(request.headers.get("content-type"))
    boundary = parameters.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise BadInput("Send the file as a form (multipart/form-data), in the field 'file'.")

    def keep_field(field: Field) -> None:
        name = (field.field_name or b"").decode("utf-8", "replace")
        fields[name] = (field.value or b"").decode("utf-8", "replace")

    parser = FormParser(
        "multipart/form-data",
        keep_field,
        files.append,
        boundary=boundary,
        config={"UPLOAD_DIR": str(folder), "MAX_MEMORY_FILE_SIZE": 0, "UPLOAD_DELETE_TMP": False},
    )
    return parser, boundary


async def _feed(parser: FormParser, request: Request, max_bytes: int) -> None:
    """Writes the body into ``parser`` as it comes."""
    arrived = 0
    try:
        async for piece in request.stream():
            arrived += len(piece)
            if arrived > max_bytes + _FORM_BYTES:
                raise _too_large(max_bytes)
            await run_in_threadpool(parser.write, piece)
        parser.finalize()
    except FormParserError as error:
        raise BadInput(f"The form cannot be read: {error}.") from error


def _upload(file: File, fields: dict[str, str]) -> Upload:
    if file.in_memory:  # nothing was written, so no file was made yet
        file.flush_to_disk()
    file.file_object.flush()
    name = fields.get("name") or (file.file_name or b"").decode("utf-8", "replace")
    if not name:
        raise BadInput("The file has no name.")
    return Upload(path=_path(file), name=name, fields=fields)


def _path(file: File) -> Path:
    return Path((file.actual_file_name or b"").decode())
