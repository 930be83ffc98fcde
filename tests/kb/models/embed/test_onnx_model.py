"""ONNX exports as published, in folders that hold no other weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kb.errors import Cancelled, Misconfigured
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.onnx_model import OnnxModel, pooled
from tests.kb.models.embed.reference import ReferenceQwen3
from tests.kb.models.embed.test_reference import FLOAT32, TEXTS
from tests.kb.models.embed.tiny_model import tiny_qwen3
from tests.kb.models.embed.tiny_onnx import published_export


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen3(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def export(folder: Path) -> Path:
    return published_export(folder, folder.parent / "tiny-ONNX")


@pytest.mark.parametrize("past", [False, True])
def test_an_export_without_other_weights_gives_the_vectors_of_the_formulas(
    past: bool, folder: Path, export: Path, tmp_path: Path
) -> None:
    where = published_export(folder, tmp_path / "with-past", past=True) if past else export
    embedder = LocalEmbedder(where, device="cpu", engine="auto", kept=tmp_path)
    assert embedder.spec.pooling == "lasttoken"
    expected = ReferenceQwen3(folder).embed_documents(TEXTS)
    assert embedder.embed_documents(TEXTS) == pytest.approx(expected, abs=FLOAT32)
    assert embedder.engine_status.startswith("ONNX Runtime"), embedder.engine_status
    embedder.close()


def test_pytorch_cannot_run_it_and_the_message_says_what_can(export: Path, tmp_path: Path) -> None:
    embedder = LocalEmbedder(export, device="cpu", engine="torch")
    with pytest.raises(Misconfigured, match='engine = "onnx"'):
        embedder.embed_documents(["fox"])


def test_another_export_is_another_model(export: Path, tmp_path: Path) -> None:
    other = shutil.copytree(export, tmp_path / "tiny-ONNX")
    assert LocalEmbedder(export).fingerprint == LocalEmbedder(other).fingerprint
    content = bytearray((other / "onnx/model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (other / "onnx/model.onnx").write_bytes(content)
    assert LocalEmbedder(export).fingerprint != LocalEmbedder(other).fingerprint


def test_a_known_models_export_is_used_as_its_entry_says(export: Path, tmp_path: Path) -> None:
    named = shutil.copytree(export, tmp_path / "Qwen3-Embedding-0.6B-ONNX")
    with pytest.raises(Misconfigured, match="64 wide instead of 1024"):
        LocalEmbedder(named)
    config = json.loads((named / "config.json").read_text())
    (named / "config.json").write_text(json.dumps(config | {"hidden_size": 1024}))
    spec = LocalEmbedder(named).spec
    assert spec.query_prompt.startswith("Instruct: Given a web search query")
    assert spec.max_tokens == 32768
    assert str(spec.revision).startswith("files-")


class Confused(OnnxModel):
    """As exports are whose rotary positions of a batch are those of one of its rows."""

    def _forward(self, rows: object) -> np.ndarray:
        assert isinstance(rows, list)
        found = super()._forward(rows)
        if len({len(row) for row in rows} if self.spoilt == "ragged" else rows) > 1:
            found[:, : found.shape[1] // 2] *= -1
        return found

    spoilt = "ragged"


@pytest.mark.parametrize(("spoilt", "together"), [("ragged", "even"), ("any", "single")])
def test_rows_go_together_only_where_each_keeps_its_vector(export: Path, spoilt: str, together: str) -> None:
    model = Confused(export / "onnx/model.onnx", pooling="lasttoken", pad=0)
    model.spoilt = spoilt
    rows = [[5, 6, 7], [8, 9, 1, 2, 3], [4, 4, 4], [7]]
    expected = np.concatenate([model.run([row]) for row in rows])
    model.prove(rows)
    assert model.together == together
    assert model.run(rows) == pytest.approx(expected, abs=1e-4)
    model.close()
    with pytest.raises(Cancelled):
        model.run(rows)
    with pytest.raises(Cancelled):
        model.run_in_background([rows])


def test_poolings_pass_over_the_padding() -> None:
    states = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    mask = np.array([[1, 1, 0], [1, 1, 1]])
    assert pooled(states, mask, "lasttoken").tolist() == [[2, 3], [10, 11]]
    assert pooled(states, mask, "cls").tolist() == [[0, 1], [6, 7]]
    assert pooled(states, mask, "mean").tolist() == [[1, 2], [8, 9]]
    with pytest.raises(Misconfigured, match="median"):
        pooled(states, mask, "median")
