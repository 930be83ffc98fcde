"""Takes a multipart upload in pieces, straight onto the disk, and stops at the size limit."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from kb.errors import BadInput
from kb.system.disk import require_room, room_faults
from kb.system.home_layout import HomeLayout
from kb.web.api.forms import FormReader
from kb.web.api.threads import UPLOADS

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
    """Gives the one file of the form; its bytes are removed again when the context closes.

    The field ``name``, if there, is what the file is called: browsers mangle quotes in the name
    that they send along with the file.

    Raises:
        BadInput: no form, no file, more than one, larger than ``max_bytes``, or too many or too long fields.
        DiskFull: there is no room for it, known before or found while it arrives; nothing of it stays.
    """
    _refuse_what_cannot_fit(request, home, max_bytes=max_bytes)
    boundary = _boundary(request)
    uploads = HomeLayout(home).uploads
    uploads.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=uploads))
    file = folder / "file"
    form = FormReader(boundary, file)
    try:
        with room_faults("The file cannot be taken in", home):
            await _feed(form, request, max_bytes)
        yield _upload(form, file)
    finally:
        with suppress(OSError):  # what a full disk did not take is thrown away anyway
            form.close()
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


def _boundary(request: Request) -> bytes:
    kind, parameters = parse_options_header(request.headers.get("content-type"))
    boundary = parameters.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise BadInput("Send the file as a form (multipart/form-data), in the field 'file'.")
    return boundary


async def _feed(form: FormReader, request: Request, max_bytes: int) -> None:
    """Writes the body into ``form`` as it comes."""
    arrived = 0
    async for piece in request.stream():
        arrived += len(piece)
        if arrived > max_bytes + _FORM_BYTES:
            raise _too_large(max_bytes)
        await UPLOADS.run(partial(form.write, piece))
    await UPLOADS.run(form.finish)


def _upload(form: FormReader, file: Path) -> Upload:
    if form.file_name is None:
        raise BadInput("Send one file in the form field 'file'; this form has none.", key="form_no_file")
    name = form.fields.get("name") or form.file_name
    if not name:
        raise BadInput("The file has no name.", key="file_without_name")
    return Upload(path=file, name=name, fields=form.fields)
