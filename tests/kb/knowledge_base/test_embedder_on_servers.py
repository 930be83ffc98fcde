"""Changing to an embedding server, with the vectors on a server too: the same promises as in one process."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kb.errors import BackendDown, BadInput, Misconfigured
from kb.types import OWNER, EmbedderChange
from tests.doubles.embedding_model import ServedModel
from tests.doubles.embedding_servers import EmbeddingDouble, embedding_double
from tests.harness.chroma_server import ChromaServerProcess
from tests.kb.knowledge_base.test_embedder import answers, home, in_toml, opened
from tests.kb.library import search, sentence
from tests.kb.models.embed.served.test_llama_cpp import llama_cpp
from tests.kb.models.embed.tiny_gguf import tiny_gguf

__all__ = ["home"]


@pytest.fixture
def chroma_server(tmp_path: Path, home: Path) -> ChromaServerProcess:
    """A server on which the library of ``home`` keeps its vectors; not started."""
    process = ChromaServerProcess(tmp_path / "chroma")
    with (home / "footnote.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[storage]\nvectors = "chroma-server"\nvectors_url = "{process.url}"\n')
    return process


def test_an_embedding_server_takes_over_and_gives_back(
    home: Path, models: tuple[Path, Path], chroma_server: ChromaServerProcess, tmp_path: Path
) -> None:
    chroma_server.start()
    try:
        with llama_cpp(tiny_gguf(models[1], tmp_path / "tiny.gguf")) as url, closing(opened(home)) as kb:
            answers(kb)
            first = kb.embedder().fingerprint
            change = EmbedderChange(engine="endpoint", url=url, model=str(models[1]))
            plan = kb.embedding.plan(change, caller=OWNER)
            assert (plan.passages, plan.model_run) == (60, True)
            kb.embedding.switch(change, caller=OWNER)
            assert "server=llama.cpp" in kb.embedder().fingerprint.details
            answers(kb)
            assert (in_toml(home)["engine"], in_toml(home)["url"]) == ("endpoint", url)
            chroma_server.kill()  # the exact search over the database answers meanwhile
            assert sentence(55) in {hit.chunk.text for hit in search(kb, sentence(55))}
            chroma_server.start()
            assert kb.embedding.undo(caller=OWNER)
            assert kb.embedder().fingerprint == first
            answers(kb)
    finally:
        chroma_server.kill()


def test_a_server_that_is_away_or_is_none_changes_nothing(home: Path, models: tuple[Path, Path]) -> None:
    with closing(opened(home)) as kb:
        first, before = kb.embedder().fingerprint, in_toml(home)
        for url, kind in (("http://127.0.0.1:9/v1", BackendDown), ("file:///etc", BadInput)):
            change = EmbedderChange(engine="endpoint", url=url, model=str(models[1]))
            with pytest.raises(kind, match="http"):
                kb.embedding.plan(change, caller=OWNER)
            with pytest.raises(kind, match="http"):
                kb.embedding.switch(change, caller=OWNER)
        assert kb.embedder().fingerprint == first
        assert in_toml(home) == before
        answers(kb)


def test_a_server_that_becomes_another_on_the_way_does_not_take_over(
    home: Path, models: tuple[Path, Path]
) -> None:
    double = EmbeddingDouble(ServedModel(models[1]))

    def turn(step: str, *_: int) -> None:
        if step == "indexing":
            double.model.batch_differs = 0.5

    with embedding_double(double) as server, closing(opened(home)) as kb:
        first, before = kb.embedder().fingerprint, in_toml(home)
        change = EmbedderChange(engine="endpoint", url=f"{server.url}/v1", model="tiny")
        with pytest.raises(Misconfigured, match="other vectors"):
            kb.embedding.switch(change, caller=OWNER, report=turn)
        assert kb.embedder().fingerprint == first
        assert in_toml(home) == before
        answers(kb)


def test_a_model_that_a_server_has_under_another_name_is_called_by_that_name(
    home: Path, models: tuple[Path, Path]
) -> None:
    first, second = (EmbeddingDouble(ServedModel(models[1]), name=name) for name in ("tiny", "renamed"))
    with (
        embedding_double(first) as one,
        embedding_double(second) as other,
        closing(opened(home)) as kb,
    ):
        kb.embedding.switch(
            EmbedderChange(engine="endpoint", url=f"{one.url}/v1", model="tiny"), caller=OWNER
        )
        vectors = kb.embedder().fingerprint
        change = EmbedderChange(url=f"{other.url}/v1", model="renamed")
        plan = kb.embedding.plan(change, caller=OWNER)
        assert (plan.source.model, plan.source.vectors_of) == ("tiny", None)
        assert (plan.target.model, plan.target.vectors_of) == ("renamed", "tiny")
        assert not plan.model_run
        kb.embedding.switch(change, caller=OWNER)
        assert kb.embedder().fingerprint == vectors
        assert kb.embedding.status(caller=OWNER).model == in_toml(home)["model"] == "renamed"
        answers(kb)
