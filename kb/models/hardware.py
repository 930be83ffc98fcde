"""What this machine has for models, detected without importing PyTorch: that costs seconds."""

from __future__ import annotations

import ctypes
import logging
import os
import platform
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hardware:
    """The facts that the choice of a model depends on."""

    gpu: str | None = None
    """The name of the NVIDIA GPU with the most free memory, if PyTorch can use it; None for none."""
    gpu_free: int = 0
    """Its free memory, in bytes."""
    apple_silicon: bool = False
    memory: int = 0
    """Of the whole machine, in bytes; counts on Apple silicon, which shares it with the GPU."""


def detect() -> Hardware:
    if sys.platform == "darwin":
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return Hardware(apple_silicon=platform.machine() == "arm64", memory=memory)
    if not _torch_has_cuda() or os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return Hardware()
    gpus = _nvidia_gpus()
    if not gpus:
        return Hardware()
    free, name = max(gpus)
    return Hardware(gpu=name, gpu_free=free)


def unused_gpu() -> str | None:
    """Returns the name of an NVIDIA GPU that the installed build of PyTorch cannot use; None where there is none."""
    if sys.platform == "darwin" or _torch_has_cuda():
        return None
    return next((name for _, name in sorted(_nvidia_gpus(), reverse=True)), None)


def _torch_has_cuda() -> bool:
    found = find_spec("torch")
    folders = [Path(folder) / "lib" for folder in (found.submodule_search_locations or ())] if found else []
    return any(
        (folder / name).is_file() for folder in folders for name in ("libtorch_cuda.so", "torch_cuda.dll")
    )


class _Memory(ctypes.Structure):
    """``nvmlMemory_t``."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def _nvidia_gpus() -> list[tuple[int, str]]:
    """Returns free bytes and name of every GPU, as the driver's own library reports them; empty without a driver."""
    try:
        nvml = ctypes.CDLL("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
    except OSError:
        return []
    if nvml.nvmlInit_v2() != 0:
        log.warning("the NVIDIA driver is installed but does not start; models run on the CPU")
        return []
    try:
        count = ctypes.c_uint()
        nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
        return [gpu for index in range(count.value) if (gpu := _nvidia_gpu(nvml, index))]
    finally:
        nvml.nvmlShutdown()


def _nvidia_gpu(nvml: ctypes.CDLL, index: int) -> tuple[int, str] | None:
    handle, memory, name = ctypes.c_void_p(), _Memory(), ctypes.create_string_buffer(96)
    failed = (
        nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle))
        or nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory))
        or nvml.nvmlDeviceGetName(handle, name, ctypes.c_uint(len(name)))
    )
    return None if failed else (int(memory.free), name.value.decode(errors="replace"))
