"""Models of named connections: one of the backends, under the name and with the settings that the owner gave it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kb.backends import CHAT_MODELS, load
from kb.config import ConnectionSettings, Settings, expanded
from kb.config.connections import OLLAMA_URL
from kb.errors import BackendDown, NotFound
from kb.models.chat.decision import Decides
from kb.models.gguf_files import gguf_files
from kb.ports import ChatModel
from kb.types import ChatOptions, Message, ModelEvent

if TYPE_CHECKING:
    from collections.abc import Callable


class ListsModels(ChatModel, Protocol):
    """A model of a server, which tells what else it has."""

    async def models(self) -> Mapping[str, str]:
        """Returns name -> description; raises as ``ChatModel.context_tokens`` does."""
        ...


class ConnectedModel:
    """A model with settings of its own."""

    def __init__(self, name: str, model: ChatModel, asked: ConnectionSettings) -> None:
        """``name`` is that of the connection, with the model's behind it where the connection offers several."""
        self._name = name
        self._model = model
        self._asked = asked

    @property
    def name(self) -> str:
        """As in ``big``, or ``big/qwen3:8b``."""
        return self._name

    async def context_tokens(self) -> int:
        """Does as ``ChatModel.context_tokens`` says."""
        return await self._model.context_tokens()

    async def count_tokens(self, text: str) -> int:
        """Does as ``ChatModel.count_tokens`` says."""
        return await self._model.count_tokens(text)

    async def stream(
        self, messages: Sequence[Message], options: ChatOptions
    ) -> AsyncGenerator[ModelEvent, None]:
        """Does as ``ChatModel.stream`` says."""
        chosen = self._with_own(options) if options.own_settings else options
        async with aclosing(self._model.stream(messages, chosen)) as events:
            async for event in events:
                yield event

    async def decide(self, state: str, instructions: str, options: Sequence[str]) -> str | None:
        """Does as ``Decides.decide`` says; what Ollama runs is none."""
        if not isinstance(self._model, Decides):
            return None
        return await self._model.decide(state, instructions, options)

    async def close(self) -> None:
        """Frees connections and memory."""
        await self._model.close()

    def _with_own(self, options: ChatOptions) -> ChatOptions:
        asked = self._asked
        return replace(
            options,
            temperature=options.temperature if asked.temperature is None else asked.temperature,
            top_p=options.top_p if asked.top_p is None else asked.top_p,
            think=options.think if asked.thinking is None else asked.thinking,
        )


def names_connection(settings: Settings, wanted: str) -> bool:
    """Whether ``wanted``, as ``answering.model`` has it, is a connection, or a model of one."""
    return wanted.partition("/")[0] in settings.connections


def connected(settings: Settings, name: str, model: str) -> ConnectedModel:
    """Returns ``model`` of the connection ``name``, one of ``settings.connections``.

    Raises:
        Misconfigured: its address is none.
    """
    asked = settings.connections[name]
    shown = name if asked.model else f"{name}/{model}"
    return ConnectedModel(shown, _backend(settings, name, model), asked)


async def offered(settings: Settings, name: str) -> dict[str, str]:
    """Returns the models of the connection ``name`` that can be chosen -> what each is; its server is asked.

    Raises:
        BackendDown, Misconfigured: it cannot say. Where the owner named its model, it is not asked.
    """
    asked = settings.connections[name]
    about = asked.url or (OLLAMA_URL if asked.kind == "ollama" else "")
    if asked.model:
        return {name: ", ".join(filter(None, (asked.model, about)))}
    server: ListsModels = _backend(settings, name, "")
    try:
        found = await server.models()
    finally:
        await server.close()
    return {f"{name}/{each}": ", ".join(filter(None, (what, about))) for each, what in found.items()}


async def model_of(settings: Settings, wanted: str) -> str:
    """Returns the model that ``wanted`` (NAME, or NAME/MODEL) means: the one that is named, else the server's first.

    Raises:
        BackendDown, Misconfigured: the server was to say, and cannot; or it has none.
        NotFound: the connection is for another model.
    """
    name, _, model = wanted.partition("/")
    asked = settings.connections[name]
    if asked.model and model not in ("", asked.model):
        raise NotFound(f"The connection {name} is for {asked.model} alone. Ask it as {name}.")
    if asked.model or model:
        return asked.model or model
    first = next(iter(await offered(settings, name)), None)
    if first is None:
        raise BackendDown(f"The server of the connection {name} has no chat model: load one there.")
    return first.partition("/")[2]


def _backend(settings: Settings, name: str, model: str) -> ListsModels:
    """Returns the backend of a connection; only servers list models."""
    asked = settings.connections[name]
    make: Callable[..., ListsModels] = load(CHAT_MODELS, asked.kind)
    context = asked.context or settings.answering.context_tokens
    if asked.kind == "gguf":
        return make(gguf_files(settings).get(model) or expanded(Path(model)), context_tokens=context)
    key = asked.key.get_secret_value() if asked.key else None
    said = {"says_thinking": asked.thinking is not None} if asked.kind == "endpoint" else {}
    return make(
        asked.url or OLLAMA_URL,
        model,
        key=key,
        context_tokens=context,
        setting=f"connections.{name}.url",
        **said,
    )
