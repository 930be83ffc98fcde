"""Converts a model for other engines, proves that its vectors are PyTorch's, and measures both.

``python -m kb.models.embed.convert FOLDER KEPT ENGINE...``, a process of its own: so that the one that serves never
holds PyTorch, and outlives a conversion that needs more memory than there is.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from kb.models.embed.batching import Rows, batches, unit_rows
from kb.models.embed.converted import Converted, Measured
from kb.models.embed.engines import NAMES, opened
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.onnx_model import INPUTS, OUTPUT
from kb.models.embed.runtime import PROVED_TOKENS, Runtime
from kb.models.embed.torch_model import Model
from kb.models.openvino_package import openvino, precisions

if TYPE_CHECKING:
    from kb.types import Matrix

LEAST_COSINE = 0.9999
"""Vectors that are nearer than this to PyTorch's are the same: rankings do not change (docs/embedding.md)."""
_ROUNDS = 4
"""Of which the quickest counts: what else runs on the machine only ever adds time."""
_MOST_FREQUENCIES = 256
"""Values of a constant: a head has no more frequencies, and every weight of a real model has more."""
_SCALE = np.float32(4096)
"""A power of two, so that nothing is lost: it brings what float16 left over back into its range."""
_SENTENCE = "A knowledge base answers each question with footnotes to the passages it rests on. "


class _Pooled(torch.nn.Module):
    """Token ids and mask in, the vector out: what ``Runtime`` computes, as one module."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.network({"input_ids": input_ids, "attention_mask": attention_mask})[
            "sentence_embedding"
        ]
        return found


def main(folder: Path, kept: Path, engines: Sequence[str], *, float32: bool = False) -> None:
    """Writes each engine's files and note into ``kept``; of several engines only the quickest keeps its files.

    ``float32``: no other format of numbers is tried.
    """
    kept.mkdir(parents=True, exist_ok=True)
    embedder = LocalEmbedder(folder, device="cpu")
    reference = Model(folder, embedder.spec, device="cpu", pad=embedder.pad)
    proof = _Proof(embedder, reference, float32=float32)
    best: tuple[float, Converted] | None = None
    for engine in engines:
        converted = Converted(folder, kept, engine)
        try:
            _WRITERS[engine](reference, converted)
            measured = proof.measured(engine, converted)
        except (ImportError, RuntimeError) as error:
            said = " ".join(str(error).strip().splitlines()[-1:])
            measured = Measured(None, 0, 0, reason=f"converting it for {NAMES[engine]} failed: {said}")
        converted.write(measured)
        if measured.precision is None or (best is not None and best[0] <= measured.ratio):
            converted.drop()
            continue
        if best is not None:
            best[1].drop()
        best = measured.ratio, converted


def _write_openvino(reference: Model, converted: Converted) -> None:
    """Writes the files under temporary names first. Weights take half the room as float16, which the proof covers."""
    ov = openvino()
    with torch.inference_mode():
        network = ov.convert_model(
            _Pooled(reference.network()).eval(), example_input=dict(zip(INPUTS, _example(), strict=True))
        )
    _keep_frequencies(network)
    temporary = converted.stem.with_name(f".{converted.stem.name}.xml")
    ov.save_model(network, temporary, compress_to_fp16=True)
    temporary.with_suffix(".bin").replace(converted.weights)
    temporary.replace(converted.opened)


def _keep_frequencies(network: Any) -> None:
    """Splits the small constants of ``network`` into what float16 holds of each and the rest.

    Rotary positions turn by the token's number times a frequency: one that is off by a 4,000th, as float16 has it, is
    off by a whole turn after some ten thousand tokens. There is no public way to leave single constants out of the
    compression.
    """
    import openvino.opset13 as ops

    for constant in network.get_ops():
        if constant.get_type_name() != "Constant" or constant.get_element_type().get_type_name() != "f32":
            continue
        values = constant.data
        if values.size > _MOST_FREQUENCIES:
            continue
        held = values.astype(np.float16).astype(np.float32)
        rest = (values - held) * _SCALE
        if rest.any():
            whole = ops.add(
                ops.constant(held), ops.multiply(ops.constant(rest), ops.constant(np.float32(1 / _SCALE)))
            )
            for target in constant.output(0).get_target_inputs():
                target.replace_source_output(whole.output(0))


def _write_onnx(reference: Model, converted: Converted) -> None:
    """Writes the graph and, in a file beside it that can be mapped, the weights, which may be more than 2 GB."""
    import onnx

    with tempfile.TemporaryDirectory(dir=converted.stem.parent) as folder:
        exported = Path(folder, "exported.onnx")
        with torch.inference_mode():
            torch.onnx.export(
                _Pooled(reference.network()).eval(),
                _example(),
                str(exported),
                dynamo=False,  # the other one needs a package more, and fixes what it does not understand
                input_names=list(INPUTS),
                output_names=[OUTPUT],
                dynamic_axes={**{name: {0: "rows", 1: "tokens"} for name in INPUTS}, OUTPUT: {0: "rows"}},
            )
        whole = onnx.load(str(exported))
        written = Path(folder, converted.opened.name)
        onnx.save_model(
            whole, str(written), save_as_external_data=True, location=converted.weights.name, size_threshold=0
        )
        written.with_name(converted.weights.name).replace(converted.weights)
        written.replace(converted.opened)


def _example() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor([[1, 2, 3, 1], [2, 1, 1, 1]]), torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])


_WRITERS = {"openvino": _write_openvino, "onnx": _write_onnx}


class _Proof:
    """What each engine is compared with."""

    def __init__(self, embedder: LocalEmbedder, reference: Model, *, float32: bool) -> None:
        self._float32 = float32
        self._embedder = embedder
        self._reference = reference
        self._rows = _proof_rows(embedder)
        self._reference_seconds: list[float] = []
        self._alone = unit_rows(np.concatenate([reference.run([row]) for row in self._rows]))

    def measured(self, engine: str, converted: Converted) -> Measured:
        """Returns the first way to compute that agrees, and how quick it is; why none does, else."""
        least = 0.0
        exact = self._float32 or engine != "openvino"
        for precision in ["f32"] if exact else precisions():
            model = opened(engine, converted, precision=precision, pad=self._embedder.pad)
            try:
                cosine = _agreement(model, self._rows, self._alone)
                least = max(least, cosine)
                if cosine < LEAST_COSINE:
                    continue
                prompt = self._embedder.spec.document_prompt
                ratio = self._ratio(model, self._embedder.token_rows(prompt, [_SENTENCE * 9] * 8))
            finally:
                model.close()
            return Measured(precision, ratio, cosine, digest=converted.digest() or "")
        return Measured(
            None, 0, least, reason=f"{NAMES[engine]}'s vectors differ from its own (cosine {least:.5f})"
        )

    def _ratio(self, model: Runtime, rows: Rows) -> float:
        """Returns the time of ``model`` over that of PyTorch for the same passages, in turns, each at its quickest.

        PyTorch's is its quickest beside any engine, so that none wins by what else slowed PyTorch down beside it.
        """
        ours = []
        for _ in range(_ROUNDS):
            passages = _grouped(rows, self._reference.batch_tokens)
            self._reference_seconds.append(_seconds(self._reference.run_in_background, passages))
            ours.append(_seconds(model.run_in_background, _grouped(rows, model.batch_tokens)))
        return min(ours) / min(self._reference_seconds)


def _proof_rows(embedder: LocalEmbedder) -> list[list[int]]:
    """Returns a ragged batch: short, Chinese, about 300 tokens, the longest, nearly empty."""
    longest = min(embedder.max_tokens, PROVED_TOKENS)
    texts = ["which bridge?", "这座城市的人口是多少？", _SENTENCE * 18, _SENTENCE * longest, "."]
    return [row[:longest] for row in embedder.token_rows(embedder.spec.document_prompt, texts)]


def _agreement(model: Runtime, rows: Rows, expected: Matrix) -> float:
    """Returns the least cosine with PyTorch's vectors of each row, computed together and alone, in both ways."""
    ways = [
        model.run(rows),
        np.concatenate([model.run([row]) for row in rows]),
        np.concatenate(model.run_in_background([rows[2:], rows[:2]]))[[3, 4, 0, 1, 2]],
    ]
    if not all(np.isfinite(way).all() for way in ways):
        return 0.0
    return min(float((unit_rows(way) * expected).sum(axis=1).min()) for way in ways)


def _grouped(rows: Rows, tokens: int) -> list[Rows]:
    return [[rows[at] for at in group] for group in batches([len(row) for row in rows], tokens=tokens)]


def _seconds(work: Callable[[Sequence[Rows]], object], given: Sequence[Rows]) -> float:
    started = time.perf_counter()
    work(given)
    return time.perf_counter() - started


if __name__ == "__main__":
    _given = sys.argv[3:]
    _engines = [word for word in _given if word != "--float32"]
    main(Path(sys.argv[1]), Path(sys.argv[2]), _engines, float32="--float32" in _given)
