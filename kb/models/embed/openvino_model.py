"""The same weights, computed by OpenVINO on the CPU from a converted file: see ``convert``."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import Cancelled
from kb.models.embed.batching import Rows, padded
from kb.models.embed.runtime import PROVED_TOKENS, in_order, lower_priority, threads
from kb.models.openvino_package import openvino
from kb.system.malloc import give_back

if TYPE_CHECKING:
    from kb.types import Matrix

log = logging.getLogger(__name__)


class OpenVinoModel:
    """``Runtime`` by OpenVINO. Safe to call from several threads.

    It is compiled twice: for questions, which use all threads at once, and for passages, of which each thread of lower
    priority computes batches of its own. The table of tokens, most of the file, is mapped and in memory once.
    """

    engine = "openvino"
    batch_tokens = 1024
    """Twice and half of it take the same time; see docs/embedding.md."""

    most_alone: int | None = PROVED_TOKENS
    trouble: str | None = None
    shares_device = False

    def __init__(self, file: Path, *, precision: str, pad: int) -> None:
        """Loads the ``.xml`` that ``convert`` wrote; raises RuntimeError where OpenVINO cannot."""
        self._pad = pad
        self._precision = precision
        self._threads = threads()
        started = time.perf_counter()
        core = openvino().Core()
        self._network: Any = core.read_model(file)
        self._core: Any = core
        self._question: Any = self._compiled(streams=1).create_infer_request()
        self._lock = threading.Lock()
        self._passages: queue.SimpleQueue[Any] | None = None
        self._compiling = threading.Lock()
        self._background = ThreadPoolExecutor(self._threads, "embed-passages", initializer=lower_priority)
        seconds = round(time.perf_counter() - started, 1)
        log.info(
            "loaded the embedding model",
            extra={"file": str(file), "precision": precision, "seconds": seconds},
        )

    def run(self, rows: Rows) -> Matrix:
        """Returns the vectors of ``rows`` as the model returns them: one batch, ahead of passages that wait."""
        with self._lock:
            if self._question is None:
                raise Cancelled("The embedding model was closed.")
            return self._infer(self._question, rows)

    def run_in_background(self, batches: Iterable[Rows]) -> list[Matrix]:
        """Returns the vectors of each batch, at a priority that lets questions go first."""
        return in_order(self._background, self._run_passages, batches, closed=lambda: self._question is None)

    def close(self) -> None:
        """Waits for the passages under way, then frees the weights; a question that comes later is Cancelled."""
        with self._lock:
            self._question = None
        self._background.shutdown(cancel_futures=True)
        self._passages = self._network = self._core = None
        give_back()

    def _run_passages(self, rows: Rows) -> Matrix:
        requests = self._requests()
        request = requests.get()
        try:
            return self._infer(request, rows)
        finally:
            requests.put(request)

    def _requests(self) -> queue.SimpleQueue[Any]:
        """Returns what passages are computed with; compiled here, on a thread of low priority, so that its own have it.

        By then the threads that questions use have been started at the priority of the caller.
        """
        with self._compiling:
            if self._passages is None:
                compiled, requests = self._compiled(streams=self._threads), queue.SimpleQueue[Any]()
                for _ in range(self._threads):
                    requests.put(compiled.create_infer_request())
                self._passages = requests
            return self._passages

    def _compiled(self, *, streams: int) -> Any:
        return self._core.compile_model(
            self._network,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": self._precision,
                "INFERENCE_NUM_THREADS": self._threads,
                "NUM_STREAMS": streams,
                # it keeps what it prepared for each shape, and no two batches have the same: 40 MB for 25 batches
                "CPU_RUNTIME_CACHE_CAPACITY": 0,
                "ENABLE_CPU_PINNING": False,  # other programs, and other models here, use the cores too
            },
        )

    def _infer(self, request: Any, rows: Rows) -> Matrix:
        # On the right, whatever the model's own side: a row of padding before the text would have nothing to attend
        # to, which is not a number here. Each pooling goes by the mask, and positions count relative to each other.
        ids, mask = padded(rows, side="right", pad=self._pad)
        vectors: Matrix = request.infer({"input_ids": ids, "attention_mask": mask})[0].copy()
        return vectors
