"""Finds a cross-encoder that is on this machine already: for ``reranker = auto``, which downloads nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.models.hub import is_whole

_PREFERRED = (
    "Qwen/Qwen3-Reranker-0.6B",
    "BAAI/bge-reranker-v2-m3",
    "Alibaba-NLP/gte-multilingual-reranker-base",
    "cross-encoder/mmarco-mMiniLMv2-L12-H384-v1",
)
"""Multilingual models that are quick enough for a question; best first."""
_NAMED = re.compile(r"re-?rank|cross-?encoder|ms-?marco", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Installed:
    """A cross-encoder in the hub's cache."""

    name: str
    folder: Path
    bytes: int


def installed(cache: Path | None = None) -> Installed | None:
    """Returns the cross-encoder to use from the hub's cache: a preferred one, else the smallest; None: there is none.

    Only models whose weights are safetensors and that need no code of their own. ``cache=None`` is the
    hub's own folder (``HF_HOME``, ``HF_HUB_CACHE``).
    """
    from huggingface_hub import CacheNotFound, constants, scan_cache_dir

    try:
        found = scan_cache_dir(cache or constants.HF_HUB_CACHE)
    except CacheNotFound:
        return None
    usable = [
        Installed(repo.repo_id, revision.snapshot_path, revision.size_on_disk)
        for repo in found.repos
        if repo.repo_type == "model"
        for revision in sorted(repo.revisions, key=lambda each: -each.last_modified)[:1]
        if is_cross_encoder(repo.repo_id, revision.snapshot_path)
    ]
    return min(usable, key=_order, default=None)


def _order(model: Installed) -> tuple[int, int, str]:
    known = _PREFERRED.index(model.name) if model.name in _PREFERRED else len(_PREFERRED)
    return known, model.bytes, model.name


def is_cross_encoder(name: str, folder: Path) -> bool:
    """Returns whether a folder says that it holds one, or is named so and gives one score to a text.

    A classifier with one score may as well be one of sentiment: its name has to say what it is.
    """
    config = _read(folder / "config.json")
    if "auto_map" in config or not is_whole(folder):
        return False
    if _read(folder / "config_sentence_transformers.json").get("model_type") == "CrossEncoder":
        return True
    classifies = any(kind.endswith("ForSequenceClassification") for kind in config.get("architectures") or ())
    one_score = len(config.get("id2label") or {0: ""}) == 1
    return classifies and one_score and ("sentence_transformers" in config or bool(_NAMED.search(name)))


def _read(path: Path) -> dict[str, Any]:
    """Returns the content of a JSON file; empty where there is none, or it cannot be read."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
