"""A model's folder: whether it is safe to load, and what its own files say of it.

Only JSON is read here; no weights, and no code of the model's.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from kb.errors import Misconfigured
from kb.models.embed.spec import EmbedderSpec, known

MARKER = "footnote.json"
"""Names the model and revision of a folder that we unpacked ourselves."""

_MODULES = {"Transformer", "Pooling", "Normalize", "Dense"}
_POOLING_KEYS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_COMMIT = re.compile(r"[0-9a-f]{40}")


_ONNX = ("onnx/model.onnx", "model.onnx", "onnx/model_fp16.onnx", "onnx/model_quantized.onnx")
"""Where exports as published have their graph; the exact one before smaller ones."""
_EXPORT_ENDINGS = ("-onnx", "_onnx")


def published_onnx(folder: Path) -> Path | None:
    """Returns the ONNX file of a folder that has no other weights; None for every other folder."""
    if any(folder.glob("*.safetensors")):
        return None
    return next((file for name in _ONNX if (file := folder / name).is_file()), None)


def read_spec(folder: Path) -> EmbedderSpec:
    """Returns the spec of the model in ``folder``: the known entry with the folder's revision, else what its files say.

    Raises:
        Misconfigured: it is no sentence-transformers folder, it would run code of its own, its
            weights are pickles, or it does not match the entry; the message says which.
    """
    modules = _modules(folder)
    _refuse_code(folder, modules)
    spec = _spec_from_files(folder, modules)
    entry = known(_without_ending(spec.model)) if published_onnx(folder) else known(spec.model)
    if entry is None:
        return spec
    if entry.width != spec.width:
        raise Misconfigured(
            f"{folder} calls itself {spec.model} but is {spec.width} wide instead of {entry.width}. "
            "Delete it, or choose another model."
        )
    return replace(entry, revision=spec.revision)


def _without_ending(model: str) -> str:
    """Returns what an export was made of: its name without ``-ONNX``."""
    found = model.lower()
    return next((found.removesuffix(ending) for ending in _EXPORT_ENDINGS if found.endswith(ending)), model)


def _modules(folder: Path) -> list[dict[str, Any]]:
    path = folder / "modules.json"
    modules = _json(path) if path.is_file() else None
    if modules is None and published_onnx(folder) is not None:
        return [{"type": "sentence_transformers.models.Transformer", "path": ""}]  # an export has no more
    if not isinstance(modules, list) or not modules:
        raise Misconfigured(
            f"{folder} is not a sentence-transformers model: it has no modules.json. "
            "Choose a model that was saved by sentence-transformers."
        )
    return modules


def _refuse_code(folder: Path, modules: list[dict[str, Any]]) -> None:
    for module in modules:
        kind, path = str(module.get("type", "")), Path(str(module.get("path", "")))
        if not kind.startswith("sentence_transformers.") or kind.rpartition(".")[2] not in _MODULES:
            raise Misconfigured(f"{folder} wants to run its own code ({kind}), which Footnote does not do.")
        if path.is_absolute() or ".." in path.parts:
            raise Misconfigured(f"{folder} points outside itself ({path}), which Footnote does not follow.")
    if modules[0]["type"].rpartition(".")[2] != "Transformer" or modules[0].get("path"):
        raise Misconfigured(f"{folder} has a layout that Footnote does not read. Choose another model.")
    for name in ("config.json", "tokenizer_config.json"):
        if "auto_map" in _json(folder / name):
            raise Misconfigured(f"{folder} wants to run its own code ({name}), which Footnote does not do.")
    if not any(folder.glob("*.safetensors")) and published_onnx(folder) is None:
        raise Misconfigured(
            f"{folder} has no weights in the safetensors format. Pickled weights (.bin) can run code "
            "and are not loaded; choose a model that is published as safetensors."
        )
    if not (folder / "tokenizer.json").is_file():
        raise Misconfigured(f"{folder} has no tokenizer.json. Choose a model that is published with one.")


def _spec_from_files(folder: Path, modules: list[dict[str, Any]]) -> EmbedderSpec:
    config, tokenizer = _json(folder / "config.json"), _json(folder / "tokenizer_config.json")
    transformer = _optional(folder / "sentence_bert_config.json")
    if transformer.get("do_lower_case"):
        raise Misconfigured(
            f"{folder} lower-cases its input, which Footnote does not do. Choose another model."
        )
    width, pooling = int(config["hidden_size"]), "none"
    if len(modules) == 1 and published_onnx(folder) is not None:
        pooling = _exported_pooling(folder, config)
    for module in modules[1:]:
        details = _optional(folder / str(module["path"]) / "config.json")
        if module["type"].endswith("Pooling"):
            pooling = _pooling(folder, details)
            width *= pooling.count("+") + 1
        elif module["type"].endswith("Dense"):
            width = int(details["out_features"])
    prompts = _optional(folder / "config_sentence_transformers.json").get("prompts") or {}
    model, revision = _identity(folder)
    return EmbedderSpec(
        model=model,
        revision=revision,
        width=width,
        narrowest=width,
        max_tokens=_max_tokens(transformer, tokenizer, config),
        query_prompt=prompts.get("query") or "",
        document_prompt=prompts.get("document") or prompts.get("passage") or "",
        pooling=pooling,
        padding="left" if tokenizer.get("padding_side") == "left" else "right",
        reduced=config.get("dtype", config.get("torch_dtype")) == "bfloat16",
    )


def _exported_pooling(folder: Path, config: dict[str, Any]) -> str:
    """Returns the pooling of an export that has no modules: by its own file, else as such models are trained.

    What reads from left to right has seen the whole text at its last token alone.
    """
    if details := _optional(folder / "1_Pooling" / "config.json"):
        return _pooling(folder, details)
    names = [str(name) for name in config.get("architectures") or ()]
    return "mean" if any("Bert" in name or "MPNet" in name for name in names) else "lasttoken"


def _pooling(folder: Path, details: dict[str, Any]) -> str:
    if not details.get("include_prompt", True):
        raise Misconfigured(f"{folder} leaves the prompt out of its vectors, which Footnote does not do.")
    given = details.get("pooling_mode")
    if given is None:
        given = [mode for key, mode in _POOLING_KEYS.items() if details.get(key)] or ["mean"]
    return given if isinstance(given, str) else "+".join(given)


def _max_tokens(transformer: dict[str, Any], tokenizer: dict[str, Any], config: dict[str, Any]) -> int:
    """Returns sentence-transformers' own limit where there is one, else what tokenizer and positions allow."""
    if transformer.get("max_seq_length"):
        return int(transformer["max_seq_length"])
    limits = [tokenizer.get("model_max_length"), config.get("max_position_embeddings")]
    return min(int(limit) for limit in [*limits, 1 << 20] if limit)


def _identity(folder: Path) -> tuple[str, str]:
    """Returns name and revision: from our marker, from the hub's cache layout, else from the files themselves."""
    if marker := _optional(folder / MARKER):
        return str(marker["model"]), str(marker["revision"])
    folder = folder.resolve()
    cached = folder.parent.parent.name  # models--OWNER--NAME/snapshots/COMMIT
    if folder.parent.name == "snapshots" and cached.startswith("models--") and _COMMIT.fullmatch(folder.name):
        return cached.removeprefix("models--").replace("--", "/"), folder.name
    return folder.name, content_hash(folder)


def content_hash(folder: Path) -> str:
    """Returns a hash of the model: of all of its JSON, and of the size and samples of its weights.

    Reading gigabytes on every start would cost seconds; training changes every weight, so 4 KiB at
    64 offsets of each file tell one state from another.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.json")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    onnx = [file for file in folder.rglob("*.onnx*") if file.is_file()]
    for path in sorted([*folder.rglob("*.safetensors"), *onnx]):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}".encode())
        with path.open("rb") as file:
            for step in range(64):
                file.seek(size * step // 64)
                digest.update(file.read(4096))
    return f"files-{digest.hexdigest()[:16]}"


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Misconfigured(f"{path} is missing. Copy or download the model again.") from error
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}. Copy or download the model again.") from error


def _optional(path: Path) -> dict[str, Any]:
    return _json(path) if path.is_file() else {}
