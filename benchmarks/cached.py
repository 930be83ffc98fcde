"""The bundled model with a cache of its vectors in a folder, so that a benchmark runs twice in seconds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.models.embed import bundled
from kb.models.embed.converted import kept_folder
from kb.models.embed.local import LocalEmbedder
from kb.state.db import Database

FOLDER = Path(tempfile.gettempdir()) / "footnote-benchmarks"
"""The cache between runs; nothing else is written there."""


@contextmanager
def bundled_embedder(folder: Path = FOLDER, *, engine: str = "auto") -> Iterator[RememberingEmbedder]:
    """Yields the bundled model behind the cache in ``folder``, computed by ``engine``, and frees it at the end."""
    models = folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    unpacked = bundled.unpack(models)
    model = LocalEmbedder(unpacked, device="cpu", engine=engine, kept=kept_folder(models))
    with closing(model), closing(Database(folder / "vectors.db")) as database:
        yield RememberingEmbedder(model, database)
