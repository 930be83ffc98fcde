"""The replies of model servers: what they hold, and how large they may be.

A server that is broken, or is no model server, must not fill our memory.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

MOST_ANSWER_BYTES = 64 << 20
"""Of one reply, a whole stream included. The largest that is meant are vectors: 500 of 4,096 figures, 20 characters
each, take 40 MB; 100,000 tokens that a model thought take 30 MB as a stream. More would fill this process's memory."""
MOST_LINE_BYTES = 1 << 20
"""Of one line of a stream. A token takes less than a kilobyte, a server that sends a whole answer at once a hundred."""
_MOST_WORDS = 300
"""Characters of what an error page says that are repeated in a message."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply, whatever its status."""

    status: int
    content: bytes
    location: str = ""
    """Where it redirects to."""

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def text(self) -> str:
        """The content; bytes that are not UTF-8 are replaced."""
        return self.content.decode("utf-8", errors="replace")

    def json_or_none(self) -> Any:
        """Returns the JSON of a success; None for errors and for pages that are something else."""
        if self.status != HTTPStatus.OK:
            return None
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def words(self) -> str:
        """Returns the text of an error page in one line."""
        text = self.text
        try:
            said = said_error(json.loads(text)) or text
        except ValueError:  # a page for people, from a proxy perhaps
            said = text
        return " ".join(said.split())[:_MOST_WORDS] or "no reason given"


def said_error(payload: Any) -> str | None:
    """Returns the message of a server's error object, in any of the usual shapes; None when it is no error."""
    if not isinstance(payload, Mapping):
        return None
    error = payload.get("error")
    if isinstance(error, Mapping):
        return str(error.get("message") or json.dumps(dict(error)))
    if error:
        return str(error)
    if payload.get("object") == "error" or "detail" in payload:
        return str(payload.get("message") or payload.get("detail"))
    return None


# --- Limits -----------------------------------------------------------------------------------


class Unacceptable(httpx.HTTPError):
    """A reply that is not read to its end; the message goes on after the name of the server."""


def too_long_a_line(most: int) -> Unacceptable:
    return Unacceptable(f"sent a line of more than {most >> 10} KB, which no model writes")


class _Meter:
    """Counts the bytes of a reply, and of its lines where ``longest_line`` is given."""

    def __init__(self, most: int, longest_line: int | None = None) -> None:
        self._most = most
        self._longest_line = longest_line
        self._all = 0
        self._line = 0

    def pass_on(self, piece: bytes) -> bytes:
        """Returns ``piece``; raises Unacceptable beyond the limits."""
        self._all += len(piece)
        if self._all > self._most:
            raise Unacceptable(f"sent more than {self._most >> 10:,} KB in one answer")
        if self._longest_line is not None:
            end = piece.rfind(b"\n")
            self._line = self._line + len(piece) if end < 0 else len(piece) - end - 1
            if self._line > self._longest_line:
                raise too_long_a_line(self._longest_line)
        return piece


class _Metered(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    def __iter__(self) -> Iterator[bytes]:
        return map(self._meter.pass_on, self._stream)

    def close(self) -> None:
        self._stream.close()


class _AsyncMetered(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield self._meter.pass_on(piece)

    async def aclose(self) -> None:
        await self._stream.aclose()


def limit(response: httpx.Response, most: int) -> None:
    """Limits ``response`` to ``most`` bytes; for a hook of ``httpx.Client``.

    Raises:
        Unacceptable: it is packed, or, while it is read, too large.
    """
    _refuse_packed(response)
    assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - what a synchronous client gets
    response.stream = _Metered(response.stream, _Meter(most))


def limit_async(response: httpx.Response, most: int, *, longest_line: int | None) -> None:
    """Does the same for an asynchronous client; lines are limited too where ``longest_line`` (bytes) is given."""
    _refuse_packed(response)
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - what an asynchronous client gets
    response.stream = _AsyncMetered(response.stream, _Meter(most, longest_line))


def _refuse_packed(response: httpx.Response) -> None:
    packed = response.headers.get("content-encoding", "identity")
    if packed != "identity":
        raise Unacceptable(f"packs its answers ({packed}) though it was asked not to")
