"""The converted file of a model, and what was measured with it on this machine: kept, so that both are made once."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from platformdirs import user_cache_path

from kb.models.embed.folder import content_hash

log = logging.getLogger(__name__)

_LAYOUT = 3
"""Changes when what ``convert`` writes does."""
_VERSIONS = ("torch", "transformers", "sentence-transformers")
_PACKAGES = {"openvino": "openvino", "onnx": "onnxruntime"}
_FILES = {"openvino": (".xml", ".bin"), "onnx": (".onnx", ".onnx.data")}
"""What the engine opens, and the weights that it finds beside it."""
_FOLDER = "converted"


@dataclass(frozen=True, slots=True)
class Measured:
    """What converting a model and comparing it with PyTorch gave on one machine."""

    precision: str | None
    """What the engine computes in: ``bf16`` or ``f32``; None where it cannot be used."""
    ratio: float
    """The engine's time over that of PyTorch in float32; 0 where there is none."""
    cosine: float
    """The least cosine of a vector with PyTorch's; 0 where there is none."""
    reason: str = ""
    """Why it cannot be used, in a clause."""
    digest: str = ""
    """SHA-256 of the converted files."""


class Converted:
    """One engine's files of the model in ``folder``: named by its content, the versions and the processor."""

    def __init__(self, folder: Path, kept: Path, engine: str = "openvino") -> None:
        """``engine``: ``openvino`` or ``onnx``."""
        package = _PACKAGES[engine]
        digest = hashlib.sha256()
        content = content_hash(folder)
        for part in (content, str(_LAYOUT), *map(_version, (package, *_VERSIONS)), *processor()):
            digest.update(part.encode() + b"\0")
        self._prefix = f"{folder.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}-{engine}-"
        self.stem = kept / f"{self._prefix}{_version(package)}-{digest.hexdigest()[:16]}"
        self.opened, self.weights = (
            self.stem.with_name(f"{self.stem.name}{ending}") for ending in _FILES[engine]
        )
        self.note = self.stem.with_name(f"{self.stem.name}.json")
        self.lock = kept / f"{folder.name}.lock"

    def read(self) -> Measured | None:
        """Returns what was measured; None where nothing was, or where it cannot be read."""
        try:
            return Measured(**json.loads(self.note.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            log.warning(
                "what was measured cannot be read", extra={"file": str(self.note), "reason": str(error)}
            )
            return None

    def is_sound(self, measured: Measured) -> bool:
        """Whether the converted files are those that were measured."""
        return measured.precision is None or self.digest() == measured.digest

    def digest(self) -> str | None:
        """Returns the SHA-256 of both converted files; None where one cannot be read."""
        digest = hashlib.sha256()
        try:
            for path in (self.opened, self.weights):
                with path.open("rb") as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
        except OSError:
            return None
        return digest.hexdigest()

    def drop(self) -> None:
        """Removes the converted files; what was measured stays."""
        for path in (self.opened, self.weights):
            path.unlink(missing_ok=True)

    def write(self, measured: Measured) -> None:
        """Notes what was measured, and removes what was kept for other versions and processors."""
        temporary = self.note.with_suffix(".json.new")
        temporary.write_text(json.dumps(asdict(measured)), encoding="utf-8")
        temporary.replace(self.note)
        for path in self.stem.parent.glob(f"{self._prefix}*"):
            if not path.name.startswith(self.stem.name):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:  # another process uses it, on a system where that keeps it
                    log.info("an old file stays", extra={"file": str(path), "reason": str(error)})


def kept_folder(models: Path) -> Path:
    """Returns where converted files belong: the folder for a person's caches, so that all data folders of a machine
    share what was converted and measured on it; the data folder's ``models`` where that cannot be written.
    """
    shared = user_cache_path("footnote", appauthor=False) / _FOLDER
    try:
        shared.mkdir(parents=True, exist_ok=True)
    except OSError:
        return models / _FOLDER
    return shared if os.access(shared, os.W_OK) else models / _FOLDER


@cache
def processor() -> tuple[str, ...]:
    """Returns what tells this processor from others: its name, and on Linux what it can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.machine(), platform.processor()
    told = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "flags", "Features", "CPU part"):
            told[name.strip()] = value.strip()
    return platform.machine(), *(told[name] for name in sorted(told))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
