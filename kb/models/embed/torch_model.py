"""The weights of a local model, and the machine they run on. Imports PyTorch: import it late."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from kb.errors import Cancelled, Misconfigured
from kb.models.embed.batching import Rows, padded, run_halving
from kb.models.embed.runtime import Turns, lower_priority
from kb.models.embed.spec import EmbedderSpec
from kb.system.malloc import give_back

if TYPE_CHECKING:
    from kb.types import Matrix

log = logging.getLogger(__name__)


class Model:
    """``Runtime`` by PyTorch, the reference. Safe to call from several threads."""

    batch_tokens = 2048
    """See docs/embedding.md for what smaller and larger ones cost."""

    def __init__(self, folder: Path, spec: EmbedderSpec, *, device: str, pad: int) -> None:
        self.spec = spec
        self.device = usable_device(device)
        self.dtype = _dtype(spec, self.device)
        self._pad = pad
        self._turns = Turns()
        # Passages are computed on a thread of their own, so that its priority can be lowered
        # without touching the caller's: an unprivileged thread cannot raise its priority again.
        self._background = ThreadPoolExecutor(1, "embed-passages", initializer=lower_priority)
        self._network: SentenceTransformer | None = _load(folder, self.device, self.dtype)

    def run(self, rows: Rows) -> Matrix:
        """Returns the vectors of ``rows`` as the model returns them: one batch, ahead of passages that wait."""
        with self._turn(question=True):
            return self._forward(rows)

    def run_in_background(self, batches: Sequence[Rows]) -> list[Matrix]:
        """Returns the vectors of each batch, at a priority that lets questions go first."""
        return self._background.submit(lambda: [self._run_passages(batch) for batch in batches]).result()

    def close(self) -> None:
        """Waits for the passages under way, then frees the weights; a question that comes later is Cancelled."""
        self._background.shutdown(cancel_futures=True)
        self._network = None
        # its modules refer to each other in circles: left to the collector's own time, several models that were
        # opened one after the other lie in memory at once
        gc.collect()
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()
        give_back()

    def _run_passages(self, rows: Rows) -> Matrix:
        with self._turn(question=False):
            return self._forward(rows)

    @contextmanager
    def _turn(self, *, question: bool) -> Iterator[None]:
        """Admits one batch at a time on a GPU, questions first. On the CPU the system's scheduler does it better."""
        if self.device == "cpu":
            yield
            return
        with self._turns.take(question=question):
            yield

    def _forward(self, rows: Rows) -> Matrix:
        return run_halving(
            rows, self._forward_once, out_of_memory=torch.OutOfMemoryError, last_resort=self._move_to_cpu
        )

    def _forward_once(self, rows: Rows) -> Matrix:
        ids, mask = padded(rows, side=self.spec.padding, pad=self._pad)
        with torch.inference_mode():
            output = self.network()(
                {
                    "input_ids": torch.from_numpy(ids).to(self.device),
                    "attention_mask": torch.from_numpy(mask).to(self.device),
                }
            )
            vectors: Matrix = output["sentence_embedding"].float().cpu().numpy()
        return vectors

    def network(self) -> SentenceTransformer:
        """Returns the weights; Cancelled once it was closed."""
        if (
            network := self._network
        ) is None:  # closed by another thread: the app ends, or the model is exchanged
            raise Cancelled("The embedding model was closed.")
        return network

    def _move_to_cpu(self) -> None:
        log.warning(
            "the GPU has too little memory; the model goes on on the CPU", extra={"model": self.spec.model}
        )
        self._network = self.network().to("cpu", torch.float32)
        torch.cuda.empty_cache()
        self.device, self.dtype = "cpu", torch.float32


def usable_device(wanted: str) -> str:
    """Returns ``wanted``, or for ``auto`` the best one that PyTorch sees: cuda, mps or cpu.

    Raises:
        Misconfigured: PyTorch does not see the device that was asked for.
    """
    seen = {"cpu"}
    if torch.cuda.is_available():
        seen.add("cuda")
    if torch.backends.mps.is_available():
        seen.add("mps")
    if wanted == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if device in seen)
    if wanted.partition(":")[0] not in seen:
        raise Misconfigured(
            f"device = {wanted!r} is not there: PyTorch sees {', '.join(sorted(seen))}. "
            'Set embedding.device = "auto", or install a PyTorch build for it.'
        )
    return wanted


def _dtype(spec: EmbedderSpec, device: str) -> torch.dtype:
    native = device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if spec.reduced and native else torch.float32


def _load(folder: Path, device: str, dtype: torch.dtype) -> SentenceTransformer:
    started = time.perf_counter()
    disable_progress_bar()  # type: ignore[no-untyped-call]  # it would draw over the log
    network = SentenceTransformer(
        str(folder),
        device=device,
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"dtype": dtype, "use_safetensors": True},
    ).eval()
    log.info(
        "loaded the embedding model",
        extra={"folder": str(folder), "device": device, "seconds": round(time.perf_counter() - started, 1)},
    )
    return network
