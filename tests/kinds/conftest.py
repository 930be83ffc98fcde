"""The bundled model for all kinds, each text embedded once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.ports import Embedder
from kb.state.db import Database


@pytest.fixture(scope="session")
def remembering(
    embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RememberingEmbedder]:
    """The bundled model, which embeds no text twice."""
    with closing(Database(tmp_path_factory.mktemp("vectors") / "vectors.db")) as database:
        yield RememberingEmbedder(embedder, database)
