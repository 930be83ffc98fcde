"""Which model answers, why that one, and what to do for a better one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from kb.backends import CHAT_MODELS, load
from kb.config import Settings
from kb.errors import FootnoteError, Misconfigured
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
    the machine), the configured server, a GGUF file, ``extractive``.

    Raises:
        Misconfigured: the name is none of auto, extractive, ollama/NAME, endpoint/NAME, gguf/FILE.
        NotFound: there is no such GGUF file.
    """
    wanted = wanted or settings.answering.model
    if wanted == "auto":
        return await _choose_best(settings)
    if wanted == EXTRACTIVE:
        return None, ModelStatus(EXTRACTIVE, "Chosen in the settings: it quotes and invents nothing.")
    return await _take(settings, wanted)


async def available(settings: Settings) -> dict[str, str]:
    """Returns every model that can be chosen: ``backend/name`` -> a short description.

    Servers that do not answer are left out, as are models that cannot chat.
    """
    ollama, endpoint = await _ask_servers(settings)
    return {
        **{f"ollama/{name}": description for name, description in ollama.models.items()},
        **{f"endpoint/{name}": description for name, description in endpoint.models.items()},
        **{f"gguf/{name}": description for name, description in _files(settings).models.items()},
    }


async def _take(settings: Settings, wanted: str) -> tuple[ChatModel, ModelStatus]:
    """Returns the model that somebody named."""
    model = _made(settings, wanted)
    return model, await _status(model, "Chosen by name.")


async def _choose_best(settings: Settings) -> tuple[ChatModel | None, ModelStatus]:
    ollama, endpoint = await _ask_servers(settings)
    files = _files(settings)
    better = _better(settings, ollama, endpoint, files)
    for backend, found, why, next_step in (
        ("ollama", ollama, "Ollama runs and has this model.", None),
        ("endpoint", endpoint, f"The server at {settings.answering.endpoint_url} answers.", None),
        ("gguf", files, "This model file is here, and no model server has a chat model.", better),
    ):
        if (name := next(iter(found.models), None)) is not None:
            model = _made(settings, f"{backend}/{name}")
            return model, await _status(model, why, better=next_step)
    return None, ModelStatus(EXTRACTIVE, "No model is here, so the best sentences are quoted.", better=better)


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
            f"The model {wanted!r} is not known. Known: auto, extractive, ollama/NAME, endpoint/NAME, gguf/FILE."
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
        async with asyncio.timeout(PROBE_SECONDS):
            return _Found(await model.models())
    except TimeoutError:
        return _Found({}, failed=f"It did not list its models within {PROBE_SECONDS:g} s.")
    except FootnoteError as error:
        return _Found({}, failed=str(error))
    finally:
        await model.close()


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
    pull = f"run: ollama pull {_suggestion()}"
    if endpoint.failed:
        return endpoint.failed
    if files.failed:
        return files.failed
    if settings.answering.endpoint_url:
        return f"The server at {settings.answering.endpoint_url} has no chat model: load one there."
    if ollama.failed is None:
        return f"Ollama runs but has no chat model: {pull}"
    return f"{ollama.failed} If it is not installed: https://ollama.com/download. Then {pull}"


def _suggestion() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return next(name for least, name in _SUGGESTIONS if memory >= least)
