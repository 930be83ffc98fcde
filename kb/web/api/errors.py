"""Which HTTP status each of our errors becomes, and how it is written."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse

from kb.errors import (
    BackendDown,
    BadInput,
    Cancelled,
    Conflict,
    Damaged,
    Denied,
    DiskFull,
    Misconfigured,
    NotFound,
)

STATUS: dict[type[Exception], int] = {
    BadInput: 400,
    Denied: 403,
    NotFound: 404,
    Conflict: 409,
    Cancelled: 409,
    Misconfigured: 500,
    BackendDown: 503,
    DiskFull: 507,
    Damaged: 500,
}


async def answer_error(_request: Request, error: Exception) -> JSONResponse:
    """``{"error": sentence}`` with the status of the leaf."""
    return JSONResponse({"error": str(error)}, status_code=STATUS.get(type(error), 500))
