"""Which library computes the vectors of a local model: PyTorch, or what is as right and quicker here."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import cast

from kb.errors import DiskFull, Misconfigured
from kb.models import openvino_package
from kb.models.embed import onnx_model, openvino_model
from kb.models.embed.converted import Converted, Measured
from kb.models.embed.folder import published_onnx
from kb.models.embed.runtime import Runtime
from kb.models.embed.spec import EmbedderSpec
from kb.models.hardware import detect
from kb.system.disk import require_room
from kb.system.logs import tell

log = logging.getLogger(__name__)

ENGINES = ("auto", "torch", "openvino", "onnx")
"""Those that run a model of sentence-transformers in this process."""
_WORTH_IT = 0.9
"""``auto`` takes another engine where it needs less than this part of PyTorch's time, else the reference itself."""
_LIGHT_BYTES = 1_000_000_000
"""A model whose weights are smaller embeds twenty sentences in less than half a second on two cores."""
_CONVERT_SECONDS = 900.0
"""A conversion takes ten seconds for the bundled model on two cores; one that takes this long hangs."""
_LARGEST_EXIT_CODE = 255
_ROOM_PER_WEIGHT = 1.2
_MEMORY_PER_WEIGHT = 5
"""Bytes of disk, and of memory, per byte of the model's own files: measured with the bundled model."""
NAMES = {"openvino": "OpenVINO", "onnx": "ONNX Runtime"}
_PACKAGES = {"openvino": "openvino", "onnx": "onnxruntime"}
_PRECISIONS = {"bf16": "bfloat16", "f32": "float32"}
_TOGETHER = {
    "ragged": "",
    "even": " It gives a text another vector beside longer ones, so that only texts of one length go together.",
    "single": " It gives a text another vector beside others, so that each is computed alone.",
}


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model's folder, and how it is to be run."""

    folder: Path
    spec: EmbedderSpec
    device: str
    engine: str
    """``auto``, ``torch``, ``openvino`` or ``onnx``."""
    kept: Path | None
    """Where its converted file is kept; None for nowhere, then it is PyTorch."""


def open_runtime(model: LocalModel, *, pad: int) -> tuple[Runtime, str]:
    """Returns the model, loaded by the engine that suits, and a sentence that says which it is and why.

    The first time on a machine this converts it and measures (seconds, in a process of its own).

    Raises:
        Misconfigured: the device that was asked for is not there, or what the folder holds cannot be run so.
    """
    if (file := published_onnx(model.folder)) is not None:
        return _open_published(model, file, pad=pad)
    others, why = _others(model)
    if others:
        chosen = _chosen(model, _measured(model, others))
        if isinstance(chosen, str):
            why = chosen
        else:
            engine, measured = chosen
            try:
                runtime = opened(
                    engine, _converted(model, engine), precision=str(measured.precision), pad=pad
                )
                return runtime, _sentence(engine, measured)
            except RuntimeError as error:
                why = f"{NAMES[engine]} cannot load the converted file: {error}"
    if why and model.engine in NAMES:
        log.warning("PyTorch is used", extra={"reason": why})
    # Read when PyTorch is imported. Waiting threads that sleep instead of spinning leave
    # the cores to others. Two runs on a busy machine: a question's p50 was 79 and 109 ms
    # instead of 149 and 437 ms.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from kb.models.embed.torch_model import Model

    loaded = Model(model.folder, model.spec, device=model.device, pad=pad)
    return loaded, _torch_sentence(loaded.device, why)


def opened(engine: str, converted: Converted, *, precision: str, pad: int) -> Runtime:
    """Returns the converted model, loaded; raises RuntimeError where the engine cannot."""
    if engine == "onnx":
        return onnx_model.OnnxModel(converted.opened, pooling="none", pad=pad)
    return openvino_model.OpenVinoModel(converted.opened, precision=precision, pad=pad)


def is_light(model: LocalModel) -> bool:
    """Returns whether a sentence costs milliseconds: by size and device, so that it is the same at each start."""
    size = sum(file.stat().st_size for file in model.folder.glob("*.safetensors"))
    if (file := published_onnx(model.folder)) is not None:
        size = sum(part.stat().st_size for part in file.parent.glob(f"{file.name}*"))
    return size <= _LIGHT_BYTES or not _runs_on_cpu(model.device)


def prepare(model: LocalModel) -> None:
    """Converts and measures where that is still to be done, so that ``open_runtime`` need not."""
    others, _ = _others(model)
    if others:
        _measured(model, others)


def engine_in_words(model: LocalModel) -> str:
    """Returns which engine computes the vectors, as ``open_runtime`` says it, without loading anything."""
    if published_onnx(model.folder) is not None:
        return _published_sentence("")
    others, why = _others(model)
    if others:
        found = {engine: _converted(model, engine).read() for engine in others}
        measured = {engine: note for engine, note in found.items() if note is not None}
        if len(measured) < len(found):
            return "Which engine computes its vectors is measured when it is first used."
        chosen = _chosen(model, measured)
        if not isinstance(chosen, str):
            return _sentence(*chosen)
        why = chosen
    return _torch_sentence("cpu" if model.device == "cpu" else "", why)


def _open_published(model: LocalModel, file: Path, *, pad: int) -> tuple[Runtime, str]:
    """Returns the ONNX file of a folder that has no other weights, and a sentence.

    Raises:
        Misconfigured: another engine was asked for, or the file is not what it must be.
    """
    if model.engine not in ("auto", "onnx"):
        raise Misconfigured(
            f"{model.folder} has its weights in ONNX alone, which {model.engine} does not run. "
            'Set embedding.engine = "onnx", or take the folder of the model as it was first published.'
        )
    if not onnx_model.is_installed():
        raise Misconfigured("ONNX files need the package 'onnxruntime'. Run: pip install onnxruntime")
    try:
        runtime = onnx_model.OnnxModel(file, pooling=model.spec.pooling, pad=pad)
    except RuntimeError as error:
        raise Misconfigured(f"{file} cannot be loaded: {error}. Download it again.") from error
    runtime.prove(_PROOF_ROWS)
    return runtime, _published_sentence(_TOGETHER[runtime.together])


_PROOF_ROWS = [[5, 9, 2, 7, 3, 8, 6, 4] * 8, [4, 6, 8], [9, 3, 7, 5, 2, 6, 4, 8, 1, 5, 3], [7]]
"""A ragged batch. Which tokens these are does not matter: every vocabulary has ten."""


def _converted(model: LocalModel, engine: str) -> Converted:
    return Converted(model.folder, cast("Path", model.kept), engine)  # without a place there are no others


def _others(model: LocalModel) -> tuple[tuple[str, ...], str]:
    """Returns the engines beside PyTorch that may be used, and if there is none, why, in a clause."""
    if model.engine == "torch" or model.kept is None or published_onnx(model.folder) is not None:
        return (), ""
    wanted = tuple(NAMES) if model.engine == "auto" else (model.engine,)
    installed = {
        "openvino": openvino_package.is_installed(),
        "onnx": onnx_model.is_installed(),
    }
    there = tuple(engine for engine in wanted if installed[engine])
    if not there:
        return (), f"the package {_PACKAGES[wanted[0]]}, which is quicker on a CPU, is not installed"
    if not _runs_on_cpu(model.device):
        return (), f"{NAMES[there[0]]} is for processors"
    return there, ""


def _chosen(model: LocalModel, found: Mapping[str, Measured]) -> tuple[str, Measured] | str:
    """Returns the quickest engine that agrees with PyTorch, and what was measured; else why there is none, a clause."""
    usable = {engine: measured for engine, measured in found.items() if measured.precision is not None}
    if not usable:
        return "; ".join(measured.reason for measured in found.values())
    engine = min(usable, key=lambda one: usable[one].ratio)
    if model.engine == "auto" and usable[engine].ratio > _WORTH_IT:
        return f"{NAMES[engine]} takes {usable[engine].ratio:.2f} of its time on this machine"
    return engine, usable[engine]


def _runs_on_cpu(device: str) -> bool:
    if device != "auto":
        return device == "cpu"
    found = detect()
    if found.gpu is None and not found.apple_silicon:
        return True
    from kb.models.embed.torch_model import usable_device

    return usable_device(device) == "cpu"


def _measured(model: LocalModel, engines: Sequence[str]) -> dict[str, Measured]:
    """Returns what is remembered of this model on this machine; converts and measures where nothing sound is."""
    found, due = _remembered(model, engines)
    if not due:
        return found
    kept = _converted(model, due[0]).stem.parent
    if why := _no_room(model.folder, kept):
        return found | {engine: Measured(None, 0, 0, reason=why) for engine in due}
    from filelock import FileLock

    lock = _converted(model, due[0]).lock
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        found, due = _remembered(model, engines)  # another process may have been quicker
        if due:
            tell(
                f"{model.spec.model} is converted for {_named(due)}, compared and measured, once on this machine. That "
                "takes a quarter of a minute for the bundled model, minutes for larger ones or on a busy machine."
            )
            why = _convert(model.folder, kept, due)
            found, due = _remembered(model, engines)
            found |= {engine: Measured(None, 0, 0, reason=why) for engine in due}
    return found


def _remembered(model: LocalModel, engines: Sequence[str]) -> tuple[dict[str, Measured], list[str]]:
    """Returns what is noted of each engine, and those that are to be converted: never, or the chosen one is damaged."""
    notes = {engine: _converted(model, engine).read() for engine in engines}
    found = {engine: note for engine, note in notes.items() if note is not None}
    due = [engine for engine in engines if engine not in found]
    chosen = None if due else _chosen(model, found)
    if isinstance(chosen, tuple) and not _converted(model, chosen[0]).is_sound(chosen[1]):
        due = [chosen[0]]
    return found, due


def _convert(folder: Path, kept: Path, engines: Sequence[str]) -> str:
    """Converts in a process of its own, which notes what it measured; returns why, where it could not, in a clause.

    A processor's own number formats may end a library without an error (OpenVINO 2026.4 divides by zero in bfloat16,
    with AMX and narrow heads); in float32 it may be sound all the same.
    """
    try:
        done = _converter(folder, kept, engines)
        if _was_ended(done):
            log.info("the conversion was ended; once more in float32", extra={"code": done.returncode})
            done = _converter(folder, kept, ["--float32", *engines])
    except (subprocess.SubprocessError, OSError) as error:
        return _not_converted(engines, str(error))
    if _was_ended(done):
        return _not_converted(engines, f"its process was ended (code {done.returncode})")
    if done.returncode:
        return _not_converted(engines, " ".join(done.stderr.strip().splitlines()[-1:]))
    log.info("measured", extra={"engines": list(engines), "said": done.stdout[-200:]})
    return f"converting it for {_named(engines)} left nothing"


def _converter(folder: Path, kept: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
    return subprocess.run(  # noqa: S603 - our own module
        [
            sys.executable,
            "-m",
            "kb.models.embed.convert",
            str(folder.resolve()),
            str(kept.resolve()),
            *arguments,
        ],
        cwd=Path(__file__).parents[3],
        env=environment | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_CONVERT_SECONDS,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        check=False,
    )


def _was_ended(done: subprocess.CompletedProcess[str]) -> bool:
    """Returns whether a signal, or an exception of Windows, ended a process: Python itself ends with 0 to 255."""
    return not 0 <= done.returncode <= _LARGEST_EXIT_CODE


def _not_converted(engines: Sequence[str], reason: str) -> str:
    log.warning("the model cannot be converted", extra={"engines": list(engines), "reason": reason})
    return f"converting it for {_named(engines)} failed: {reason}"


def _named(engines: Sequence[str]) -> str:
    return " and ".join(NAMES[engine] for engine in engines)


def _no_room(folder: Path, kept: Path) -> str | None:
    """Returns why the model is not converted now: it would need more disk or memory than is free; None for enough."""
    import psutil

    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    try:
        require_room("The converted model cannot be kept", kept, needed=int(size * _ROOM_PER_WEIGHT))
    except DiskFull as error:
        return str(error)
    if psutil.virtual_memory().available < size * _MEMORY_PER_WEIGHT:
        return f"converting it would need {size * _MEMORY_PER_WEIGHT / 1e9:.0f} GB of free memory"
    return None


def _sentence(engine: str, measured: Measured) -> str:
    precision = _PRECISIONS[str(measured.precision)]
    return (
        f"{NAMES[engine]} {version(_PACKAGES[engine])} computes its vectors in {precision}, in {measured.ratio:.2f} of "
        f"the time that PyTorch takes on this machine; cosine to PyTorch's at least {measured.cosine:.5f}."
    )


def _published_sentence(how: str) -> str:
    return (
        f"ONNX Runtime {version('onnxruntime')} computes its vectors from the ONNX file of its folder.{how}"
    )


def _torch_sentence(device: str, why: str | None) -> str:
    return f"PyTorch computes its vectors{f' on {device}' if device else ''}{f': {why}' if why else ''}."
