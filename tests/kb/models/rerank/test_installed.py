"""Which cross-encoder ``reranker = auto`` takes, from caches of the hub that are made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.config import EmbeddingSettings, RerankerSettings, Settings
from kb.models.rerank.installed import installed
from kb.retrieval.model_rerank import description, timed_reranker
from tests.kb.answer.samples import hit
from tests.kb.models.rerank.tiny_cross_encoder import tiny_cross_encoder

AUTO = Settings(
    reranker=RerankerSettings(model="auto", seconds=60), embedding=EmbeddingSettings(device="cpu")
)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "hub"


def put(cache: Path, name: str, **config: object) -> Path:
    """A cross-encoder as the hub's client would have downloaded it; ``config`` changes its settings."""
    repo = cache / f"models--{name.replace('/', '--')}"
    commit = "a" * 40
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(commit)
    folder = tiny_cross_encoder(repo / "snapshots" / commit)
    settings = folder / "config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), **config}))
    return folder


def test_without_a_model_nothing_is_reranked(cache: Path) -> None:
    assert installed(cache) is None
    assert timed_reranker(AUTO, cache=cache) is None
    assert "Off" in description(AUTO, cache=cache)
    cache.mkdir()
    assert installed(cache) is None


def test_what_is_there_is_loaded_and_orders(cache: Path) -> None:
    put(cache, "somebody/tiny-reranker")
    assert "somebody/tiny-reranker" in description(AUTO, cache=cache)
    look = timed_reranker(AUTO, cache=cache)
    assert look is not None
    hits = tuple(hit(text, number=number) for number, text in enumerate(("the quick fox", "lazy dog"), 1))
    ordered = look.order("brown fox", hits)
    look.close()
    scores = [found.scores["rerank"] for found in ordered]
    assert scores == sorted(scores, reverse=True)


def test_one_that_reads_many_languages_comes_before_the_smallest(cache: Path) -> None:
    put(cache, "a/reranker-a")
    larger = put(cache, "a/reranker-b")
    (larger / "more.txt").write_text("x" * 10_000)
    found = installed(cache)
    assert found is not None
    assert found.name == "a/reranker-a"
    put(cache, "BAAI/bge-reranker-v2-m3")
    found = installed(cache)
    assert found is not None
    assert found.name == "BAAI/bge-reranker-v2-m3"


def test_what_is_no_cross_encoder_or_would_run_code_is_passed_over(cache: Path) -> None:
    put(cache, "a/mood-of-a-text")
    put(cache, "a/reranker-with-code", auto_map={"AutoModel": "model.Model"})
    put(cache, "a/reranker-of-three", id2label={"0": "no", "1": "maybe", "2": "yes"})
    put(cache, "a/reranker-that-embeds", architectures=["BertModel"])
    (put(cache, "a/reranker-half-loaded") / "model.safetensors").unlink()
    (put(cache, "a/reranker-broken") / "config.json").write_text("{")
    assert installed(cache) is None


def test_a_folder_that_says_so_needs_no_name(cache: Path) -> None:
    folder = put(cache, "a/judge", architectures=["Qwen3ForCausalLM"])
    (folder / "config_sentence_transformers.json").write_text('{"model_type": "CrossEncoder"}')
    found = installed(cache)
    assert found is not None
    assert found.folder == folder


def test_other_settings_are_named() -> None:
    assert description(Settings(reranker=RerankerSettings(model="off"))) == "Off."
    assert "http://127.0.0.1:9" in description(
        Settings(reranker=RerankerSettings(model="http://127.0.0.1:9"))
    )
