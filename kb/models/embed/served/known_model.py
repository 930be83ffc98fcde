"""What this machine has of a model that a server names: its spec, its tokenizer, its weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kb.config import Settings, expanded
from kb.errors import FootnoteError
from kb.models import hub
from kb.models.embed.folder import read_spec
from kb.models.embed.obtain import unpacked
from kb.models.embed.spec import BUNDLED, SPECS, EmbedderSpec

_WORDS = re.compile(r"[a-z]+|[0-9]+")
_HOW_PACKED = re.compile(
    r"i?q|k|m|s|l|xs|xxs|xl|f|fp|bf|b|int|bit|bits|gguf|awq|gptq|mlx|onnx|w|a|latest|ud|[0-9]+"
)
"""Words of a name that say in which form a file has the weights, and nothing of the model."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What is known of a model; everything None for one that nothing is known of."""

    spec: EmbedderSpec | None = None
    folder: Path | None = None
    """With its weights."""
    tokenizer: Path | None = None
    """Its tokenizer.json."""


def find(settings: Settings, name: str) -> KnownModel:
    """Returns what this machine has of the model ``name``: bundled, in the hub's cache, a folder. Downloads nothing."""
    if (folder := expanded(Path(name))).is_dir():
        return _in_folder(folder)
    if (spec := named(name)) is not None:
        found = unpacked(settings) if spec.model == BUNDLED else hub.cached(spec.model, spec.revision)
        return KnownModel(spec, found, _tokenizer(found) or _cached_tokenizer(spec.model, spec.revision))
    if _HUB_ID.fullmatch(name):
        if (cached := hub.cached(name, None)) is not None:
            return _in_folder(cached)
        return KnownModel(tokenizer=_cached_tokenizer(name, None))
    return KnownModel()


def named(name: str) -> EmbedderSpec | None:
    """Returns the spec of the known model that ``name`` is a name of, in whatever form of file; None for others.

    So ``qwen3-embedding:0.6b`` and ``Qwen3-Embedding-0.6B-Q8_0.gguf`` are Qwen3-Embedding-0.6B; a name with another
    word in it is another model, made of it perhaps.
    """
    words = _WORDS.findall(name.rpartition("/")[2].lower())
    for spec in SPECS.values():
        wanted = _WORDS.findall(spec.model.rpartition("/")[2].lower())
        if words[: len(wanted)] == wanted and all(map(_HOW_PACKED.fullmatch, words[len(wanted) :])):
            return spec
    return None


def _in_folder(folder: Path) -> KnownModel:
    try:
        spec = read_spec(folder)
    except FootnoteError:  # no sentence-transformers model: its tokenizer may serve all the same
        return KnownModel(tokenizer=_tokenizer(folder))
    return KnownModel(spec, folder, _tokenizer(folder))


def _tokenizer(folder: Path | None) -> Path | None:
    file = None if folder is None else folder / "tokenizer.json"
    return file if file is not None and file.is_file() else None


def _cached_tokenizer(model: str, revision: str | None) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model, "tokenizer.json", revision=revision)
    return Path(found) if isinstance(found, str) else None
