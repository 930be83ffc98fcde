"""A client of the chat completions protocol over HTTP, with every failure translated."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

from kb.models.chat.decision import PATH, choice_in, is_of_that_kind, request_of
from kb.models.chat.limits import within_limits
from kb.models.chat.openai_protocol import ChunkReader, request_body
from kb.models.chat.payloads import DONE, Patience, payloads
from kb.models.transport import AsyncModelClient, ModelServer
from kb.types import ChatOptions, Message, ModelEvent


class CompletionsClient:
    """One server."""

    def __init__(self, server: ModelServer) -> None:
        """The URL of ``server`` goes up to and with ``/v1``."""
        self._server = server
        self._url = server.url
        self._root = server.url.removesuffix("/v1")
        self._http = AsyncModelClient(server)
        self._decides: bool | None = None
        """Whether its model is a decision model; None before it was asked."""

    async def get(self, path: str) -> Any:
        """Returns the JSON at ``path`` below the URL.

        Raises:
            BackendDown, Misconfigured, NotFound: no success, or no JSON.
        """
        answer = await self._http.get(f"{self._url}{path}")
        with self._server.errors():
            self._server.refuse(answer)
            return self._server.parsed(answer.text)

    async def page(self, path: str) -> Any:
        """Returns the JSON at ``path`` above ``/v1``, where servers differ; None where there is no such page.

        Raises:
            BackendDown: the server does not answer.
        """
        return (await self._http.get(f"{self._root}{path}")).json_or_none()

    async def count_tokens(self, model: str, text: str) -> int | None:
        """Returns the server's count of ``text`` without special tokens; None where it has no ``/tokenize``.

        One body serves both: llama.cpp reads ``content``, vLLM ``model`` and ``prompt``.

        Raises:
            BackendDown: the server does not answer.
        """
        body = {"content": text, "model": model, "prompt": text, "add_special_tokens": False}
        found = (await self._http.post(f"{self._root}/tokenize", body)).json_or_none()
        tokens = found.get("tokens") if isinstance(found, Mapping) else None
        return len(tokens) if isinstance(tokens, list) else None

    async def decide(self, state: str, instructions: str, options: Sequence[str]) -> str | None:
        """Does as ``Decides.decide`` says; a server that was found to have no decision model is not asked again."""
        if self._decides is False:
            return None
        body = request_of(state, instructions, options)
        reply = await self._http.post(f"{self._url}{PATH}", body, quick=False)
        with self._server.errors():
            if reply.status in (
                HTTPStatus.UNAUTHORIZED,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ):
                self._server.refuse(reply)
        if (told := is_of_that_kind(reply)) is not None:
            self._decides = told
        return choice_in(reply.json_or_none(), options) if self._decides else None

    async def stream(
        self, model: str, messages: Sequence[Message], options: ChatOptions, **extra: Any
    ) -> AsyncGenerator[ModelEvent, None]:
        """Does as ``ChatModel.stream`` says; ``extra`` goes into the request as it is."""
        said = self._said(request_body(model, messages, options) | extra)
        async with aclosing(within_limits(said, self._server.who, options)) as events:
            async for event in events:
                yield event

    async def _said(self, body: Mapping[str, Any]) -> AsyncGenerator[ModelEvent, None]:
        """Yields the events of one answer, however long."""
        reader, patience = ChunkReader(self._server.who), Patience(self._server.who)
        with self._server.errors():
            done = False
            async with aclosing(self._http.lines(f"{self._url}/chat/completions", body)) as lines:
                async for payload in payloads(lines, self._server, events=True):
                    if done := payload is DONE:
                        break
                    events = [] if payload is None else reader.read(payload)
                    patience.after(bool(events))
                    for event in events:
                        yield event
            for event in reader.finish(marked_done=done):
                yield event

    async def close(self) -> None:
        await self._http.close()
