"""Which model answers, why that one, and what to do for a better one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace

import psutil

from kb.backends import CHAT_MODELS, load
from kb.config import Settings
from kb.config.connections import OLLAMA_URL
from kb.errors import FootnoteError, Misconfigured
from kb.models.chat.connections import connected, model_of, names_connection, offered
from kb.models.gguf_files import describe, gguf_files
from kb.ports import ChatModel
from kb.types import EXTRACTIVE, ModelStatus

log = logging.getLogger(__name__)

PROBE_SECONDS = 3.0
"""How long a server that listens may take to say which models it has; where nothing listens on this
machine, the connection is refused at once."""

_SUGGESTIONS = ((14, "qwen3:8b"), (7, "qwen3:4b"), (0, "qwen3:1.7b"))
"""From how many GiB of memory on: the model of Ollama's library that answers well there."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a server offers."""

    models: Mapping[str, str]
    """Name -> description, best first."""
    failed: str | None = None
    """Why it cannot be asked; None when it answered."""


async def choose(settings: Settings, wanted: str | None = None) -> tuple[ChatModel | None, ModelStatus]:
    """Returns the model that answers, None for ``extractive``, and what to say about it.

    ``wanted`` overrides the setting ``model``. A model that is named is taken as it is: when its server is
    down, the status says so and the answer will. ``auto`` takes the first that is there: Ollama with a
    chat model (one that is in its memory already, else the one pulled last: the largest may be too much for
    the machine), the configured server, the named connections in their order, a GGUF file, ``extractive``.

    Raises:
        Misconfigured: the name is none of auto, extractive, ollama/NAME, endpoint/NAME, gguf/FILE, a connection.
        NotFound: there is no such GGUF file, or no such model of a connection.
        BackendDown: the first model of a connection is wanted, and its server does not say which that is.
    """
    wanted = wanted or settings.answering.model
    if wanted == "auto":
        return await _choose_best(settings)
    if wanted == EXTRACTIVE:
        return None, ModelStatus(EXTRACTIVE, "Chosen in the settings: it quotes and invents nothing.")
    return await _take(settings, wanted)


@dataclass(frozen=True, slots=True)
class BackendState:
    """A server of models that answer, or a named connection, as it was when it was asked."""

    name: str
    """``ollama``, ``endpoint``, or that of the connection."""
    place: str
    """Its address, or its file."""
    models: tuple[str, ...]
    failed: str | None
    """Why it cannot be had, in a sentence; None where it answered."""
    is_needed: bool
    """Whether the owner named it as what answers, or judges."""


async def backend_states(settings: Settings) -> list[BackendState]:
    """Returns the state of Ollama, of the configured server and of each connection, all asked at once."""
    (ollama, endpoint), connections = await asyncio.gather(
        _ask_servers(settings), asyncio.gather(*(_state(settings, name) for name in settings.connections))
    )
    named = {name.partition("/")[0] for name in (settings.answering.model, settings.judge.model)}
    servers = [("ollama", settings.answering.ollama_url, ollama)]
    if settings.answering.endpoint_url:
        servers.append(("endpoint", settings.answering.endpoint_url, endpoint))
    found = [
        BackendState(name, place, tuple(said.models), said.failed, name in named)
        for name, place, said in servers
    ]
    return found + [replace(state, is_needed=state.name in named) for state in connections]


async def _state(settings: Settings, name: str) -> BackendState:
    """Returns the state of a connection: whether its model, or the first that its server has, can be had."""
    asked = settings.connections[name]
    place = asked.url or (OLLAMA_URL if asked.kind == "ollama" else asked.model or "")
    try:
        model, status = await _take(settings, name)
    except FootnoteError as error:
        return BackendState(name, place, (), str(error), is_needed=False)
    await model.close()
    failed = status.better if status.context_tokens is None else None
    return BackendState(name, place, (model.name,), failed, is_needed=False)


async def available(settings: Settings) -> dict[str, str]:
    """Returns every model that can be chosen: ``backend/name`` -> a short description.

    Servers that do not answer are left out, as are models that cannot chat.
    """
    (ollama, endpoint), connections = await asyncio.gather(_ask_servers(settings), _ask_connections(settings))
    return {
        **{name: description for each in connections.values() for name, description in each.models.items()},
        **{f"ollama/{name}": description for name, description in ollama.models.items()},
        **{f"endpoint/{name}": description for name, description in endpoint.models.items()},
        **{f"gguf/{name}": description for name, description in _files(settings).models.items()},
    }


async def _take(settings: Settings, wanted: str) -> tuple[ChatModel, ModelStatus]:
    """Returns the model that somebody named."""
    if names_connection(settings, wanted):
        name = wanted.partition("/")[0]
        model: ChatModel = connected(settings, name, await model_of(settings, wanted))
        return model, _with_own(settings, name, await _status(model, "Chosen by name."))
    model = _made(settings, wanted)
    return model, await _status(model, "Chosen by name.")


async def _choose_best(settings: Settings) -> tuple[ChatModel | None, ModelStatus]:
    ollama, endpoint = await _ask_servers(settings)
    files = _files(settings)
    better = _better(settings, ollama, endpoint, files)
    for backend, found, why in (
        ("ollama", ollama, "Ollama runs and has this model."),
        ("endpoint", endpoint, f"The server at {settings.answering.endpoint_url} answers."),
    ):
        if (name := next(iter(found.models), None)) is not None:
            model = _made(settings, f"{backend}/{name}")
            return model, await _status(model, why)
    if (connection := await _first_connection(settings)) is not None:
        return connection
    if (name := next(iter(files.models), None)) is not None:
        model = _made(settings, f"gguf/{name}")
        why = "This model file is here, and no model server has a chat model."
        return model, await _status(model, why, better=better)
    return None, ModelStatus(EXTRACTIVE, "No model is here, so the best sentences are quoted.", better=better)


async def _first_connection(settings: Settings) -> tuple[ChatModel, ModelStatus] | None:
    """Returns the model of the first named connection that answers; None where none does. All are asked at once."""
    tried = await asyncio.gather(
        *(_take(settings, name) for name in settings.connections), return_exceptions=True
    )
    chosen: tuple[ChatModel, ModelStatus] | None = None
    for name, found in zip(settings.connections, tried, strict=True):
        if isinstance(found, FootnoteError):
            continue
        if isinstance(found, BaseException):
            raise found
        model, status = found
        if chosen is None and status.context_tokens is not None:
            chosen = model, replace(status, why=f"The connection {name} answers.")
        else:
            await model.close()
    return chosen


def _with_own(settings: Settings, name: str, status: ModelStatus) -> ModelStatus:
    """Returns ``status`` with what the owner set for the model of the connection ``name`` alone."""
    asked = settings.connections[name]
    return replace(status, own_context=asked.context, own_answer_tokens=asked.max_tokens)


async def _status(model: ChatModel, why: str, *, better: str | None = None) -> ModelStatus:
    """Returns the status of a model that was chosen; what keeps it from answering comes first."""
    context = None
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            context = await model.context_tokens()
    except TimeoutError:
        better = f"Its server did not answer within {PROBE_SECONDS:g} s: restart it, or choose another model."
    except FootnoteError as error:
        better = str(error)
    return ModelStatus(model.name, why, better=better, context_tokens=context)


def _made(settings: Settings, wanted: str) -> ChatModel:
    backend, _, name = wanted.partition("/")
    if not name:
        raise Misconfigured(
            f"The model {wanted!r} is not known. Known: auto, extractive, ollama/NAME, endpoint/NAME, gguf/FILE"
            f"{''.join(f', {each}' for each in settings.connections)}."
        )
    made: ChatModel = load(CHAT_MODELS, backend).from_settings(settings, name)
    return made


async def _ask_servers(settings: Settings) -> tuple[_Found, _Found]:
    """Returns what Ollama and the configured server offer, asked at the same time."""
    servers = [_ask(settings, "ollama")]
    if settings.answering.endpoint_url:
        servers.append(_ask(settings, "endpoint"))
    found = await asyncio.gather(*servers)
    return found[0], found[1] if len(found) > 1 else _Found({})


async def _ask(settings: Settings, backend: str) -> _Found:
    try:
        model = load(CHAT_MODELS, backend).from_settings(settings, "")
    except Misconfigured as error:
        return _Found({}, failed=str(error))
    try:
        return await _listed(model.models())
    finally:
        await model.close()


async def _ask_connections(settings: Settings) -> dict[str, _Found]:
    """Returns what each named connection offers, asked at the same time."""
    found = await asyncio.gather(*(_listed(offered(settings, name)) for name in settings.connections))
    return dict(zip(settings.connections, found, strict=True))


async def _listed(asking: Awaitable[Mapping[str, str]]) -> _Found:
    """Returns the models that ``asking`` comes to, within the time that a server has for it."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return _Found(await asking)
    except TimeoutError:
        return _Found({}, failed=f"It did not list its models within {PROBE_SECONDS:g} s.")
    except FootnoteError as error:
        return _Found({}, failed=str(error))


def _files(settings: Settings) -> _Found:
    """Returns the GGUF files that hold chat models."""
    described: dict[str, str] = {}
    failed = None
    for name, path in gguf_files(settings).items():
        try:
            description = describe(path)
        except Misconfigured as error:  # one bad file must not hide the good ones
            log.warning("a model file is left out", extra={"reason": str(error)})
            failed = str(error) if path == settings.answering.gguf else failed
        else:
            described |= {name: description} if description is not None else {}
    return _Found(described, failed=failed)


def _better(settings: Settings, ollama: _Found, endpoint: _Found, files: _Found) -> str:
    """Returns the next step to a model that answers better: what was set up and fails comes first."""
    pull = f"run: ollama pull {suggestion()}"
    if endpoint.failed:
        return endpoint.failed
    if files.failed:
        return files.failed
    if settings.answering.endpoint_url:
        return f"The server at {settings.answering.endpoint_url} has no chat model: load one there."
    if ollama.failed is None:
        return f"Ollama runs but has no chat model: {pull}"
    return f"{ollama.failed} If it is not installed: https://ollama.com/download. Then {pull}"


def suggestion() -> str:
    """Returns the model of Ollama's library that answers well with the memory of this machine."""
    memory = psutil.virtual_memory().total / 2**30
    return next(name for least, name in _SUGGESTIONS if memory >= least)
