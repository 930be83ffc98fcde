"""A cross-encoder's network, computed by OpenVINO on the processor where that gives the same scores in less time."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psutil

from kb.models.openvino_package import is_installed, openvino

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder

log = logging.getLogger(__name__)

_LARGEST_DIFFERENCE = 1e-4
"""Between two scores before anything is made of them: nearer ones are the same, in float32."""
_PAYS = 0.9
"""Of PyTorch's time: below it the seconds of the conversion are worth it."""
_ROUNDS = 3
"""Of which the quickest counts: what else runs on the machine only ever adds time."""
_ROOM = 4
"""Times the weights that have to be free: converting makes them be there twice, and once more as they are packed."""
_PROOF = (
    (
        "which bridge?",
        "The bridge over the strait was opened in spring, and the ferry stopped in the same year.",
    ),
    ("这座城市的人口是多少？", "人口约为二十万。"),
    (".", "x"),
)
"""Ragged, so that padding shows."""


def run_by_openvino(network: CrossEncoder) -> str:
    """Has ``network`` compute by OpenVINO, its own weights freed, where that pays; returns what it is, in a sentence.

    Everything else stays with sentence-transformers: texts, batches, their order, what is made of the scores.
    """
    if network.device.type != "cpu":
        return f"PyTorch on {network.device.type}."
    if not is_installed():
        return "PyTorch: there is no OpenVINO here."
    weights = sum(each.numel() * each.element_size() for each in network.parameters())
    if psutil.virtual_memory().available < _ROOM * weights:
        return "PyTorch: there is not enough memory to convert the model for OpenVINO."
    try:
        compiled = _compiled(network)
        difference, ratio = _compared(network, compiled)
    except (RuntimeError, KeyError, TypeError) as error:  # what a network that cannot be converted ends in
        log.info("the reranker is not converted", extra={"reason": str(error).strip().splitlines()[-1:]})
        return "PyTorch: OpenVINO cannot compute the model."
    if difference > _LARGEST_DIFFERENCE:
        return f"PyTorch: OpenVINO's scores differ by {difference:.1g}."
    if ratio > _PAYS:
        return f"PyTorch: OpenVINO takes {ratio:.2f} of its time."
    network.forward = compiled  # type: ignore[method-assign]  # where ``torch.compile`` puts what it made, too
    for each in network.parameters():
        each.data = each.data.new_empty(0)
    return f"OpenVINO, in {ratio:.2f} of PyTorch's time."


def _compiled(network: CrossEncoder) -> Callable[..., dict[str, Any]]:
    """Returns what takes and gives what ``network`` does, for texts."""
    import torch

    features = network.preprocess([list(pair) for pair in _PROOF])
    names = [name for name, value in features.items() if isinstance(value, torch.Tensor)]

    class Scored(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.network({**features, **dict(zip(names, inputs, strict=True))})[
                "scores"
            ]
            return found

    package = openvino()
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # about tracing, which is how OpenVINO converts; the scores are compared below
        converted = package.convert_model(
            Scored().eval(), example_input=tuple(features[name] for name in names)
        )
    compiled = package.Core().compile_model(
        converted,
        "CPU",
        {"INFERENCE_PRECISION_HINT": "f32", "CPU_RUNTIME_CACHE_CAPACITY": 0, "ENABLE_CPU_PINNING": False},
    )

    def forward(given: dict[str, Any], **_: Any) -> dict[str, Any]:
        found = compiled([given[name].numpy() for name in names])
        return {**given, "scores": torch.from_numpy(found[0].copy())}

    return forward


def _compared(network: CrossEncoder, compiled: Callable[..., dict[str, Any]]) -> tuple[float, float]:
    """Returns the greatest difference of two scores, together and alone, and the time over that of ``network``."""
    import torch

    pairs = [list(pair) for pair in _PROOF]
    batches = [network.preprocess(batch) for batch in (pairs, *([pair] for pair in pairs))]
    theirs, ours = [], []
    with torch.inference_mode():
        difference = max(
            float((network(dict(batch))["scores"] - compiled(dict(batch))["scores"]).abs().max())
            for batch in batches
        )
        for _ in range(_ROUNDS):
            theirs.append(_seconds(network, batches[0]))
            ours.append(_seconds(compiled, batches[0]))
    return difference, min(ours) / min(theirs)


def _seconds(forward: Callable[..., object], features: dict[str, Any]) -> float:
    started = time.perf_counter()
    forward(dict(features))
    return time.perf_counter() - started
