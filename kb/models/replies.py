"""The replies of model servers: what they hold, and how large they may be.

A server that is broken, or is no model server, must not fill our memory.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from kb.system.redact import redacted

MOST_ANSWER_BYTES = 64 << 20
"""Of one reply. The largest that is meant are vectors: 500 of 4,096 figures, 20 characters each, take 40 MB. More would
fill this process's memory."""
MOST_PAGE_BYTES = 2 << 20
"""Of one reply that is no vectors: lists of models, scores. JSON takes up to 25 times its size once it is read."""
MOST_STREAM_BYTES = 32 << 20
"""Of a whole stream, which is never held: 100,000 tokens that a model thought take 30 MB."""
MOST_LINE_BYTES = 1 << 20
"""Of one line of a stream. A token takes less than a kilobyte, a server that sends a whole answer at once a hundred."""
MOST_ERROR_BYTES = 64 << 10
"""Of an error page; the rest is not read."""
WHOLE_SECONDS = 60.0
"""A reply that is no stream is there by then, however busily its bytes drip."""
_MOST_WORDS = 300
"""Characters of what an error page says that are repeated in a message."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply, whatever its status."""

    status: int
    content: bytes
    location: str = ""
    """Where it redirects to."""
    retry_after: str = ""
    """When it wants to be asked again, as it says it: seconds, or a date."""

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
            return from_json(self.content)
        except NotJson:
            return None

    def words(self) -> str:
        """Returns the text of an error page in one line."""
        text = self.text
        try:
            said = said_error(from_json(text)) or text
        except NotJson:  # a page for people, from a proxy perhaps
            said = text
        return " ".join(redacted(said).split())[:_MOST_WORDS] or "no reason given"


class NotJson(ValueError):
    """What was sent is no JSON, or none that anybody means."""


def from_json(text: str | bytes) -> Any:
    """The value that ``text`` holds.

    Raises:
        NotJson: it holds none; brackets within brackets by the thousand are none either.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error


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


def too_large_a_piece(most: int) -> Unacceptable:
    """The error for one JSON object of more than ``most`` characters, over however many lines."""
    return Unacceptable(f"sent more than {most >> 10} KB in one piece, which no model writes")


class _Meter:
    """Counts the bytes of a reply."""

    def __init__(self, most: int, *, seconds: float | None, clock: Callable[[], float]) -> None:
        self._most = most
        self._all = 0
        self._clock = clock
        self._until = clock() + seconds if seconds is not None else None

    def pass_on(self, piece: bytes) -> bytes:
        """Returns ``piece``; raises Unacceptable beyond the limits."""
        self._all += len(piece)
        if self._all > self._most:
            raise Unacceptable(f"sent more than {self._most >> 10:,} KB in one answer")
        if self._until is not None and self._clock() > self._until:
            raise Unacceptable("was not done with one answer in time, though it sent all the while")
        return piece


class _ErrorPage(_Meter):
    """Lets the beginning of an error page pass."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        super().__init__(MOST_ERROR_BYTES, seconds=WHOLE_SECONDS, clock=clock)

    def pass_on(self, piece: bytes) -> bytes:
        """As much of ``piece`` as there is room for; empty at the end."""
        left = self._most - self._all
        self._all += len(piece)
        over = self._until is not None and self._clock() > self._until
        return b"" if over else piece[: max(0, left)]


class _Metered(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            if passed := self._meter.pass_on(piece):
                yield passed
            elif piece:
                return

    def close(self) -> None:
        self._stream.close()


class _AsyncMetered(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            if passed := self._meter.pass_on(piece):
                yield passed
            elif piece:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()


STREAMS = "footnote_streams"
"""The extension of a request (``httpx``) whose reply is read as it comes and never held."""


def limit(response: httpx.Response, most: int) -> None:
    """Limits ``response`` to ``most`` bytes, an error page to its beginning; for a hook of ``httpx.Client``.

    Raises:
        Unacceptable: it is packed, or, while it is read, too large.
    """
    meter = _meter(response, most)
    assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - what a synchronous client gets
    response.stream = _Metered(response.stream, meter)


def limit_async(response: httpx.Response, most: int) -> None:
    """Does the same for an asynchronous client."""
    meter = _meter(response, most)
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - what an asynchronous client gets
    response.stream = _AsyncMetered(response.stream, meter)


def _meter(response: httpx.Response, most: int) -> _Meter:
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed not in ("", "identity"):
        raise Unacceptable(f"packs its answers ({packed:.40}) though it was asked not to")
    if not response.is_success:
        return _ErrorPage(clock=time.monotonic)
    if response.request.extensions.get(STREAMS):
        return _Meter(MOST_STREAM_BYTES, seconds=None, clock=time.monotonic)
    return _Meter(most, seconds=WHOLE_SECONDS, clock=time.monotonic)
