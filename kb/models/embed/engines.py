"""Which library computes the vectors of a local model: PyTorch, or OpenVINO where that is as right and quicker here."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from kb.errors import DiskFull
from kb.models.embed.converted import Converted, Measured
from kb.models.embed.openvino_model import PRECISIONS, OpenVinoModel, is_installed
from kb.models.embed.runtime import Runtime
from kb.models.embed.spec import EmbedderSpec
from kb.models.hardware import detect
from kb.system.disk import require_room

log = logging.getLogger(__name__)

ENGINES = ("auto", "torch", "openvino")
"""Those that run a model of sentence-transformers in this process."""
_WORTH_IT = 0.9
"""``auto`` takes OpenVINO where it needs less than this part of PyTorch's time, else the reference itself."""
_LIGHT_BYTES = 1_000_000_000
"""A model whose weights are smaller embeds twenty sentences in less than half a second on two cores."""
_CONVERT_SECONDS = 900.0
"""A conversion takes ten seconds for the bundled model on two cores; one that takes this long hangs."""
_ROOM_PER_WEIGHT = 1.2
_MEMORY_PER_WEIGHT = 5
"""Bytes of disk, and of memory, per byte of the model's own files: measured with the bundled model."""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model's folder, and how it is to be run."""

    folder: Path
    spec: EmbedderSpec
    device: str
    engine: str
    """``auto``, ``torch`` or ``openvino``."""
    kept: Path | None
    """Where its converted file is kept; None for nowhere, then it is PyTorch."""


def open_runtime(model: LocalModel, *, pad: int) -> tuple[Runtime, str]:
    """Returns the model, loaded by the engine that suits, and a sentence that says which it is and why.

    The first time on a machine this converts it and measures (seconds, in a process of its own).

    Raises:
        Misconfigured: the device that was asked for is not there.
    """
    why = _not_openvino(model)
    if why is None and model.kept is not None:
        converted = Converted(model.folder, model.kept)
        measured = _measured(model, converted)
        why = _why_torch(model, measured)
        if why is None:
            try:
                return (
                    OpenVinoModel(converted.xml, precision=str(measured.precision), pad=pad),
                    _sentence(measured),
                )
            except RuntimeError as error:
                why = f"OpenVINO cannot load the converted file: {error}"
    if why and model.engine == "openvino":
        log.warning("PyTorch is used", extra={"reason": why})
    # Read when PyTorch is imported. Waiting threads that sleep instead of spinning leave
    # the cores to others. Two runs on a busy machine: a question's p50 was 79 and 109 ms
    # instead of 149 and 437 ms.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from kb.models.embed.torch_model import Model

    loaded = Model(model.folder, model.spec, device=model.device, pad=pad)
    return loaded, _torch_sentence(loaded.device, why)


def is_light(model: LocalModel) -> bool:
    """Returns whether a sentence costs milliseconds: by size and device, so that it is the same at each start."""
    size = sum(file.stat().st_size for file in model.folder.glob("*.safetensors"))
    return size <= _LIGHT_BYTES or not _runs_on_cpu(model.device)


def prepare(model: LocalModel) -> None:
    """Converts and measures where that is still to be done, so that ``open_runtime`` need not."""
    if _not_openvino(model) is None and model.kept is not None:
        _measured(model, Converted(model.folder, model.kept))


def engine_in_words(model: LocalModel) -> str:
    """Returns which engine computes the vectors, as ``open_runtime`` says it, without loading anything."""
    why = _not_openvino(model)
    if why is None and model.kept is not None:
        measured = Converted(model.folder, model.kept).read()
        if measured is None:
            return "Which engine computes its vectors is measured when it is first used."
        why = _why_torch(model, measured)
        if why is None:
            return _sentence(measured)
    return _torch_sentence("cpu" if model.device == "cpu" else "", why)


def _not_openvino(model: LocalModel) -> str | None:
    """Returns why PyTorch is to be used, in a clause; None where OpenVINO may be."""
    if model.engine == "torch" or model.kept is None:
        return ""
    if not is_installed():
        return "the package openvino, which is quicker on a CPU, is not installed"
    return None if _runs_on_cpu(model.device) else "OpenVINO is for processors"


def _why_torch(model: LocalModel, measured: Measured) -> str | None:
    """Returns why PyTorch is to be used after what was measured, in a clause; None where OpenVINO is."""
    if measured.precision is None:
        return measured.reason
    if model.engine == "auto" and measured.ratio > _WORTH_IT:
        return f"OpenVINO takes {measured.ratio:.2f} of its time on this machine"
    return None


def _runs_on_cpu(device: str) -> bool:
    if device != "auto":
        return device == "cpu"
    found = detect()
    if found.gpu is None and not found.apple_silicon:
        return True
    from kb.models.embed.torch_model import usable_device

    return usable_device(device) == "cpu"


def _measured(model: LocalModel, converted: Converted) -> Measured:
    """Returns what is remembered of this model on this machine; converts and measures where nothing sound is."""
    measured = converted.read()
    if measured is not None and converted.is_sound(measured):
        return measured
    if why := _no_room(model.folder, converted.stem.parent):
        return Measured(None, 0, 0, reason=why)
    from filelock import FileLock

    converted.lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(converted.lock):
        measured = converted.read()  # another process may have been quicker
        if measured is None or not converted.is_sound(measured):
            measured = _convert(model.folder, converted)
    return measured


def _convert(folder: Path, converted: Converted) -> Measured:
    log.info("measuring which engine suits the embedding model", extra={"folder": str(folder)})
    kept = converted.stem.parent
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "kb.models.embed.convert", str(folder.resolve()), str(kept.resolve())],
            cwd=Path(__file__).parents[3],
            env={name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
            | {"HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_CONVERT_SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1:]
        log.warning("the model cannot be converted for OpenVINO", extra={"reason": " ".join(said)})
        return Measured(None, 0, 0, reason=f"converting it for OpenVINO failed: {' '.join(said)}")
    measured = converted.read()
    log.info("measured", extra={"result": str(measured), "said": done.stdout[-200:]})
    return measured or Measured(None, 0, 0, reason="converting it for OpenVINO left nothing")


def _no_room(folder: Path, kept: Path) -> str | None:
    """Returns why the model is not converted now: it would need more disk or memory than is free; None for enough."""
    import psutil

    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    try:
        require_room("The converted model cannot be kept", kept, needed=int(size * _ROOM_PER_WEIGHT))
    except DiskFull as error:
        return str(error)
    if psutil.virtual_memory().available < size * _MEMORY_PER_WEIGHT:
        return (
            f"converting it for OpenVINO would need {size * _MEMORY_PER_WEIGHT / 1e9:.0f} GB of free memory"
        )
    return None


def _sentence(measured: Measured) -> str:
    precision = PRECISIONS[str(measured.precision)]
    return (
        f"OpenVINO {version('openvino')} computes its vectors in {precision}, in {measured.ratio:.2f} of the time that "
        f"PyTorch takes on this machine; cosine to PyTorch's at least {measured.cosine:.5f}."
    )


def _torch_sentence(device: str, why: str | None) -> str:
    return f"PyTorch computes its vectors{f' on {device}' if device else ''}{f': {why}' if why else ''}."
