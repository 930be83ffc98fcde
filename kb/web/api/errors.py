"""Which HTTP status each of our errors becomes, and how it is written: as ``error_body`` says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from kb.errors import (
    BackendDown,
    BadInput,
    Busy,
    Cancelled,
    Conflict,
    Damaged,
    Denied,
    DiskFull,
    FootnoteError,
    Misconfigured,
    NotFound,
    OverLimit,
    RateLimited,
)
from kb.web.api.refusal_sentences import asked_language, language_of, refusal_sentence
from kb.web.door.refusals import error_body, error_media_type
from kb.web.sentences.catalogue import said_in

STATUS: dict[type[Exception], int] = {
    BadInput: 400,
    OverLimit: 413,
    Denied: 403,
    NotFound: 404,
    Conflict: 409,
    Cancelled: 409,
    Misconfigured: 500,
    BackendDown: 503,
    RateLimited: 429,
    Busy: 503,
    DiskFull: 507,
    Damaged: 500,
}

_MOST_SAID = 2000
"""Characters of a sentence; some repeat what was asked for."""
_OUR_FAULT = "Something went wrong inside Footnote; its log says what."


def answer_errors(app: FastAPI) -> None:
    app.add_exception_handler(FootnoteError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    app.add_exception_handler(Exception, _answer_fault)


async def _answer_error(request: Request, raised: Exception) -> JSONResponse:
    """Returns the answer to a failed request, with the status of the nearest class that has one."""
    error = cast(FootnoteError, raised)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Busy) else None
    sentence = refusal_sentence(error, asked_language(request.headers))
    return said(request, sentence, status, headers, field=_field_of(error))


async def _answer_invalid(request: Request, raised: Exception) -> JSONResponse:
    error = invalid(cast(RequestValidationError, raised).errors())
    status = 400 if request.url.path.startswith("/v1/") else 422  # as OpenAI's clients know it
    sentence = refusal_sentence(error, asked_language(request.headers))
    return said(request, sentence, status, field=_field_of(error))


def _field_of(error: FootnoteError) -> str | None:
    """Returns which field of a request is not taken; None where none is named."""
    return error.values.get("field") if isinstance(error, BadInput) else None


async def _answer_http_error(request: Request, raised: Exception) -> JSONResponse:
    error = cast(HTTPException, raised)
    sentence = {
        400: "The body of the request cannot be read.",
        404: "There is nothing at this address.",
        405: f"This address does not take {request.method}.",
        413: "The request is too large.",
    }.get(error.status_code, f"{str(error.detail).rstrip('.')}.")
    return said(request, sentence, error.status_code, error.headers, no_such_address=True)


async def _answer_nobody(request: Request, _error: Exception) -> Response:
    """Returns an answer that nobody reads: the client left before its request was there whole."""
    return said(request, "The request ended too early.", 400)


async def _answer_fault(request: Request, _error: Exception) -> JSONResponse:
    """Returns status 500; the server logs the traceback."""
    return said(request, _OUR_FAULT, 500)


def said(
    request: Request,
    sentence: str,
    status: int,
    headers: Mapping[str, str] | None = None,
    *,
    no_such_address: bool = False,
    field: str | None = None,
) -> JSONResponse:
    """Returns the answer of an error; what cannot be written in UTF-8 is replaced."""
    path = request.url.path
    no_such_address = no_such_address and status in (404, 405)
    cut = printable(said_in(language_of(asked_language(request.headers)), sentence), _MOST_SAID)
    body = error_body(path, cut, status, no_such_address=no_such_address, field=field)
    return JSONResponse(body, status_code=status, headers=headers, media_type=error_media_type(path))


def invalid(errors: Sequence[Mapping[str, Any]]) -> BadInput:
    """Returns the most telling of pydantic's ``errors`` as ours; of what was sent it repeats names of fields alone.

    Of a field that may be of several kinds it is what is wrong with the kind that was meant: with one that has a
    sentence of ours, else the one that fits the deepest.
    """
    same = [error for error in errors if error["loc"][:2] == errors[0]["loc"][:2]]
    error = max(same, key=lambda error: (error["type"] in INVALID, len(error["loc"])))
    first, *rest = error["loc"][1:] or ("body",)
    parts = [str(first), *(str(part) for part in rest if not _OF_PYDANTIC.fullmatch(str(part)))]
    where = ".".join(printable(part, 100) for part in parts if part != "[key]") or "body"
    context = error.get("ctx", {})
    most = str(context.get("max_length", ""))
    if error["type"] in INVALID:
        sentence, key = INVALID[error["type"]]
        return BadInput(sentence.format(field=where, most=most), key=key, field=where, most=most)
    message = _SENTENCES.get(error["type"]) or str(
        context["error"] if error["type"] == "value_error" else error["msg"]
    )
    return BadInput(
        f"{where!r} is not taken: {message[:1].lower()}{message[1:]}.", key="field_not_taken", field=where
    )


_OF_PYDANTIC = re.compile(
    r"(?:str|int|bool|float|constrained-\w{1,20}|(?:function-\w{1,20}|list|dict|nullable)\[.*|_?[A-Z]\w*)",
    re.DOTALL,
)
"""What pydantic says of the kinds that a field may have, within the place of an error."""
_NO_OBJECT = "it has to be an object of JSON"
_SENTENCES = {"model_type": _NO_OBJECT, "model_attributes_type": _NO_OBJECT, "dict_type": _NO_OBJECT}
"""Instead of pydantic's own, by its kind of error, where these name what it calls things in Python."""

INVALID = {
    "json_invalid": ("The body of the request is not JSON.", "body_no_json"),
    "missing": ("{field!r} is missing.", "field_missing"),
    "extra_forbidden": ("There is no field {field!r} here.", "field_unknown"),
    "string_too_long": ("{field!r} is too long: at most {most} characters are taken.", "field_too_long"),
    "too_short": ("{field!r} is empty.", "field_empty"),
    "string_too_short": ("{field!r} is empty.", "field_empty"),
    "too_long": ("{field!r} has too many entries: at most {most} are taken.", "field_too_many"),
    "string_unicode": ("{field!r} is not text: it holds half of a character.", "field_half_character"),
}
"""Pydantic's kinds of errors, as a sentence and its key."""


def printable(text: str, most: int) -> str:
    """Returns ``text`` without what cannot be written in UTF-8, cut to ``most`` characters."""
    cut = text if len(text) <= most else f"{text[:most]}…"
    return cut.encode("utf-8", "replace").decode("utf-8")
