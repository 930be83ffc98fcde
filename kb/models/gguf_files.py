"""The GGUF files that are here, and what each says about itself before its weights begin.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kb.config import Settings
from kb.errors import Misconfigured
from kb.system.home_layout import HomeLayout
from kb.types import ModelKind

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_NUMBERS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _ARRAY = 8, 9
_MOST_KEYS = 10_000
_LONGEST_STRING = 1 << 20
_POOLINGS = {1: "mean", 2: "cls", 3: "last"}
"""``pooling_type`` of files that embed; 0 is none."""
_RANK = 4
"""That of rerankers."""
_EMBEDDING = re.compile(r"embed|(?:^|[-_])(?:bge|e5|gte)(?:[-_]|$)|bert", re.IGNORECASE)
"""Names of files of embedding models that do not say so themselves."""
_RERANKING = re.compile(r"re-?rank", re.IGNORECASE)
_NOT_LANGUAGE = {"clip", "mmproj"}
"""Picture encoders that belong to another file."""
_LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf$")
_FIRST_PART = re.compile(r"-00001-of-(\d{5})\.gguf$")
"""A model in several files is loaded by naming the first."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The part of a GGUF file's metadata that choosing a model needs."""

    architecture: str
    size_label: str
    """As in ``8B``; empty where the file does not say."""
    context_tokens: int | None
    """The longest context the model was trained on; None where the file does not say."""
    chats: bool
    """False for embedding models and picture encoders."""
    pooling: str | None
    """How vectors of tokens become that of a text, ``mean``, ``cls`` or ``last``; None where the file does not say."""
    ranks: bool
    """Whether it says that it gives a question and a passage a score."""
    licence: str
    """As the file names it; empty where it does not."""


_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
"""Kind of weights -> how many lie together, and in how many bytes; of later kinds only the beginning counts."""
_ALIGNMENT = "general.alignment"
_USUAL_ALIGNMENT = 32
_MOST_TENSORS = 100_000
_MOST_DIMENSIONS = 4


class _Unlike(ValueError):
    """What about a file is not like a GGUF file, in words that go on after "because"."""


def read_header(path: Path) -> GgufHeader:
    """Returns the header of the file at ``path``; reads a few kilobytes.

    Raises:
        Misconfigured: there is no such file, or it is not a whole GGUF header.
    """
    with _said(path), path.open("rb") as file:
        values = _values(file)
    return _header(values)


def require_whole_gguf(path: Path) -> None:
    """Reads all that stands before the weights, and compares where they end with the size of the file.

    Raises:
        Misconfigured: as ``read_header``, or a part of the weights is missing, as after a copy that broke off.
    """
    with _said(path), path.open("rb") as file:
        meant, there = _end_of_weights(file), path.stat().st_size
        if meant > there:
            raise _Unlike(f"{meant:,} bytes are meant, {there:,} are there")


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """What is wrong with the file at ``path``, in a sentence: Misconfigured."""
    try:
        yield
    except OSError as error:
        raise Misconfigured(f"The model file {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _Unlike) else "its header is damaged"
        raise Misconfigured(
            f"{path} is not a GGUF model file ({why}). Download it again, or name another file in the settings."
        ) from error


def _header(values: Mapping[str, Any]) -> GgufHeader:
    architecture = str(values.get("general.architecture", ""))
    context = values.get(f"{architecture}.context_length")
    return GgufHeader(
        architecture=architecture,
        size_label=str(values.get("general.size_label", "")),
        context_tokens=int(context) if isinstance(context, int) and context > 0 else None,
        pooling=_POOLINGS.get(values.get(f"{architecture}.pooling_type", 0)),
        ranks=values.get(f"{architecture}.pooling_type") == _RANK,
        licence=str(values.get("general.license") or values.get("general.license.name") or ""),
        chats=architecture not in _NOT_LANGUAGE and f"{architecture}.pooling_type" not in values,
    )


def gguf_files(settings: Settings) -> dict[str, Path]:
    """Returns file name -> path of the files that may be chosen: the one in the settings, then ``models/``."""
    named = [settings.answering.gguf] if settings.answering.gguf else []
    found = sorted(HomeLayout(settings.home).models.glob("*.gguf"))
    files: dict[str, Path] = {}
    for path in (*named, *found):
        if is_first_part(path):
            files.setdefault(path.name, path)
    return files


def embedding_files(settings: Settings) -> dict[str, Path]:
    """Returns file name -> path of the files in ``models/`` that hold an embedding model; damaged ones are left out."""
    return _files_of_kind(settings, "embedding")


def reranking_files(settings: Settings) -> dict[str, Path]:
    """Returns the same for rerankers."""
    return _files_of_kind(settings, "reranker")


def _files_of_kind(settings: Settings, wanted: ModelKind) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in sorted(HomeLayout(settings.home).models.glob("*.gguf")):
        try:
            kind = kind_of(path)
        except Misconfigured:
            continue
        if kind == wanted and is_first_part(path):
            files[path.name] = path
    return files


def is_first_part(path: Path) -> bool:
    """Whether ``path`` is how a model is named: its only file, or the first of several."""
    return not _LATER_PART.search(path.name)


def parts_of(path: Path) -> list[Path]:
    """Returns all files of the model whose only or first file is ``path``; those that are missing, too."""
    parts = _FIRST_PART.search(path.name)
    if parts is None:
        return [path]
    stem, count = path.name[: parts.start()], int(parts[1])
    return [path.with_name(f"{stem}-{part:05d}-of-{count:05d}.gguf") for part in range(1, count + 1)]


def kind_of(path: Path) -> ModelKind:
    """Returns what the file is for: by what it says of itself, else by its name.

    Raises:
        Misconfigured: the file cannot be read.
    """
    header = read_header(path)
    if header.ranks or (header.pooling is None and _RERANKING.search(path.name)):
        return "reranker"
    if header.pooling is not None or _EMBEDDING.search(path.name):
        return "embedding"
    return "answering" if header.chats else "unknown"


def describe(path: Path) -> str | None:
    """Returns the model's size and the file's; None for a file that holds no chat model.

    Raises:
        Misconfigured: the file cannot be read.
    """
    header = read_header(path)
    label = f"{header.size_label}, " if header.size_label else ""
    return f"{label}{path.stat().st_size / 1e9:.1f} GB" if kind_of(path) == "answering" else None


def _values(file: BinaryIO) -> dict[str, Any]:
    """Returns the keys before the vocabulary, which is long and always comes last."""
    _, keys = _counts(file)
    values: dict[str, Any] = {}
    for _ in range(keys):
        key = _string(file)
        if key.startswith("tokenizer."):
            break
        values[key] = _value(file, *_unpack(file, "<I"))
    return values


def _end_of_weights(file: BinaryIO) -> int:
    """Returns how many bytes the file must have for the last of its weights to be whole."""
    tensors, keys = _counts(file)
    alignment = _USUAL_ALIGNMENT
    for _ in range(keys):
        key = _string(file)
        value = _value(file, *_unpack(file, "<I"))
        if key == _ALIGNMENT and isinstance(value, int) and value > 0:
            alignment = value
    if tensors > _MOST_TENSORS:
        raise _Unlike("its header is damaged")
    ends = [0]
    for _ in range(tensors):
        _string(file)
        (dimensions,) = _unpack(file, "<I")
        if dimensions > _MOST_DIMENSIONS:
            raise _Unlike("its header is damaged")
        weights = math.prod(_unpack(file, f"<{dimensions}Q"))
        kind, begin = _unpack(file, "<IQ")
        together, size = _BLOCKS.get(kind, (1, 0))
        ends.append(begin + weights // together * size)
    return -(-file.tell() // alignment) * alignment + max(ends)


def _counts(file: BinaryIO) -> tuple[int, int]:
    """Returns the numbers of tensors and of keys, which follow."""
    magic = file.read(4)
    if not magic:
        raise _Unlike("it is empty")
    if magic != _MAGIC:
        raise _Unlike("it does not begin like one")
    (version,) = _unpack(file, "<I")
    if version not in _VERSIONS:
        raise _Unlike(f"it is of version {version}, and only versions 2 and 3 can be read")
    tensors, keys = _unpack(file, "<QQ")
    if keys > _MOST_KEYS:
        raise _Unlike("its header is damaged")
    return tensors, keys


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in _NUMBERS:
        return _unpack(file, _NUMBERS[kind])[0]
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        raise _Unlike("its header is damaged")
    item, count = _unpack(file, "<IQ")
    if count > _LONGEST_STRING:
        raise _Unlike("its header is damaged")
    return [_value(file, item) for _ in range(count)]


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<Q")
    if length > _LONGEST_STRING:
        raise _Unlike("its header is damaged")
    return _exactly(file, length).decode("utf-8")


def _unpack(file: BinaryIO, layout: str) -> tuple[Any, ...]:
    return struct.unpack(layout, _exactly(file, struct.calcsize(layout)))


def _exactly(file: BinaryIO, length: int) -> bytes:
    content = file.read(length)
    if len(content) < length:
        raise _Unlike("it breaks off in its header")
    return content
