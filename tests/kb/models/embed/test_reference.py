"""Each engine's vectors of a small Qwen3 are those of the formulas, within what float32 rounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xllamacpp

from kb.config import EmbeddingSettings, Settings
from kb.models.embed.batching import unit_rows
from kb.models.embed.choose import choose
from kb.models.embed.converted import Converted
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.openvino_model import OpenVinoModel
from kb.models.openvino_package import is_installed
from tests.kb.models.embed.reference import ReferenceQwen3
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import MAX_TOKENS, tiny_qwen3

FLOAT32 = 1e-5
"""The most by which a dimension of a vector of length 1 may differ."""
TEXTS = [
    "the quick brown fox",
    "知识库在每个回答下面给出脚注。",
    "longer than the model takes, so that it is cut before its end token " * 9,
    "it's  1a2\n\n\t<|endoftext|> naïve",
    "",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen3(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def reference(folder: Path) -> ReferenceQwen3:
    return ReferenceQwen3(folder)


def test_pytorch_computes_the_vectors_of_the_formulas(folder: Path, reference: ReferenceQwen3) -> None:
    embedder = LocalEmbedder(folder, device="cpu")
    assert [len(row) for row in embedder.token_rows("", TEXTS)][2] == MAX_TOKENS
    assert embedder.embed_documents(TEXTS) == pytest.approx(reference.embed_documents(TEXTS), abs=FLOAT32)
    assert embedder.embed_queries(TEXTS) == pytest.approx(reference.embed_queries(TEXTS), abs=FLOAT32)
    embedder.close()


def test_llama_cpp_computes_them_from_a_gguf_file(folder: Path, reference: ReferenceQwen3) -> None:
    server = xllamacpp.Server(_parameters(tiny_gguf(folder, folder.parent / "tiny.gguf")))
    for text, expected in zip(TEXTS[:2], reference.embed_documents(TEXTS[:2]), strict=True):
        found = server.handle_embeddings({"input": text})
        found = found if isinstance(found, dict) else json.loads(found)
        assert found["usage"]["prompt_tokens"] == len(reference.ids(text))
        assert found["data"][0]["embedding"] == pytest.approx(expected, abs=FLOAT32)


def _parameters(file: Path) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.embedding = True
    params.embd_normalize = 2
    params.n_ctx = params.n_batch = params.n_ubatch = MAX_TOKENS
    params.n_parallel = 1
    params.warmup = False
    params.verbosity = 1
    params.flash_attn_type = (
        xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )  # computes in float16
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    return params


@pytest.mark.skipif(not is_installed(), reason="there is no OpenVINO for this platform")
def test_openvino_computes_them_in_float32(folder: Path, reference: ReferenceQwen3) -> None:
    converted = Converted(folder, folder.parent / "converted")
    embedder = LocalEmbedder(folder, device="cpu", engine="openvino", kept=converted.stem.parent)
    embedder.prepare()
    model = OpenVinoModel(converted.opened, precision="f32", pad=embedder.pad)
    for rows in (embedder.token_rows("", TEXTS), embedder.token_rows("", TEXTS[:1])):
        expected = reference.embed_documents(TEXTS)[: len(rows)]
        assert unit_rows(model.run(rows)) == pytest.approx(expected, abs=FLOAT32)
    model.close()


def test_onnx_runtime_computes_them_from_what_was_converted(folder: Path, reference: ReferenceQwen3) -> None:
    embedder = LocalEmbedder(folder, device="cpu", engine="onnx", kept=folder.parent / "converted")
    assert embedder.embed_documents(TEXTS) == pytest.approx(reference.embed_documents(TEXTS), abs=FLOAT32)
    assert embedder.embed_queries(TEXTS) == pytest.approx(reference.embed_queries(TEXTS), abs=FLOAT32)
    assert embedder.engine_status.startswith("ONNX Runtime"), embedder.engine_status
    embedder.close()


def test_each_engine_of_the_settings_is_the_one_that_runs(folder: Path) -> None:
    for engine, said in {"onnx": "ONNX Runtime", "torch": "PyTorch"}.items():
        asked = EmbeddingSettings(engine=engine, model=str(folder), device="cpu")  # type: ignore[arg-type]
        embedder, _ = choose(Settings(home=folder.parent / "home", embedding=asked))
        embedder.warm_up()
        assert embedder.engine_status.startswith(said)
        embedder.close()
