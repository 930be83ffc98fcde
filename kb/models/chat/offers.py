"""Every place where models that answer are, or could be, with what of it fits into this machine's memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import psutil

from kb.config import Settings
from kb.models.chat.choose import BackendState, available, backend_states, suggestion
from kb.models.hardware import Hardware, detect
from kb.system.addresses import is_loopback
from kb.system.home_layout import HomeLayout
from kb.types import ModelOffer, ModelOffers, OfferedModel
from kb.types.model_offers import OfferKind

_SIZE = " GB"
"""How Ollama and GGUF files end what they say of a model."""
_CONTEXT_BYTES = 1.3e9
"""What a model takes beside its file: keys and values of 8,192 tokens, in Qwen3 4B to 14B 36 to 40 layers of 8 heads of
128 numbers in float16."""
_SHARE = 0.85
"""Of the memory: the system and whatever else runs need the rest."""


async def model_offers(settings: Settings) -> ModelOffers:
    """Returns what can be chosen now; servers are asked at the same time, for three seconds at most."""
    states, names, hardware = await asyncio.gather(
        backend_states(settings), available(settings), asyncio.to_thread(detect)
    )
    memory = hardware.gpu_free or psutil.virtual_memory().total
    servers = [_offer(state, settings, names, memory) for state in states]
    files = _models({name: about for name, about in names.items() if name.startswith("gguf/")}, memory)
    folder = ModelOffer("files", str(HomeLayout(settings.home).models), files)
    return ModelOffers((*servers, folder), memory, _gpu(hardware), suggestion())


def _gpu(hardware: Hardware) -> str | None:
    return "Apple silicon" if hardware.apple_silicon else hardware.gpu


def _offer(state: BackendState, settings: Settings, names: Mapping[str, str], memory: int) -> ModelOffer:
    kind: OfferKind = (
        "connection"
        if state.name in settings.connections
        else "ollama"
        if state.name == "ollama"
        else "endpoint"
    )
    own = {name: about for name, about in names.items() if name.partition("/")[0] == state.name}
    here = kind != "connection" and is_loopback(state.place)
    place = state.name if kind == "connection" else state.place
    return ModelOffer(kind, place, _models(own, memory if here else None), state.failed)


def _models(names: Mapping[str, str], memory: int | None) -> tuple[OfferedModel, ...]:
    """Returns the models; ``memory`` is None where they run on a machine of which nothing is known."""
    return tuple(OfferedModel(name, about, _fits(about, memory)) for name, about in names.items())


def _fits(about: str, memory: int | None) -> bool | None:
    size = about.rpartition(", ")[2]
    if memory is None or not size.endswith(_SIZE):
        return None
    try:
        file = float(size.removesuffix(_SIZE)) * 1e9
    except ValueError:  # a server says what it likes
        return None
    return file + _CONTEXT_BYTES <= memory * _SHARE
