"""Which embedding model is used, and a sentence that says why."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from kb.config import Settings
from kb.errors import BackendDown, Misconfigured
from kb.models import hub
from kb.models.embed import bundled
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.spec import BUNDLED, SPECS, EmbedderSpec, known
from kb.models.hardware import Hardware, detect
from kb.models.hub import Announce
from kb.system.home_layout import HomeLayout

log = logging.getLogger(__name__)

_LARGE = SPECS["Qwen/Qwen3-Embedding-4B"]
_SMALL = SPECS["Qwen/Qwen3-Embedding-0.6B"]
_APPLE_MEMORY = 16_000_000_000
"""0.6B takes 2.4 GB in float32; below this the rest of the machine would feel it."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def choose(
    settings: Settings,
    *,
    announce: Announce = log.info,
    hardware: Hardware | None = None,
    keep: str | None = None,
) -> tuple[LocalEmbedder, str]:
    """The embedder that ``settings`` ask for, and why it is that one.

    May unpack the bundled model (seconds) or download one (``announce`` is told the size first and
    every tenth of it), so call it off the thread that serves pages. ``keep`` names the model of the
    index in use: ``auto`` stays with it while it is on this machine, because another model would
    mean embedding everything anew.

    Raises:
        Misconfigured: the model or the width that was asked for cannot be had, or not even the
            bundled model is installed.
        BackendDown: the model that was asked for by name is not here, nor can the hub be reached.
    """
    folder, why = (
        _automatic(settings, announce, hardware, keep)
        if settings.embedder == "auto"
        else (_named(settings, announce))
    )
    return LocalEmbedder(folder, width=settings.embedder_width, device=settings.device), why


def present(settings: Settings, model: str) -> LocalEmbedder | None:
    """The embedder of that name, at its full width, if its files are on this machine; nothing is fetched."""
    spec = known(model)
    if spec is None:
        return None
    folder = _bundled(settings) if spec.model == BUNDLED else hub.cached(spec.model, spec.revision)
    return LocalEmbedder(folder, device=settings.device) if folder else None


def preferred(hardware: Hardware) -> tuple[EmbedderSpec, str]:
    """What suits ``hardware``, and why."""
    free = f"{hardware.gpu} has {hardware.gpu_free / 1e9:.0f} GB free"
    if hardware.gpu and hardware.gpu_free >= _LARGE.gpu_bytes:
        return _LARGE, f"{free}, enough for {_LARGE.model}"
    if hardware.gpu and hardware.gpu_free >= _SMALL.gpu_bytes:
        return _SMALL, f"{free}, enough for {_SMALL.model}"
    if hardware.apple_silicon and hardware.memory >= _APPLE_MEMORY:
        return _SMALL, f"{_SMALL.model} runs on the GPU of Apple silicon"
    if hardware.gpu:
        return SPECS[BUNDLED], f"{free}, too little for a larger model"
    return SPECS[BUNDLED], "there is no GPU that a larger model would need"


def _automatic(
    settings: Settings, announce: Announce, hardware: Hardware | None, keep: str | None
) -> tuple[Path, str]:
    kept = known(keep) if keep else None
    if kept and kept.model != BUNDLED and (folder := hub.cached(kept.model, kept.revision)):
        return folder, f"{kept.model}, with which this index was built."
    if kept and kept.model == BUNDLED:
        return _bundled(settings), f"The bundled {bundled.NAME}, with which this index was built."
    spec, why = preferred(hardware or (detect() if settings.device != "cpu" else Hardware()))
    if spec.model == BUNDLED:
        return _bundled(settings), f"The bundled {bundled.NAME}: {why}."
    try:
        return _fetch(spec, announce), f"{spec.model}: {why}."
    except (BackendDown, Misconfigured) as error:
        announce(str(error))
        return _bundled(settings), f"The bundled {bundled.NAME}: {why}, but it could not be had. {error}"


def _named(settings: Settings, announce: Announce) -> tuple[Path, str]:
    name = settings.embedder
    why = f"{name}, as the settings say."
    if name == "bundled":
        return _bundled(settings), why
    if (folder := Path(name).expanduser()).is_dir():
        return folder, why
    if spec := known(name):
        spec.checked_width(settings.embedder_width)  # before gigabytes are downloaded
        return _fetch(spec, announce), why
    if _HUB_ID.fullmatch(name):
        return hub.fetch(name, None, size=0, announce=announce), why
    raise Misconfigured(
        f"embedder = {name!r} is neither a folder nor a model. Known: auto, bundled, {', '.join(SPECS)}; "
        "any other sentence-transformers model goes by its folder or by its hub id, owner/name."
    )


def _bundled(settings: Settings) -> Path:
    return bundled.unpack(HomeLayout(settings.home).models)


def _fetch(spec: EmbedderSpec, announce: Announce) -> Path:
    return hub.fetch(spec.model, spec.revision, size=spec.download_bytes, announce=announce)
