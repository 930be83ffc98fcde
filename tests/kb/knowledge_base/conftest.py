"""Models that several tests of the embedder switch between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kb.models.embed.tiny_model import tiny_bert, tiny_qwen3


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model that takes no instructions, with which the libraries begin, and one that does."""
    root = tmp_path_factory.mktemp("models")
    return tiny_bert(root / "bert"), tiny_qwen3(root / "qwen3", max_tokens=512)
