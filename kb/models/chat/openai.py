"""Any server that speaks the chat completions protocol: vLLM, llama.cpp, LM Studio and the rest."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from kb.config import Settings
from kb.errors import BackendDown, Misconfigured, NotFound
from kb.models.chat.openai_client import CompletionsClient
from kb.models.chat.shapes import context_size
from kb.models.chat.token_estimate import TokenEstimator
from kb.models.replies import MOST_PAGE_BYTES
from kb.models.transport import ModelServer
from kb.system.addresses import checked_url
from kb.types import ChatOptions, Message, ModelEvent, ModelFinished

log = logging.getLogger(__name__)

_NOT_FOR_CHAT = ("embed", "rerank", "whisper", "tts")
"""Parts of the names of models that servers list beside their chat models."""


class EndpointModel:
    """A model behind an OpenAI-compatible server."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        context_tokens: int = 8192,
        setting: str = "answering.endpoint_url",
        says_thinking: bool = False,
    ) -> None:
        """``url`` goes up to and with ``/v1``; ``context_tokens`` caps what the server allows.

        ``setting`` is where the owner wrote ``url``. ``says_thinking``: requests say whether the model is to think
        first, as vLLM and llama.cpp read it; other servers may refuse what they do not know.
        """
        self._url = checked_url(url, setting=setting)
        self._setting = setting
        self._says_thinking = says_thinking
        self._model = model
        self._cap = context_tokens
        self._estimator = TokenEstimator()
        self._counts_tokens: bool | None = None
        """Whether the server has a /tokenize; None before it was asked."""
        self._client = CompletionsClient(
            ModelServer(
                self._url,
                who=self._who,
                start=f"Start it, or set {setting} to where it listens.",
                key=key,
                refused_key=f"Set {setting.removesuffix('url')}key.",
                unknown=f"Set {setting} up to and with /v1, and a model that it lists.",
                elsewhere=f"Another program may listen there: set {setting} up to and with /v1.",
                most_bytes=MOST_PAGE_BYTES,
            )
        )

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> EndpointModel:
        """Returns the model ``name`` of the configured server.

        Raises:
            Misconfigured: no server is configured.
        """
        if not settings.answering.endpoint_url:
            raise Misconfigured(
                "No server is set for endpoint models. Set answering.endpoint_url, as in http://127.0.0.1:8000/v1."
            )
        key = settings.answering.endpoint_key.get_secret_value() if settings.answering.endpoint_key else None
        return cls(
            settings.answering.endpoint_url, name, key=key, context_tokens=settings.answering.context_tokens
        )

    @property
    def name(self) -> str:
        """As in ``endpoint/qwen3-8b``."""
        return f"endpoint/{self._model}"

    async def models(self) -> Mapping[str, str]:
        """Returns the chat models that the server lists, in its order.

        Raises:
            BackendDown: the server does not answer.
            Misconfigured: it refuses the key, or the URL is not that of such a server.
        """
        return {
            name: _description(entry)
            for name, entry in (await self._entries()).items()
            if not any(part in name.lower() for part in _NOT_FOR_CHAT)
        }

    async def context_tokens(self) -> int:
        """Returns what the server runs the model with, at most what the settings allow; the settings alone
        where the server does not say.

        Raises:
            BackendDown: the server does not answer.
            NotFound: the server does not list the model.
        """
        entries = await self._entries()
        if self._model not in entries:
            raise NotFound(
                f"{self._who} has no model {self._model!r}. It has: {', '.join(entries) or 'none'}."
            )
        served = _context(entries[self._model]) or await self._context_elsewhere()
        return min(served, self._cap) if served else self._cap

    async def count_tokens(self, text: str) -> int:
        """Returns an exact count with vLLM and llama.cpp, which have ``/tokenize``; else a safe estimate."""
        if self._counts_tokens is False:
            return self._estimator.count(text)
        try:
            counted = await self._client.count_tokens(self._model, text)
        except BackendDown as down:  # the next call finds out; until then the estimate is what there is
            log.info("tokens are estimated for now", extra={"reason": str(down)})
            return self._estimator.count(text)
        if self._counts_tokens is None:
            self._counts_tokens = counted is not None
        return self._estimator.count(text) if counted is None else counted

    async def stream(
        self, messages: Sequence[Message], options: ChatOptions
    ) -> AsyncGenerator[ModelEvent, None]:
        """Does as ``ChatModel.stream`` says. The context is set by the server, and so is whether the model thinks first
        where that is not said: ``options.context_tokens`` has no effect, nor has ``options.think`` then.
        """
        extra = {"chat_template_kwargs": {"enable_thinking": options.think}} if self._says_thinking else {}
        async with aclosing(self._client.stream(self._model, messages, options, **extra)) as events:
            async for event in events:
                if isinstance(event, ModelFinished):
                    self._estimator.learn(messages, event.prompt_tokens)
                yield event

    async def decide(self, state: str, instructions: str, options: Sequence[str]) -> str | None:
        """Does as ``Decides.decide`` says."""
        return await self._client.decide(state, instructions, options)

    async def close(self) -> None:
        await self._client.close()

    @property
    def _who(self) -> str:
        return f"The model server at {self._url}"

    async def _entries(self) -> dict[str, Mapping[str, Any]]:
        """Returns name -> the entry of ``/models``."""
        payload = await self._client.get("/models")
        listed = payload.get("data") if isinstance(payload, Mapping) else None
        if not isinstance(listed, list):
            raise Misconfigured(
                f"{self._who} does not list its models as an OpenAI-compatible server does. "
                f"Set {self._setting} up to and with /v1."
            )
        return {str(entry["id"]): entry for entry in listed if isinstance(entry, Mapping) and "id" in entry}

    async def _context_elsewhere(self) -> int | None:
        """Returns the context as older llama.cpp and LM Studio tell it; None for servers without those pages."""
        for path, keys in (
            ("/props", ("default_generation_settings", "n_ctx")),
            (f"/api/v0/models/{quote(self._model)}", ("loaded_context_length",)),
        ):
            if found := _size_at(await self._client.page(path), *keys):
                return found
        return None


def _context(entry: Mapping[str, Any]) -> int | None:
    """Returns the context in ``/v1/models`` of vLLM (``max_model_len``) or llama.cpp (``meta.n_ctx``); else None."""
    return _size_at(entry, "max_model_len") or _size_at(entry, "meta", "n_ctx")


def _size_at(found: Any, *keys: str) -> int | None:
    """Returns the size of a context at ``keys`` of nested JSON; None when there is none."""
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return context_size(found)


def _description(entry: Mapping[str, Any]) -> str:
    context = _context(entry)
    return f"context {context:,}" if context else str(entry.get("owned_by") or "")
