"""A cross-encoder by OpenVINO: PyTorch's scores, whatever the lengths, and PyTorch where it does not pay."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.models.openvino_package import is_installed
from kb.models.rerank import openvino_forward
from kb.models.rerank.cross_encoder import CrossEncoderReranker
from tests.kb.models.rerank.tiny_cross_encoder import tiny_cross_encoder

QUESTION = "the fox 知识"
PASSAGES = ["the quick brown fox jumps over the lazy dog", "知", "", "dog " * 80, "fox the 识 lazy"] * 3
"""Of all lengths, the longest cut: more than one batch."""


@pytest.mark.skipif(not is_installed(), reason="there is no OpenVINO for this platform")
def test_openvino_gives_pytorchs_scores_and_frees_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tiny_cross_encoder(tmp_path))
    by_torch = CrossEncoderReranker(folder, device="cpu", local_only=True, engine="torch")
    reference = by_torch.scores(QUESTION, PASSAGES)
    assert by_torch.engine_status == "PyTorch, as set."
    monkeypatch.setattr(
        openvino_forward, "_PAYS", 1e9
    )  # on a busy machine the time of a tiny model is anything
    by_openvino = CrossEncoderReranker(folder, device="cpu", local_only=True)
    assert by_openvino.scores(QUESTION, PASSAGES) == pytest.approx(reference, abs=1e-4)
    assert max(reference) - min(reference) > 1e-2
    assert by_openvino.engine_status.startswith("OpenVINO, in ")
    assert by_openvino._network is not None
    assert not any(each.numel() for each in by_openvino._network.parameters())
    monkeypatch.setattr(openvino_forward, "_PAYS", 0.0)
    slower = CrossEncoderReranker(folder, device="cpu", local_only=True)
    assert slower.scores(QUESTION, PASSAGES) == pytest.approx(reference, abs=1e-6)
    assert slower.engine_status.startswith("PyTorch: OpenVINO takes ")
