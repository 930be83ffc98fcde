"""One small model for all tests of served embedders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kb.models.embed.tiny_model import tiny_qwen3


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen3 that takes 1,024 tokens."""
    made = tiny_qwen3(tmp_path_factory.mktemp("served") / "tiny")
    (made / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 1024}), encoding="utf-8")
    return made
