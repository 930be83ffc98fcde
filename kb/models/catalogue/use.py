"""What a model is used for: by the settings, and by the vectors of a library."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from kb.config import Settings, expanded
from kb.errors import Misconfigured
from kb.models.embed.folder import read_spec
from kb.models.gguf_files import embedding_files
from kb.models.rerank.installed import installed
from kb.types import EXTRACTIVE, HeldModel

_SERVED = ("endpoint", "ollama")
_NOTHING = ("off", "auto", EXTRACTIVE, "")


@dataclass(frozen=True, slots=True)
class InUse:
    """What is in use now."""

    settings: Settings
    embedder: str | None
    """The stored key of the embedder whose vectors the library has; None where it has none."""
    answering: str
    """The name of the model that answers, as in ``gguf/NAME``."""
    cache: Path | None = None
    """Of the hub; None for its own folder."""

    def roles(self, model: HeldModel) -> tuple[str, ...]:
        """Returns what ``model`` does: of ``embedding``, ``reranker``, ``answering``, ``judge``."""
        roles = {
            "embedding": model.kind in ("embedding", "unknown") and self._embeds(model),
            "reranker": self._ranks(model),
            "answering": _is_named(model, self.answering),
            "judge": _is_named(model, self.settings.judge.model),
        }
        return tuple(role for role, played in roles.items() if played)

    def _embeds(self, model: HeldModel) -> bool:
        asked, engine = self.settings.embedding.model, self.settings.embedding.engine
        if engine in _SERVED:
            return model.format == "served" and (asked in ("auto", "") or _is_named(model, asked))
        if engine == "gguf" and asked == "auto":
            return list(embedding_files(self.settings).values()) == [model.path]
        if _is_named(model, asked) or self._has_its_vectors(model):
            return True
        return asked == "auto" and model.place == "bundled" and self.embedder is None

    def _has_its_vectors(self, model: HeldModel) -> bool:
        """Whether the vectors of the library are those of a model that runs in this process."""
        if self.embedder is None or model.path is None or model.format not in ("safetensors", "onnx"):
            return False
        try:
            spec = read_spec(model.path)
        except Misconfigured:
            return False
        return self.embedder.startswith(f"{spec.model}@{spec.revision or 'main'}/")

    def _ranks(self, model: HeldModel) -> bool:
        if self.settings.reranker.model != "auto":
            return _is_named(model, self.settings.reranker.model)
        found = installed(self.cache) if model.place == "hub" else None
        return found is not None and found.folder == model.path


def _is_named(model: HeldModel, name: str) -> bool:
    """Whether ``name``, as a setting has it, means ``model``."""
    if name in _NOTHING:
        return False
    names = {model.name.lower(), *(alias.lower() for alias in model.aliases)}
    if {name.lower(), name.partition("/")[2].lower() or name.lower()} & names:
        return True
    path = expanded(Path(name.removeprefix("gguf/")))
    return model.path is not None and path.exists() and path.resolve() == model.path.resolve()


def is_named(model: HeldModel, name: str) -> bool:
    """Whether a person who types ``name`` means ``model``: its name, an alias, or its path."""
    name = unicodedata.normalize("NFC", name)  # as names are kept here; some terminals type accents apart
    return model.name == name or name in model.aliases or _is_named(model, name)
