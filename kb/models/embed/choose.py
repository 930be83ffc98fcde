"""Chooses the embedding model, with a sentence that says why."""

from __future__ import annotations

import logging
from pathlib import Path

from kb.backends import EMBEDDERS, load
from kb.config import Settings, expanded
from kb.errors import BackendDown, Misconfigured
from kb.models import hub
from kb.models.embed.bundled import NAME
from kb.models.embed.obtain import fetched, require_named, unpacked
from kb.models.embed.proof_store import ProofStore
from kb.models.embed.spec import BUNDLED, SPECS, EmbedderSpec, known
from kb.models.hardware import Hardware, detect
from kb.models.hub import Announce
from kb.ports import Embedder
from kb.system.logs import tell

log = logging.getLogger(__name__)

_IN_PROCESS = "local"
"""The backend of a name that begins with none."""
_GGUF = "gguf"
_LARGE = SPECS["Qwen/Qwen3-Embedding-4B"]
_SMALL = SPECS["Qwen/Qwen3-Embedding-0.6B"]
_APPLE_MEMORY = 16_000_000_000
"""0.6B takes 2.4 GB in float32; below this the rest of the machine would feel it."""


def choose(
    settings: Settings,
    *,
    announce: Announce = tell,
    hardware: Hardware | None = None,
    keep: str | None = None,
    proofs: ProofStore | None = None,
) -> tuple[Embedder, str]:
    """Returns the embedder that ``settings`` ask for, and a sentence that says why it is that one.

    May unpack the bundled model (seconds) or download one (``announce`` is told the size first and
    every tenth of it), so call it off the thread that serves pages. ``keep`` names the model of the
    index in use: ``auto`` stays with it while it is on this machine, because another model would
    mean embedding everything anew. ``proofs`` keeps what embedding servers have shown; None for files in the data
    folder's ``models``.

    Raises:
        Misconfigured: the model or the width that was asked for cannot be had, or not even the
            bundled model is installed.
        BackendDown: the model that was asked for by name is not here, nor can the hub be reached.
    """
    require_fitting(settings)
    asked, engine = settings.embedding.model, settings.embedding.engine
    if engine in EMBEDDERS:
        name = "" if asked == "auto" else asked
        made = _opened(engine, settings, name, announce, proofs)
        return made, f"{made.fingerprint.model} by {engine}, as the settings say."
    if asked != "auto":
        return _made(settings, asked, announce, proofs), f"{asked}, as the settings say."
    name, why = _automatic(settings, announce, hardware, keep)
    return _made(settings, name, announce, proofs), why


def require_fitting(settings: Settings) -> None:
    """Raises Misconfigured where ``embedding.model`` can be none, or ``embedding.engine`` cannot take its kind.

    A server names its models as it likes, by a file or a folder of its own too: they take every name, but Ollama
    no file that is here.
    """
    asked, engine = settings.embedding.model, settings.embedding.engine
    is_folder = expanded(Path(asked)).is_dir()
    backend = "" if is_folder else asked.partition("/")[0]
    is_file = asked.lower().endswith(".gguf") and not is_folder
    if engine in ("torch", "openvino", "onnx"):
        if backend in EMBEDDERS and backend != _IN_PROCESS:
            raise Misconfigured(
                f"embedding.engine = {engine!r} does not run {asked!r}, which is a model of {backend}. "
                f'Set embedding.engine = "auto", or "{backend}" and the name without {backend}/.'
            )
        if is_file:
            raise Misconfigured(_unfit(engine, f"the GGUF file {asked!r}", '"gguf"'))
    if engine == _GGUF and is_folder:
        raise Misconfigured(_unfit(engine, f"the folder {asked!r}", '"torch", "openvino" or "onnx"'))
    if engine == "ollama" and is_file and expanded(Path(asked)).is_file():
        raise Misconfigured(_unfit(engine, f"the GGUF file {asked!r}", '"gguf"'))
    if engine == _GGUF and not is_file and (asked == "bundled" or known(asked) is not None):
        raise Misconfigured(
            _unfit(engine, f"{asked!r}, whose weights are a folder", '"torch", "openvino" or "onnx"')
        )
    if asked != "auto" and not has_to_be_proved(settings):
        require_named(settings, _split(asked)[1])


def _unfit(engine: str, model: str, fitting: str) -> str:
    return f'embedding.engine = "{engine}" cannot take {model}. Set embedding.engine = {fitting}, or "auto".'


def present(settings: Settings, model: str) -> Embedder | None:
    """Returns the embedder of that name, at its full width, if its files are on this machine; never downloads."""
    spec = known(model)
    if spec is None:
        return None
    folder = unpacked(settings) if spec.model == BUNDLED else hub.cached(spec.model, spec.revision)
    if folder is None:
        return None
    embedder: Embedder = load(EMBEDDERS, _IN_PROCESS).of_folder(settings, folder)
    return embedder


def preferred(hardware: Hardware) -> tuple[EmbedderSpec, str]:
    """Returns the model that suits ``hardware``, and why."""
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


def _made(settings: Settings, wanted: str, announce: Announce, proofs: ProofStore | None) -> Embedder:
    """Returns the embedder called ``backend/name``, or only ``name`` where it runs in this process."""
    backend, name = _split(wanted)
    return _opened(backend, settings, name, announce, proofs)


def _split(wanted: str) -> tuple[str, str]:
    """Returns (backend, name) of a model that is named without an engine."""
    backend, _, name = wanted.partition("/")
    is_folder = expanded(Path(wanted)).is_dir()
    # what is before the slash owns a model on the hub, or there is none
    if is_folder or backend not in EMBEDDERS:
        return _GGUF if wanted.lower().endswith(".gguf") else _IN_PROCESS, wanted
    return backend, name


def has_to_be_proved(settings: Settings) -> bool:
    """Returns whether what embeds is no part of this process, so that it has to show that its vectors are sound."""
    asked, engine = settings.embedding.model, settings.embedding.engine
    return engine in EMBEDDERS or (asked != "auto" and _split(asked)[0] != _IN_PROCESS)


def _opened(
    backend: str, settings: Settings, name: str, announce: Announce, proofs: ProofStore | None
) -> Embedder:
    """Returns the model ``name`` of ``backend``; one that is no part of this process is proved where it was not yet."""
    kind = load(EMBEDDERS, backend)
    made: Embedder
    if backend == _IN_PROCESS:
        made = kind.from_settings(settings, name, announce=announce)
    else:
        made = kind.from_settings(settings, name, announce=announce, proofs=proofs)
    return made


def _automatic(
    settings: Settings, announce: Announce, hardware: Hardware | None, keep: str | None
) -> tuple[str, str]:
    """Returns the name of the model that suits, and why; it is on this machine when this returns."""
    kept = known(keep) if keep else None
    if kept and kept.model != BUNDLED and hub.cached(kept.model, kept.revision):
        return kept.model, f"{kept.model}, with which this index was built."
    if kept and kept.model == BUNDLED:
        return "bundled", f"The bundled {NAME}, with which this index was built."
    spec, why = preferred(hardware or (detect() if settings.embedding.device != "cpu" else Hardware()))
    if spec.model == BUNDLED:
        return "bundled", f"The bundled {NAME}: {why}."
    try:
        fetched(spec, announce)
    except (BackendDown, Misconfigured) as error:
        announce(str(error))
        return "bundled", f"The bundled {NAME}: {why}, but it could not be had. {error}"
    return spec.model, f"{spec.model}: {why}."
