"""Copies a model's folder, or a GGUF file, into the data folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from pathlib import Path

from kb.errors import BadInput, Misconfigured
from kb.models.catalogue.arriving import arrivals, checked_name, clear, require_new, settle, sync_folder
from kb.models.catalogue.checksums import Checksums
from kb.models.catalogue.reading import folder_format, refuse_code, require_readable
from kb.models.embed.folder import MARKER
from kb.models.gguf_files import parts_of, require_whole_gguf
from kb.models.hub import Announce
from kb.system.disk import require_room, room_faults

_WANTED = re.compile(
    r".+\.(?:safetensors|onnx|onnx_data|onnx\.data|json|jinja|txt|model)"
    r"|README\.md|LICEN[SC]E.*|COPYING"
)
_PICKLES = re.compile(r".+\.(?:bin|pt|pth|ckpt|pkl|pickle|h5|msgpack|npy|npz|joblib)", re.IGNORECASE)
_CACHED = re.compile(r"models--(.+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MOST_FILES = 10_000
_MOST_HEADER = 100 << 20
"""Bytes of the header of a safetensors file, by its own specification."""
_PIECE = 1 << 20


def copy_model(source: Path, models: Path, *, name: str | None, announce: Announce) -> Path:
    """Returns the folder or the first file of the model, whole in ``models``; ``name``: what it is to be called there.

    Only weights in safetensors, ONNX and GGUF, and the small files beside them: nothing that could run code.

    Raises:
        BadInput, Misconfigured: it is no model that may be loaded; the sentence says why.
        Conflict: there is one of that name, or another process is adding one.
        DiskFull: there is no room; nothing stays.
    """
    if source.is_file():
        files = _gguf_parts(source)
        target = checked_name(name or source.name)
        if not target.lower().endswith(".gguf"):
            raise BadInput(f"A GGUF file keeps its ending: --as {target}.gguf")
        return _copied(files, models, _named_parts(target, files), announce)
    if not source.is_dir():
        raise BadInput(
            f"There is no file or folder {source}. Name one, a model of the hub, or an address that begins with http://."
        )
    files = _folder_files(source, announce)
    identity = _identity(source)
    target = checked_name(name or (identity[0].rpartition("/")[2] if identity else source.resolve().name))
    names = {file: f"{target}/{file.relative_to(source).as_posix()}" for file in files}
    return _copied(files, models, names, announce, identity=identity)


def _gguf_parts(source: Path) -> list[Path]:
    if source.suffix.lower() != ".gguf":
        raise BadInput(
            f"{source} is no GGUF file. A model in safetensors or ONNX is added by its folder, which holds its "
            "tokenizer too."
        )
    require_whole_gguf(source)
    parts = parts_of(source)
    if missing := [part.name for part in parts if not part.is_file()]:
        raise BadInput(f"{source} is one of {len(parts)} files, of which {missing[0]} is missing.")
    for part in parts[1:]:
        require_whole_gguf(part)
    return parts


def _named_parts(target: str, files: list[Path]) -> dict[Path, str]:
    if len(files) == 1:
        return {files[0]: target}
    names = {file: checked_name(file.name) for file in files}
    if target != names[files[0]]:
        raise BadInput("A model in several files keeps its name.")
    return names


def _folder_files(source: Path, announce: Announce) -> list[Path]:
    """Returns what is to be copied of a folder.

    Raises:
        Misconfigured: there are no weights that may be loaded, or one is not whole.
        BadInput: a link leads out of it.
    """
    if not (
        source / "config.json"
    ).is_file():  # before all below it is walked through: it may be a whole disk
        raise Misconfigured(f"{source} is no model's folder: it has no config.json.")
    inside = _root(source)
    files, left = [], []
    for path in source.rglob("*"):
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(source).parts):
            continue
        if path.name == MARKER or not _WANTED.fullmatch(path.name):
            left.append(path)
            continue
        if not path.resolve().is_relative_to(inside):
            raise BadInput(f"{path} is a link that leads out of its folder, which is not followed.")
        files.append(path)
        if len(files) > _MOST_FILES:
            raise BadInput(f"{source} holds more than {_MOST_FILES:,} files: that is no model.")
    pickles = [path.name for path in left if _PICKLES.fullmatch(path.name)]
    if folder_format(source) is None:
        raise Misconfigured(_no_weights(source, pickles))
    refuse_code(source)
    require_readable(source)
    for path in files:
        if path.suffix == ".safetensors":
            require_whole_safetensors(path)
    if pickles:
        announce(f"Left out, since pickled weights can run code: {', '.join(sorted(pickles)[:5])}.")
    return sorted(files)


def _no_weights(source: Path, pickles: list[str]) -> str:
    if pickles:
        return (
            f"{source} has its weights as {pickles[0]} alone. Pickled weights can run code and are not loaded; take "
            "the model in safetensors, ONNX or GGUF."
        )
    return f"{source} has no whole weights in safetensors or ONNX. Copy or download it again."


def require_whole_safetensors(path: Path) -> None:
    """Raises Misconfigured where a file of weights is cut off, or is none. https://huggingface.co/docs/safetensors"""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(size, _MOST_HEADER):
                raise ValueError("its header is longer than it")
            header = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        if 8 + length + max(ends, default=0) != size:
            raise ValueError(f"{8 + length + max(ends, default=0):,} bytes are meant, {size:,} are there")
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Misconfigured(
            f"{path} is not a whole file of weights: {error}. Copy or download it again."
        ) from error


def _root(source: Path) -> Path:
    """Returns the folder that links may not leave: of a model in the hub's cache its whole repository."""
    folder = source.resolve()
    in_cache = folder.parent.name == "snapshots" and _CACHED.fullmatch(folder.parent.parent.name)
    return folder.parent.parent if in_cache else folder


def _identity(source: Path) -> tuple[str, str] | None:
    """Returns name and commit of a model in the hub's cache, which its copy keeps: its vectors are the same."""
    folder = source.resolve()
    cached = _CACHED.fullmatch(folder.parent.parent.name)
    if cached is None or folder.parent.name != "snapshots" or not _COMMIT.fullmatch(folder.name):
        return None
    return cached[1].replace("--", "/"), folder.name


def _copied(
    files: list[Path],
    models: Path,
    names: dict[Path, str],
    announce: Announce,
    *,
    identity: tuple[str, str] | None = None,
) -> Path:
    """Copies ``files`` to ``names`` below ``models``; returns the first of their names' first parts there."""
    tops = list(dict.fromkeys(name.partition("/")[0] for name in names.values()))
    size = sum(file.stat().st_size for file in files)
    with arrivals(models) as arriving:
        require_new(models, tops[0])
        clear(arriving)
        require_room(f"{tops[0]} cannot be added", models, needed=size)
        announce(f"{tops[0]}: {max(0.1, size / 1e6):,.1f} MB are copied.")
        checksums = Checksums(models)
        with room_faults(f"{tops[0]} cannot be added", models):
            hashes = {name: _copy(file, arriving / name) for file, name in names.items()}
            if identity is not None:
                marker = json.dumps({"model": identity[0], "revision": identity[1]})
                (arriving / tops[0] / MARKER).write_text(marker, encoding="utf-8")
            for top in reversed(
                tops
            ):  # the file that names the model comes last; parts without it are nothing
                if top != tops[0]:
                    (models / top).unlink(missing_ok=True)
                settle(arriving / top, models / top)
        for name, sha256 in hashes.items():
            checksums.note((models / name).resolve(), sha256)
        checksums.keep()
    return models / tops[0]


def _copy(source: Path, target: Path) -> str:
    """Copies one file, which is on the disk when this returns; returns its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while piece := reader.read(_PIECE):
            digest.update(piece)
            writer.write(piece)
        writer.flush()
        os.fsync(writer.fileno())
    sync_folder(target.parent)
    return digest.hexdigest()
