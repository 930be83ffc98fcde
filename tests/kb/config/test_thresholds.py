"""What was measured, by the model that it was measured with."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from kb.config.thresholds import default_thresholds, measured_groups, thresholds_for
from kb.models.embed.spec import BUNDLED
from kb.retrieval.sentence_similarity import SentenceSimilarity
from tests.doubles.hash_embedder import HashEmbedder

ROOT = Path(__file__).parents[3]


def test_a_model_that_was_measured_has_its_own_and_needs_no_reason() -> None:
    found = thresholds_for(BUNDLED)
    assert (found.model, found.reason) == (BUNDLED, None)
    assert found.answerability.own == 0.82
    assert found.attribution.same_language == (0.84, 1.04)
    with pytest.raises(FrozenInstanceError):
        found.search.score_gap = 2.0  # type: ignore[misc]


@pytest.mark.parametrize("name", ["someone/elses-model", "", "default"])
def test_any_other_model_gets_the_default_and_is_told_why(name: str) -> None:
    found = thresholds_for(name)
    assert found == default_thresholds()
    assert "measured" in str(found.reason)
    assert replace(found, reason=None) == thresholds_for(BUNDLED)


def test_an_embedder_brings_the_thresholds_of_its_fingerprint() -> None:
    assert SentenceSimilarity(HashEmbedder(model=BUNDLED)).thresholds.reason is None
    assert SentenceSimilarity(HashEmbedder(model="other")).thresholds.reason


def test_every_group_names_a_command_that_there_is_and_the_day() -> None:
    models = {name: groups for name, groups in measured_groups().items() if name != "default"}
    assert models
    for groups in models.values():
        for group in groups.values():
            module = re.match(r"python -m benchmarks\.(\w+)", group["command"])
            assert module is not None
            assert (ROOT / "benchmarks" / f"{module[1]}.py").is_file()
            assert group["date"].year >= 2026
