"""What a model's own files say of it: what it is for, and under which licence it may be used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

from kb.errors import Misconfigured
from kb.models.embed.folder import published_onnx, read_spec
from kb.models.gguf_files import read_header
from kb.models.hub import is_whole
from kb.models.rerank.installed import is_cross_encoder
from kb.types import NOT_STATED, ModelKind

_MOST_CARD_BYTES = 1 << 20
_LICENCE = re.compile(r"(license|license_name):(.*)")
"""In the front matter of a model card, a line of its own at the left margin.
https://huggingface.co/docs/hub/model-cards#specifying-a-license"""
_ITEM = re.compile(r"-[ \t]*(.+)")
_READ = (
    "config.json",
    "modules.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "sentence_bert_config.json",
)
_LICENCE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")


def folder_format(folder: Path) -> Literal["safetensors", "onnx"] | None:
    """Returns how the weights in ``folder`` are stored; None for a folder that holds no whole model of ours."""
    if not (folder / "config.json").is_file():
        return None
    if published_onnx(folder) is not None:
        return "onnx"
    return "safetensors" if is_whole(folder) else None


def folder_kind(folder: Path, name: str) -> ModelKind:
    """Returns what the model in ``folder`` is for; ``name`` is what it is called, as on the hub."""
    if is_cross_encoder(name, folder):
        return "reranker"
    if (folder / "modules.json").is_file() or published_onnx(folder) is not None:
        return "embedding"
    architectures = [str(each) for each in read_json(folder / "config.json").get("architectures") or ()]
    if any(each.endswith(("ForCausalLM", "ForConditionalGeneration")) for each in architectures):
        return "answering"
    return "unknown"


def folder_licence(folder: Path) -> str:
    """Returns the licence that the card in ``folder`` names, else that there is a text of one, else that none is."""
    try:
        with (folder / "README.md").open("rb") as card:
            said = card_licence(card.read(_MOST_CARD_BYTES).decode("utf-8", errors="replace"))
    except OSError:
        said = None
    if said is not None:
        return said
    own = next((name for name in _LICENCE_FILES if (folder / name).is_file()), None)
    return f"see {own}" if own else NOT_STATED


def card_licence(card: str) -> str | None:
    """Returns the licence in the front matter of a model card; None where it names none.

    A licence of its own is called ``other`` and has a ``license_name``; a list of licences is joined.
    """
    lines = card.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].strip() != "---":
        return None
    found: dict[str, str] = {}
    items: list[str] = []
    for line in lines[1:]:
        if line.strip() == "---":
            break
        if matched := _LICENCE.fullmatch(line):
            found[matched[1]] = matched[2].partition(" #")[0].strip().strip("\"'")
            open_list = matched[1] == "license" and not found["license"]
        elif found.get("license") == "" and (item := _ITEM.fullmatch(line.strip())) and open_list:
            items.append(item[1].strip().strip("\"'"))
        else:
            open_list = False
    licence = found.get("license") or ", ".join(items)
    if licence.lower() in ("other", "") and found.get("license_name"):
        return found["license_name"]
    return licence.strip("[]") or None


def gguf_licence(file: Path) -> str:
    """Returns the licence that a GGUF file names (``general.license``).

    Raises:
        Misconfigured: it cannot be read.
    """
    return read_header(file).licence or NOT_STATED


def read_json(path: Path) -> dict[str, Any]:
    """Returns the object in a JSON file; empty where there is none, or it cannot be read."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def refuse_code(folder: Path) -> None:
    """Raises Misconfigured where a model's files want code of their own to be run."""
    for name in ("config.json", "tokenizer_config.json"):
        if "auto_map" in read_json(folder / name):
            raise Misconfigured(
                f"{folder} wants to run its own code ({name}), which Footnote does not do. Choose another model."
            )


def require_readable(folder: Path) -> None:
    """Makes sure of what is read of a model's folder when it is loaded, before it is copied.

    Raises:
        Misconfigured: a file of those is no JSON, or it is an embedding model that nothing here can load.
    """
    for name in _READ:
        if (path := folder / name).is_file():
            try:
                json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise Misconfigured(
                    f"{path} cannot be read: {error}. Copy or download the model again."
                ) from error
    if folder_kind(folder, folder.name) == "embedding":
        read_spec(folder)
