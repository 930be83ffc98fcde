"""What every ``kb.ports.Embedder`` promises. Add an implementation to ``embedder`` and it runs here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kb.config import EmbeddingSettings, Settings
from kb.errors import Unembeddable
from kb.models.embed.choose import choose
from kb.models.embed.converted import kept_folder
from kb.models.embed.local import LocalEmbedder
from kb.ports import Embedder
from tests.doubles.embedding_model import ServedModel
from tests.doubles.embedding_servers import EmbeddingDouble, embedding_double
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_bert, tiny_qwen3
from tests.kb.models.embed.unpacked import bundled_folder

TEXTS = [
    "A knowledge base answers with footnotes.",
    "short",
    "知识库在每个回答下面给出脚注。",
    "Ein sehr langer Satz, " * 9,
    "",
    "where is the passage?",
]


@pytest.fixture(
    scope="module",
    params=[
        "bundled",
        "bundled_openvino",
        "tiny_bert",
        "tiny_qwen3",
        "tiny_qwen3_onnx",
        "endpoint",
        "ollama",
        "gguf",
    ],
)
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    engine = "torch"
    if request.param in ("endpoint", "ollama"):
        yield from served(request.param, tmp_path_factory.mktemp("served"))
        return
    if request.param == "gguf":
        yield from in_gguf(tmp_path_factory.mktemp("gguf"))
        return
    if request.param.startswith("bundled"):
        folder = bundled_folder()
        engine = "openvino" if request.param.endswith("openvino") else engine
    else:
        make = tiny_bert if request.param == "tiny_bert" else tiny_qwen3
        folder = make(tmp_path_factory.mktemp("models") / "tiny")
        engine = "onnx" if request.param.endswith("onnx") else engine
    made = LocalEmbedder(folder, device="cpu", engine=engine, kept=kept_folder(folder.parent))
    yield made
    made.close()


def in_gguf(home: Path) -> Iterator[Embedder]:
    """The tiny Qwen3 in a GGUF file, run by llama.cpp."""
    file = tiny_gguf(tiny_qwen3(home / "tiny", max_tokens=384), home / "tiny.gguf")
    instruction = "Given a web search query, retrieve relevant passages"
    asked = EmbeddingSettings(engine="gguf", model=str(file), instruction=instruction)
    made, _ = choose(Settings(home=home, embedding=asked))
    yield made
    made.close()


def served(engine: str, home: Path) -> Iterator[Embedder]:
    """The tiny Qwen3 behind a double of the server; it goes by the name of its folder, as vLLM's models do."""
    folder = tiny_qwen3(home / "tiny")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 384}), encoding="utf-8")
    model = ServedModel(folder, longest=384)
    kind = "vllm" if engine == "endpoint" else engine
    with embedding_double(EmbeddingDouble(model, kind, name=str(folder))) as running:
        url = f"{running.url}/v1" if engine == "endpoint" else running.url
        asked = EmbeddingSettings(engine=engine, url=url, model=str(folder))  # type: ignore[arg-type]
        made, _ = choose(Settings(home=home, embedding=asked))
        yield made
        made.close()
    model.close()


def test_documents_have_full_width_and_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed_documents(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.fingerprint.native_width)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_queries_have_the_width_in_use_and_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed_queries(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.fingerprint.width)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_many_queries_equal_one_by_one_in_order(embedder: Embedder) -> None:
    together = embedder.embed_queries(TEXTS)
    alone = np.concatenate([embedder.embed_queries([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_urgent_passages_have_the_vectors_that_others_have(embedder: Embedder) -> None:
    urgent = embedder.embed_documents(TEXTS, urgent=True)
    assert urgent.shape == (len(TEXTS), embedder.fingerprint.native_width)
    assert (urgent * embedder.embed_documents(TEXTS)).sum(axis=1).min() > 0.9999


def test_a_batch_of_mixed_lengths_equals_one_by_one_in_order(embedder: Embedder) -> None:
    together = embedder.embed_documents(TEXTS)
    alone = np.concatenate([embedder.embed_documents([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.9999
    # Each text is nearest to itself, so nothing was swapped.
    assert (together @ alone.T).argmax(axis=1).tolist() == list(range(len(TEXTS)))


def test_the_two_doors_differ(embedder: Embedder) -> None:
    text = "what is a footnote?"
    cosine = float(embedder.embed_queries([text])[0] @ embedder.embed_documents([text])[0])
    assert cosine < 0.9999


def test_the_same_text_has_the_same_vector(embedder: Embedder) -> None:
    assert embedder.embed_queries(["again"])[0] @ embedder.embed_queries(["again"])[0] > 0.99999


def test_nothing_in_nothing_out(embedder: Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, embedder.fingerprint.native_width)
    assert embedder.embed_queries([]).shape == (0, embedder.fingerprint.width)
    assert embedder.count_tokens([]) == []


def test_tokens_are_counted_without_the_special_ones(embedder: Embedder) -> None:
    empty, one, two = embedder.count_tokens(["", "passage", "passage passage"])
    assert empty == 0
    assert 0 < one < two <= 2 * one + 2


def test_too_long_a_text_is_cut_at_the_end(embedder: Embedder) -> None:
    beginning = "footnote and passage " * embedder.max_tokens
    a, b = embedder.embed_documents([beginning + "alpha", beginning + "omega"])
    assert a @ b > 0.99999


def test_whole_texts_are_counted_and_never_cut(embedder: Embedder) -> None:
    texts = ["short", "a footnote?"]
    whole = embedder.embed_whole(texts)
    assert (whole.vectors * embedder.embed_documents(texts)).sum(axis=1).min() > 0.9999
    assert all(found >= own for found, own in zip(whole.tokens, embedder.count_tokens(texts), strict=True))
    assert embedder.embed_whole([]).vectors.shape == (0, embedder.fingerprint.native_width)
    long = "footnote and passage " * embedder.max_tokens
    with pytest.raises(
        Unembeddable, match=r"The text has [\d,]+ tokens, and .* takes at most \d+"
    ) as refused:
        embedder.embed_whole(["short", long])
    assert refused.value.place == 1


def test_questions_and_passages_at_the_same_time(embedder: Embedder) -> None:
    expected = embedder.embed_queries(["at once"])[0]
    with ThreadPoolExecutor(4) as pool:
        passages = [pool.submit(embedder.embed_documents, TEXTS) for _ in range(2)]
        questions = [pool.submit(embedder.embed_queries, ["at once"]) for _ in range(6)]
        assert all(question.result()[0] @ expected > 0.9999 for question in questions)
        assert passages[0].result() == pytest.approx(passages[1].result(), abs=1e-4)


def test_the_fingerprint_holds_what_moves_vectors(embedder: Embedder) -> None:
    fingerprint = embedder.fingerprint
    assert fingerprint == embedder.fingerprint
    assert 0 < fingerprint.width <= fingerprint.native_width
    assert "query=" in fingerprint.details
    assert "pooling=" in fingerprint.details
    assert fingerprint.revision
