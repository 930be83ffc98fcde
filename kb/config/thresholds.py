"""Reads the thresholds that were measured (``thresholds.toml``) for an embedding model."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.types import (
    AnswerabilityThresholds,
    AttributionThresholds,
    CosineScale,
    QuotingThresholds,
    SearchThresholds,
    SentenceEvidenceThresholds,
    Thresholds,
)

_FILE = Path(__file__).with_suffix(".toml")
_GROUPS = {
    "search": SearchThresholds,
    "answerability": AnswerabilityThresholds,
    "sentence_evidence": SentenceEvidenceThresholds,
    "attribution": AttributionThresholds,
    "quoting": QuotingThresholds,
    "scale": CosineScale,
}
_ABOUT = frozenset({"command", "date"})
"""What the file says of a group: which command it was chosen from, and when."""


@cache
def thresholds_for(model: str) -> Thresholds:
    """Returns the thresholds measured with ``model``, a name in a fingerprint; else the default and its reason."""
    measured = measured_groups()
    default = measured["default"]
    known = model in measured and model != "default"
    groups = measured[model if known else default["model"]]
    values = {
        name: kind(**{key: _frozen(value) for key, value in groups[name].items() if key not in _ABOUT})
        for name, kind in _GROUPS.items()
    }
    found = Thresholds(model=model if known else default["model"], reason=None, **values)
    return found if known else replace(found, reason=default["reason"])


def default_thresholds() -> Thresholds:
    """Returns the thresholds for a model that nothing is known of."""
    return thresholds_for("")


def measured_groups() -> dict[str, dict[str, Any]]:
    """Returns the file as it is: model -> group -> values, with the command and the day of each group."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType(value)
    return tuple(value) if isinstance(value, list) else value
