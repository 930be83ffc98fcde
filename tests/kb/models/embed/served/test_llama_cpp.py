"""A real llama.cpp server embeds: proved against the same weights here, with and without an end token in its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import xllamacpp

from kb.config import EmbeddingSettings, Settings
from kb.models.embed.choose import choose
from kb.models.embed.local import LocalEmbedder
from kb.ports import Embedder
from tests.kb.models.embed.tiny_gguf import tiny_gguf

TEXTS = ["A pump needs oil.", "知识库在每个回答下面给出脚注。", "Many words " * 40, "x"]
BATCH = 512
"""The context of the server, in tokens; the model takes 1,024."""


@contextmanager
def llama_cpp(file: Path) -> Iterator[str]:
    """The address of a server that embeds with the GGUF ``file``, up to and with /v1."""
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.embedding = True
    params.n_ctx = params.n_batch = params.n_ubatch = BATCH
    params.n_parallel = 1
    params.warmup = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.verbosity = 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


@pytest.mark.parametrize("end_token", [True, False])
def test_its_vectors_are_those_of_the_model_here(folder: Path, tmp_path: Path, *, end_token: bool) -> None:
    file = tiny_gguf(folder, tmp_path / "tiny.gguf", end_token=end_token)
    with llama_cpp(file) as url:
        asked = EmbeddingSettings(engine="endpoint", url=url, model=str(folder))
        embedder: Embedder
        embedder, _ = choose(Settings(home=tmp_path, embedding=asked))
        local = LocalEmbedder(folder, device="cpu")
        assert (embedder.embed_documents(TEXTS) * local.embed_documents(TEXTS)).sum(axis=1).min() > 0.999
        assert (embedder.embed_queries(TEXTS) * local.embed_queries(TEXTS)).sum(axis=1).min() > 0.999
        assert embedder.count_tokens(TEXTS) == local.count_tokens(TEXTS)
        details = embedder.fingerprint.details
        assert "server=llama.cpp" in details
        assert ("end=''" in details) == end_token
        assert 300 < embedder.max_tokens <= BATCH
        local.close()
        embedder.close()


def test_its_own_page_counts_tokens_where_no_tokenizer_is_here(folder: Path, tmp_path: Path) -> None:
    with llama_cpp(tiny_gguf(folder, tmp_path / "tiny.gguf")) as url:
        asked = EmbeddingSettings(engine="endpoint", url=url, model="anything")
        embedder, _ = choose(Settings(home=tmp_path, embedding=asked))
        assert "/tokenize" in embedder.engine_status
        local = LocalEmbedder(folder, device="cpu")
        assert embedder.count_tokens([*TEXTS, ""]) == local.count_tokens([*TEXTS, ""])
        assert embedder.embed_documents([]).shape == (0, 64)
        embedder.close()
