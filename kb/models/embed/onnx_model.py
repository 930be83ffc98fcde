"""Weights in an ONNX file, computed by ONNX Runtime on the CPU: one that ``convert`` wrote, or as published."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.errors import Cancelled, Misconfigured
from kb.models.embed.batching import Rows, padded, unit_rows
from kb.models.embed.runtime import PROVED_TOKENS, Turns, in_order, threads
from kb.system.malloc import give_back

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Matrix

log = logging.getLogger(__name__)

INPUTS = ("input_ids", "attention_mask")
OUTPUT = "sentence_embedding"
SAME_VECTOR = 0.9999
"""Cosine of a row's vector in a batch with its vector alone, below which rows are not computed together."""
_PAST = "past_key_values."
_NUMBERS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


def is_installed() -> bool:
    return find_spec("onnxruntime") is not None


@dataclass(frozen=True, slots=True)
class _Input:
    name: str
    shape: tuple[Any, ...]
    kind: str


class OnnxModel:
    """``Runtime`` by ONNX Runtime. Safe to call from several threads.

    One session, so that the weights are in memory once; it uses all threads for each batch, and questions get it before
    passages. Rows are padded on the right and positions are given, whatever the model's own side: each row's first
    token is at position 0.
    """

    engine = "onnx"
    batch_tokens = 512
    """A question waits for one batch at most. Larger ones are no quicker; see docs/embedding.md."""

    most_alone: int | None = PROVED_TOKENS
    trouble: str | None = None
    shares_device = False

    def __init__(self, file: Path, *, pooling: str, pad: int) -> None:
        """Loads ``file``, whose weights may lie in another beside it.

        ``pooling``: what makes one vector of those of the tokens, where the file does not do it itself.

        Raises:
            RuntimeError: ONNX Runtime cannot load it.
            Misconfigured: it wants something that an embedding model has no use for.
        """
        import onnxruntime

        started = time.perf_counter()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads()
        options.inter_op_num_threads = 1
        # waiting threads that spin take the cores from others
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors: it warns of each shape that it cannot derive
        options.enable_cpu_mem_arena = False  # it keeps the room of the largest batch for good
        self._session: Any = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = tuple(
            _Input(one.name, tuple(one.shape), one.type) for one in self._session.get_inputs()
        )
        self._output, self._pooling = self._pooled_by(pooling)
        _require_known(self._inputs, file)
        self._pad = pad
        self._turns = Turns()
        self._background = ThreadPoolExecutor(1, "embed-passages")
        self.together = "ragged"
        """Which rows are computed together: ``ragged``: any; ``even``: those of one length; ``single``: none."""
        seconds = round(time.perf_counter() - started, 1)
        log.info("loaded the embedding model", extra={"file": str(file), "seconds": seconds})

    def run(self, rows: Rows) -> Matrix:
        """Returns the vectors of ``rows`` as the model returns them: one batch, ahead of passages that wait."""
        with self._turns.take(question=True):
            return self._infer(rows)

    def run_in_background(self, batches: Iterable[Rows]) -> list[Matrix]:
        """Returns the vectors of each batch, at a priority that lets questions go first."""
        return in_order(self._background, self._run_passages, batches, closed=lambda: self._session is None)

    def close(self) -> None:
        """Waits for the passages under way, then frees the weights; a question that comes later is Cancelled."""
        with self._turns.take(question=True):
            self._session = None
        self._background.shutdown(cancel_futures=True)
        give_back()

    def prove(self, rows: Rows) -> None:
        """Finds out which rows may be computed together: those that get the vector that they get alone.

        Exports exist whose fused rotary positions take those of one row for all
        (https://github.com/microsoft/onnxruntime/issues/29618).

        Raises:
            Misconfigured: a row has no vector, or has another each time.
        """
        alone = [self.run([row]) for row in rows]
        shortest = min(map(len, rows))
        even = [list(row[:shortest]) for row in rows]
        for together, given in (("ragged", list(rows)), ("even", even), ("single", list(rows))):
            self.together = together
            expected = alone if given == list(rows) else [self._forward([row]) for row in given]
            if float(
                (unit_rows(self.run(given)) * unit_rows(np.concatenate(expected))).sum(axis=1).min()
            ) >= (SAME_VECTOR):
                return
        raise Misconfigured(
            "The ONNX file gives the same text another vector each time. Choose another file."
        )

    def _run_passages(self, rows: Rows) -> Matrix:
        with self._turns.take(question=False):
            return self._infer(rows)

    def _infer(self, rows: Rows) -> Matrix:
        if self.together == "ragged":
            return self._forward(rows)
        groups: dict[int, list[int]] = {}
        for at, row in enumerate(rows):
            groups.setdefault(len(row) if self.together == "even" else at, []).append(at)
        parts = [self._forward([rows[at] for at in group]) for group in groups.values()]
        order = np.argsort([at for group in groups.values() for at in group])
        found: Matrix = np.concatenate(parts)[order]
        return found

    def _forward(self, rows: Rows) -> Matrix:
        session = self._session
        if session is None:
            raise Cancelled("The embedding model was closed.")
        ids, mask = padded(rows, side="right", pad=self._pad)
        given = {one.name: _value(one, ids, mask) for one in self._inputs}
        (found,) = session.run([self._output], given)
        found = np.asarray(found, dtype=np.float32)
        return found if found.ndim == 2 else pooled(found, mask, self._pooling)

    def _pooled_by(self, pooling: str) -> tuple[str, str]:
        """Returns the output to take, and what to make of it."""
        names = {one.name: len(one.shape) for one in self._session.get_outputs()}
        if OUTPUT in names:
            return OUTPUT, "none"
        chosen = "last_hidden_state" if "last_hidden_state" in names else next(iter(names))
        return chosen, pooling


def pooled(states: NDArray[np.float32], mask: NDArray[np.int64], pooling: str) -> Matrix:
    """Returns one vector a row of ``states``, of shape (rows, tokens, dimensions), padded on the right.

    Raises:
        Misconfigured: the pooling is another than these.
    """
    if pooling == "lasttoken":
        last: Matrix = states[np.arange(len(states)), mask.sum(axis=1) - 1]
        return last
    if pooling == "cls":
        first: Matrix = states[:, 0]
        return first
    if pooling == "mean":
        weights = mask[..., None].astype(np.float32)
        mean: Matrix = (states * weights).sum(axis=1) / weights.sum(axis=1)
        return mean
    raise Misconfigured(
        f"Pooling {pooling!r} of an ONNX file is not known here. Known: lasttoken, cls, mean."
    )


def _value(wanted: _Input, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[Any]:
    """Returns what to give an input: nothing has been read before, so the past is empty."""
    if wanted.name == "input_ids":
        return ids
    if wanted.name == "attention_mask":
        return mask
    if wanted.name == "position_ids":
        return np.broadcast_to(np.arange(ids.shape[1], dtype=np.int64), ids.shape).copy()
    if wanted.name == "token_type_ids":
        return np.zeros_like(ids)
    _, heads, _, size = wanted.shape
    return np.zeros((len(ids), heads, 0, size), _NUMBERS[wanted.kind])


def _require_known(inputs: Sequence[_Input], file: Path) -> None:
    for one in inputs:
        is_past = (
            one.name.startswith(_PAST)
            and one.kind in _NUMBERS
            and [isinstance(size, int) for size in one.shape] == [False, True, False, True]
        )
        if one.name not in (*INPUTS, "position_ids", "token_type_ids") and not is_past:
            raise Misconfigured(
                f"{file} wants the input {one.name!r}, which Footnote does not know. Choose another file."
            )
