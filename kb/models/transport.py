"""The one HTTP client of model servers: checked address, key, time-outs, limits, and errors translated to ours.

Servers that answer, embed or rerank are called through ``ModelClient`` or ``AsyncModelClient``; a library with
a client of its own (Ollama's) is given ``ModelServer.async_options`` and is used within ``ModelServer.errors``.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from kb.errors import BackendDown, FootnoteError, Misconfigured, NotFound
from kb.models.replies import (
    MOST_ANSWER_BYTES,
    MOST_LINE_BYTES,
    STREAMS,
    WHOLE_SECONDS,
    NotJson,
    Reply,
    Unacceptable,
    from_json,
    limit,
    limit_async,
    too_long_a_line,
)
from kb.models.server_address import BoundKey
from kb.system.addresses import is_loopback
from kb.system.network_environment import require_usable_network
from kb.system.redact import MASK, redacted
from kb.text.storable import storable

CONNECT_SECONDS = 2.0
"""A server that takes longer to accept a connection is down, so that the person hears of it within 3 s."""
LOOPBACK_CONNECT_SECONDS = 1.0
"""The same on this machine, where Windows tries a closed port for two seconds before it gives up."""

ANSWER_SECONDS = 600.0
"""The longest silence in a stream: a large model is loaded and a long prompt read within it."""

QUICK_SECONDS = 5.0
"""For questions that a server answers from memory: its models, a model's context."""

_DOWNLOAD_SECONDS = 60.0
"""The longest silence while a file is downloaded."""

# --- The server -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A server as its clients and as messages know it. Its key is in no error, even where the server repeats it."""

    url: str
    """As ``checked_url`` returns it."""
    who: str
    """The server as a message names it, with its URL or its file."""
    start: str
    """The sentence that says how to get it running."""
    key: str | None = field(default=None, repr=False)
    """Sent as a bearer token."""
    refused_key: str = "Set the key that it wants."
    """The sentence that says where its key is set."""
    unknown: str = ""
    """The sentence that says what to set where it does not know an address or a model."""
    elsewhere: str = ""
    """The sentence that says what to set where something else answers at the address."""
    most_bytes: int = MOST_ANSWER_BYTES
    """Of one reply that is no stream."""

    def options(self, *, read_seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Returns the arguments of an httpx client for it; ``read_seconds`` is the longest silence."""

        def limit_reply(response: httpx.Response) -> None:
            limit(response, self.most_bytes)

        return {**self._options(read_seconds), "event_hooks": {"response": [limit_reply]}}

    def async_options(self, *, read_seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
        """Returns the same for an asynchronous client."""

        async def limit_reply(response: httpx.Response) -> None:
            limit_async(response, self.most_bytes)

        return {**self._options(read_seconds), "event_hooks": {"response": [limit_reply]}}

    def download_options(self) -> dict[str, Any]:
        """Returns those of a client for one file of a size that the caller knows, and has to hold it to."""
        return self._options(_DOWNLOAD_SECONDS)

    def quick(self) -> httpx.Timeout:
        """Returns the time-outs of a request that the server answers from memory."""
        return _timeout(self.url, QUICK_SECONDS)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Translates what httpx raises, and takes the key, and what cannot be stored, out of every message.

        Raises:
            BackendDown: no connection, silence, a connection that broke off, or more than is meant.
        """
        try:
            with self._translated():
                yield
        except FootnoteError as error:
            said = str(error)
            clean = storable(redacted(said.replace(self.key, MASK) if self.key else said))
            if clean != said:
                error.args = (clean,)  # not another of its type: some are made with more than a sentence
                raise error from None
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
            raise BackendDown(f"{self.who} does not answer. {self.start}") from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise BackendDown(
                f"{self.who} has been silent for too long. Ask once more, or restart it."
            ) from error
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            raise BackendDown(f"{self.who} broke off in the middle of the answer. Ask once more.") from error
        except Unacceptable as error:
            raise BackendDown(f"{self.who} {error}.") from error
        except httpx.HTTPError as error:
            raise BackendDown(f"{self.who} cannot be reached: {error}. {self.start}") from error

    def refuse(self, answer: Reply) -> None:
        """Raises the error that fits, with the server's own words, when ``answer`` is not a success.

        Raises:
            Misconfigured: it redirects, or refuses the key.
            NotFound: it does not know the address or the model.
            BackendDown: every other error.
        """
        if answer.is_success:
            return
        status = answer.status
        if status < HTTPStatus.BAD_REQUEST:
            raise Misconfigured(
                f"{self.who} redirects to {redacted(answer.location) or 'another address'!r}, and "
                "redirects are not followed. Set the address that answers."
            )
        words = answer.words()
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Misconfigured(f"{self.who} refuses the key: {words}. {self.refused_key}")
        if status == HTTPStatus.NOT_FOUND:
            raise NotFound(
                f"{self.who} does not know the model or the address: {words}. {self.unknown}".rstrip()
            )
        raise BackendDown(f"{self.who} answered with an error ({status}): {words}")

    def parsed(self, text: str) -> Any:
        """Returns the JSON in ``text``.

        Raises:
            BackendDown: it is not JSON.
        """
        try:
            return from_json(text)
        except NotJson as error:
            said = redacted(text)[:100]
            if not self.elsewhere:
                raise BackendDown(f"{self.who} sent something that is not JSON: {said!r}") from error
            raise BackendDown(
                f"{self.who} sent something that is not JSON: {said!r}. {self.elsewhere}"
            ) from error

    def _options(self, read_seconds: float) -> dict[str, Any]:
        """Returns what both clients have in common.

        Redirects are not followed (a prompt goes where the owner said and nowhere else), a proxy from the
        environment is not used for this machine, and replies come uncompressed: unpacked they could be any size.

        Raises:
            Misconfigured: the environment names a proxy that cannot be used, and the server is elsewhere.
        """
        if not is_loopback(self.url):
            require_usable_network()
        return {
            "headers": {"Accept-Encoding": "identity"},
            "auth": BoundKey(self.url, self.key),
            "timeout": _timeout(self.url, read_seconds),
            "follow_redirects": False,
            "trust_env": not is_loopback(self.url),
            "verify": _certificates()
            if urlsplit(self.url).scheme == "https"
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        }


def _timeout(url: str, read_seconds: float) -> httpx.Timeout:
    """Returns time-outs of ``read_seconds`` for silence, and of less for the connection."""
    connect = LOOPBACK_CONNECT_SECONDS if is_loopback(url) else CONNECT_SECONDS
    return httpx.Timeout(read_seconds, connect=connect)


@cache
def _certificates() -> ssl.SSLContext:
    """Returns the authorities that https servers are checked against. Reading them takes 20 to 300 ms, which httpx
    would spend for every client, for plain http too; a context that trusts nobody serves for that.
    """
    return httpx.create_ssl_context()


# --- Its clients -----------------------------------------------------------------------------


class ModelClient:
    """A client of one server; safe to call from several threads."""

    def __init__(self, server: ModelServer, *, read_seconds: float = ANSWER_SECONDS) -> None:
        self.server = server
        self._http = httpx.Client(**server.options(read_seconds=read_seconds))

    def get(self, url: str) -> Reply:
        """Returns what the server answers from memory, errors too.

        Raises:
            BackendDown: it does not answer.
        """
        with self.server.errors():
            return _reply(self._http.get(url, timeout=self.server.quick()))

    def post(self, url: str, body: Any, *, quick: bool = False) -> Reply:
        """Returns the server's reply to the JSON ``body``, errors too; ``quick``: it answers from memory.

        Raises:
            BackendDown: it does not answer.
        """
        with self.server.errors():
            timeout = self.server.quick() if quick else httpx.USE_CLIENT_DEFAULT
            return _reply(self._http.post(url, json=body, timeout=timeout))

    def close(self) -> None:
        self._http.close()


class AsyncModelClient:
    """An asynchronous client of one server."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self._http = httpx.AsyncClient(**server.async_options())

    async def get(self, url: str) -> Reply:
        """Returns what the server answers from memory, errors too.

        Raises:
            BackendDown: it does not answer.
        """
        with self.server.errors():
            async with asyncio.timeout(WHOLE_SECONDS):
                return _reply(await self._http.get(url, timeout=self.server.quick()))

    async def post(self, url: str, body: Any, *, quick: bool = True) -> Reply:
        """Returns the server's reply to the JSON ``body``, errors too; ``quick``: it answers from memory.

        Raises:
            BackendDown: it does not answer.
        """
        with self.server.errors():
            timeout = self.server.quick() if quick else httpx.USE_CLIENT_DEFAULT
            async with asyncio.timeout(WHOLE_SECONDS):
                return _reply(await self._http.post(url, json=body, timeout=timeout))

    async def lines(self, url: str, body: Any) -> AsyncGenerator[str, None]:
        """Yields the lines that the server streams in reply to the JSON ``body``, as they come.

        They are split at line feeds only. ``httpx`` splits at every Unicode line end, U+0085 and U+2028 included,
        which may occur unescaped inside the JSON of a line.

        Raises:
            BackendDown, Misconfigured, NotFound: as ``ModelServer.errors`` and ``ModelServer.refuse``.
        """
        with self.server.errors():
            async with AsyncExitStack() as stack:
                opening = self._http.stream("POST", url, json=body, extensions={STREAMS: True})
                async with asyncio.timeout(ANSWER_SECONDS):  # headers may drip too
                    response = await stack.enter_async_context(opening)
                    if not response.is_success:
                        await response.aread()
                        self.server.refuse(_reply(response))
                lines = _Lines()
                async for piece in response.aiter_raw():
                    for line in lines.cut(piece):
                        yield line
                yield lines.rest()

    async def close(self) -> None:
        await self._http.aclose()


class _Lines:
    """Cuts bytes into lines, in time that grows with their number however small the pieces are."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._held = bytearray()
        self._clock = clock
        self._began = clock()

    def cut(self, piece: bytes) -> Iterator[str]:
        """The lines that end in ``piece``.

        Raises:
            Unacceptable: one does not end.
        """
        first, *others = piece.split(b"\n")
        self._held += first
        for other in others:
            self._check()
            yield self.rest()
            self._held += other
        self._check()

    def rest(self) -> str:
        """What was held back; bytes that are not UTF-8 are replaced."""
        line = self._held.decode("utf-8", errors="replace")
        self._held.clear()
        self._began = self._clock()
        return line

    def _check(self) -> None:
        if len(self._held) > MOST_LINE_BYTES:
            raise too_long_a_line(MOST_LINE_BYTES)
        if self._held and self._clock() - self._began > ANSWER_SECONDS:
            raise Unacceptable("has been sending one line for too long")


def _reply(response: httpx.Response) -> Reply:
    headers = response.headers
    return Reply(
        response.status_code, response.content, headers.get("location", ""), headers.get("retry-after", "")
    )
