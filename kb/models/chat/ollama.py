"""Models of Ollama. https://docs.ollama.com/api

What it knows of its models is asked for with its official client. Answers are read by our own transport: the client
cuts a line at U+0085 inside an answer, and takes each line for what it should be.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from http import HTTPStatus
from typing import Any

from ollama import AsyncClient, ListResponse, ResponseError, ShowResponse

from kb.config import Settings
from kb.errors import BackendDown, NotFound
from kb.models.chat.limits import within_limits
from kb.models.chat.ollama_protocol import PartReader
from kb.models.chat.payloads import Patience, payloads
from kb.models.chat.shapes import context_size
from kb.models.chat.token_estimate import TokenEstimator
from kb.models.replies import MOST_PAGE_BYTES, WHOLE_SECONDS
from kb.models.transport import QUICK_SECONDS, AsyncModelClient, ModelServer
from kb.system.addresses import checked_url, server_of
from kb.system.redact import redacted
from kb.text.storable import storable
from kb.types import ChatOptions, Message, ModelEvent, ModelFinished

_KEEP_ALIVE = "15m"
"""How long Ollama keeps the model in memory: the pause of a person who reads an answer and its sources."""

_KEY, _KEY_IS_FOR = "OLLAMA_API_KEY", "https://ollama.com:443"
"""Ollama's client would send the key for its maker's servers to whatever address is set."""

_EMBEDDING_FAMILIES = ("bert", "nomic-bert")
"""For versions of Ollama that do not list capabilities."""


class OllamaModel:
    """A model that Ollama runs."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        context_tokens: int = 8192,
        key: str | None = None,
        setting: str = "answering.ollama_url",
    ) -> None:
        """``context_tokens`` caps what the model can take; it is sent with every request, because
        Ollama's own default is small and a longer prompt loses its beginning without a word.

        ``key`` is for a server in front of it; ``setting`` is where the owner wrote ``url``.
        """
        self._url = checked_url(url, setting=setting)
        self._model = model
        self._cap = context_tokens
        self._estimator = TokenEstimator()
        self._shown: ShowResponse | None = None
        self._server = ModelServer(
            self._url,
            who=f"Ollama at {self._url}",
            start="Start Ollama (the app, or: ollama serve).",
            unknown=f"Run: ollama pull {model}",
            most_bytes=MOST_PAGE_BYTES,
            key=key or (os.environ.get(_KEY) if server_of(self._url) == _KEY_IS_FOR else None),
        )
        self._client = AsyncModelClient(self._server)
        quick = self._server.async_options(read_seconds=QUICK_SECONDS)
        self._asking = AsyncClient(host=self._url, **quick)

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> OllamaModel:
        """Returns the model ``name`` of the Ollama that the settings name."""
        return cls(settings.answering.ollama_url, name, context_tokens=settings.answering.context_tokens)

    @property
    def name(self) -> str:
        """As in ``ollama/qwen3:8b``."""
        return f"ollama/{self._model}"

    async def models(self) -> Mapping[str, str]:
        """Returns the models that can chat, the most recently pulled first, those in memory before all others.

        Raises:
            BackendDown: Ollama does not answer.
        """
        with self._errors():
            listed = (await self._asking.list()).models
            loaded = [entry.model for entry in (await self._asking.ps()).models]
        names = {entry.model: entry for entry in sorted(listed, key=_pulled, reverse=True) if entry.model}
        shown = dict(zip(names, await asyncio.gather(*map(self._show, names)), strict=True))
        chatting = [name for name in names if _chats(shown[name])]
        return {name: _description(names[name]) for name in sorted(chatting, key=lambda n: n not in loaded)}

    async def context_tokens(self) -> int:
        """Returns what every request asks for: the model's own limit, at most what the settings allow.

        Raises:
            BackendDown: Ollama does not answer.
            NotFound: it does not have the model.
        """
        return min(_context(await self._known()) or self._cap, self._cap)

    async def count_tokens(self, text: str) -> int:
        """Returns a safe estimate, corrected by what Ollama counted before: it has no way to ask."""
        return self._estimator.count(text)

    async def stream(
        self, messages: Sequence[Message], options: ChatOptions
    ) -> AsyncGenerator[ModelEvent, None]:
        """Does as ``ChatModel.stream`` says. ``ModelFinished.prompt_tokens`` is Ollama's ``prompt_eval_count``: fewer
        than were sent means that it truncated the prompt.
        """
        async with aclosing(within_limits(self._said(messages, options), self._who, options)) as events:
            async for event in events:
                if isinstance(event, ModelFinished):
                    self._estimator.learn(messages, event.prompt_tokens)
                yield event

    async def _said(
        self, messages: Sequence[Message], options: ChatOptions
    ) -> AsyncGenerator[ModelEvent, None]:
        """Yields the events of one answer, however long."""
        reader, patience = PartReader(self._who), Patience(self._who)
        body = await self._body(messages, options)
        with self._server.errors():
            async with aclosing(self._client.lines(f"{self._url}/api/chat", body)) as lines:
                async for payload in payloads(lines, self._server, events=False):
                    events = [] if payload is None else reader.read(payload)
                    patience.after(bool(events))
                    for event in events:
                        yield event
            for event in reader.finish():
                yield event

    async def close(self) -> None:
        """Frees the connections; the model stays in Ollama's memory for a while."""
        await self._client.close()
        await self._asking.close()  # type: ignore[no-untyped-call]

    @property
    def _who(self) -> str:
        return self._server.who

    async def _body(self, messages: Sequence[Message], options: ChatOptions) -> Mapping[str, Any]:
        context = options.context_tokens or await self.context_tokens()
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "stream": True,
            "options": _options(options, context),
            "keep_alive": _KEEP_ALIVE,
        }
        can_think = "thinking" in ((await self._known()).capabilities or ())
        return (
            body | {"think": options.think} if can_think else body
        )  # a model that cannot is not to be asked

    async def _known(self) -> ShowResponse:
        """Returns Ollama's information about the model, asked once."""
        if self._shown is None:
            self._shown = await self._show(self._model)
        return self._shown

    async def _show(self, model: str) -> ShowResponse:
        with self._errors(model):
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._asking.show(model)

    @contextmanager
    def _errors(self, model: str | None = None) -> Iterator[None]:
        """Translates what the client raises."""
        model = model or self._model
        try:
            with self._server.errors():
                yield
        except ResponseError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                raise NotFound(
                    f"{self._who} does not have the model {model!r}. Run: ollama pull {model}"
                ) from error
            raise BackendDown(
                f"{self._who} answered with an error: {storable(redacted(_words(error)))}"
            ) from error
        except (
            ValueError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:  # no JSON, or of another shape
            what = " ".join(str(error).split())[:200]
            raise BackendDown(f"{self._who} sent something that Ollama does not send: {what}") from error


def _options(options: ChatOptions, context: int) -> Mapping[str, Any]:
    sent = {
        "num_ctx": context,
        "num_predict": options.max_tokens,
        "temperature": options.temperature,
    }
    more = {"seed": options.seed, "top_p": options.top_p}
    return sent | {name: value for name, value in more.items() if value is not None}


def _pulled(entry: ListResponse.Model) -> float:
    """Returns when the model was pulled, in seconds; 0 where Ollama does not say."""
    return entry.modified_at.timestamp() if entry.modified_at else 0.0


def _chats(shown: ShowResponse) -> bool:
    if shown.capabilities is not None:
        return "completion" in shown.capabilities
    family = (shown.details.family if shown.details else None) or ""
    return family not in _EMBEDDING_FAMILIES


def _context(shown: ShowResponse) -> int | None:
    """Returns the model's own limit; None where Ollama does not say."""
    for key, value in (shown.modelinfo or {}).items():
        if key.endswith(".context_length") and context_size(value):
            return context_size(value)
    return None


def _description(entry: ListResponse.Model) -> str:
    """Returns a description such as ``8.2B, Q4_K_M, 5.2 GB``."""
    details = entry.details
    parts = [details.parameter_size, details.quantization_level] if details else []
    if entry.size:
        parts.append(f"{int(entry.size) / 1e9:.1f} GB")
    return ", ".join(part for part in parts if part)


def _words(error: ResponseError) -> str:
    return " ".join(str(error.error).split())[:300] or f"status {error.status_code}"
