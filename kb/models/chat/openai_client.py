"""A client of the chat completions protocol over HTTP, with every failure translated."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from kb.errors import BackendDown, FootnoteError, Misconfigured, NotFound
from kb.models.chat.openai_protocol import ChunkReader, request_body, said_error
from kb.models.transport import QUICK_SECONDS, client_options, timeout, transport_errors
from kb.types import ChatOptions, Message, ModelEvent


class CompletionsClient:
    """One server. Its key never stands in an error, also where the server repeats it."""

    def __init__(self, url: str, *, who: str, start: str, key: str | None = None) -> None:
        """``url`` goes up to and with ``/v1``; ``key`` is sent as a bearer token.

        ``who`` is the server as messages name it, ``start`` the sentence that says how to get it running.
        """
        self._url = url
        self._root = url.removesuffix("/v1")
        self._who = who
        self._start = start
        self._key = key
        self._quick = timeout(url, QUICK_SECONDS)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(headers=headers, **client_options(url))

    async def get(self, path: str) -> Any:
        """The JSON at ``path`` below the URL.

        Raises:
            BackendDown, Misconfigured, NotFound: no success, or no JSON.
        """
        with self._errors():
            response = await self._http.get(f"{self._url}{path}", timeout=self._quick)
            await self._refuse_error(response)
            return self._parsed(response.text)

    async def page(self, path: str) -> Any:
        """The JSON at ``path`` above ``/v1``, where servers differ; None where there is no such page.

        Raises:
            BackendDown: the server does not answer.
        """
        with self._errors():
            return _json_or_none(await self._http.get(f"{self._root}{path}", timeout=self._quick))

    async def count_tokens(self, model: str, text: str) -> int | None:
        """The server's count of ``text`` without special tokens; None where it has no ``/tokenize``.

        One body serves both: llama.cpp reads ``content``, vLLM ``model`` and ``prompt``.

        Raises:
            BackendDown: the server does not answer.
        """
        body = {"content": text, "model": model, "prompt": text, "add_special_tokens": False}
        with self._errors():
            found = _json_or_none(
                await self._http.post(f"{self._root}/tokenize", json=body, timeout=self._quick)
            )
        tokens = found.get("tokens") if isinstance(found, Mapping) else None
        return len(tokens) if isinstance(tokens, list) else None

    async def stream(
        self, model: str, messages: Sequence[Message], options: ChatOptions, **extra: Any
    ) -> AsyncGenerator[ModelEvent, None]:
        """See ``ChatModel.stream``; ``extra`` goes into the request as it is."""
        reader = ChunkReader(self._who)
        body = request_body(model, messages, options) | extra
        with self._errors():
            async with self._http.stream("POST", f"{self._url}/chat/completions", json=body) as response:
                await self._refuse_error(response)
                done = False
                async for data in _payloads(response):
                    if done := data == "[DONE]":
                        break
                    for event in reader.read(self._parsed(data)):
                        yield event
            for event in reader.finish(marked_done=done):
                yield event

    async def close(self) -> None:
        """Frees the connections."""
        await self._http.aclose()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with transport_errors(self._who, start=self._start):
                yield
        except FootnoteError as error:
            if self._key and self._key in str(error):
                raise type(error)(str(error).replace(self._key, "***")) from None
            raise

    async def _refuse_error(self, response: httpx.Response) -> None:
        """Raises the leaf that fits, with the server's own words, when ``response`` is not a success."""
        status = response.status_code
        if response.is_success:
            return
        if response.is_redirect:
            raise Misconfigured(
                f"{self._who} redirects to {response.headers.get('location', 'another address')!r}, and "
                "redirects are not followed. Set the address that answers."
            )
        words = _words(await response.aread())
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Misconfigured(f"{self._who} refuses the key: {words}. Set endpoint_key.")
        if status == HTTPStatus.NOT_FOUND:
            raise NotFound(
                f"{self._who} does not know the model or the address: {words}. "
                "Set endpoint_url up to and with /v1, and a model that it lists."
            )
        raise BackendDown(f"{self._who} answered with an error ({status}): {words}")

    def _parsed(self, data: str) -> Any:
        try:
            return json.loads(data)
        except ValueError as error:
            raise BackendDown(f"{self._who} sent something that is not JSON: {data[:100]!r}") from error


async def _payloads(response: httpx.Response) -> AsyncIterator[str]:
    """The payloads of server-sent events; comments, pings and other fields are passed over.

    Older llama.cpp sends ``error: {...}`` in mid-stream.
    """
    async for line in _lines(response):
        field, _, value = line.partition(":")
        if field in ("data", "error") and (payload := value.strip()):
            yield payload


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """The lines of a stream, cut at line feeds only.

    ``httpx`` cuts at every Unicode line end, U+0085 and U+2028 included, which may stand
    unescaped inside the JSON of a line.
    """
    held = b""
    async for piece in response.aiter_bytes():
        *whole, held = (held + piece).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", errors="replace")
    yield held.decode("utf-8", errors="replace")


def _words(content: bytes) -> str:
    """What an error page says, in one line."""
    text = content.decode("utf-8", errors="replace")
    try:
        said = said_error(json.loads(text)) or text
    except ValueError:  # a page for people, from a proxy perhaps
        said = text
    return " ".join(said.split())[:300] or "no reason given"


def _json_or_none(response: httpx.Response) -> Any:
    if response.status_code != HTTPStatus.OK:
        return None
    try:
        return response.json()
    except ValueError:  # a page of that name which is something else
        return None
