"""The weights of a local model, and the machine they run on. Imports PyTorch: import it late."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from kb.errors import Cancelled, Misconfigured
from kb.models.embed.batching import Rows, padded, run_halving
from kb.models.embed.runtime import Turns, in_order, lower_priority
from kb.models.embed.spec import EmbedderSpec
from kb.system.malloc import give_back

if TYPE_CHECKING:
    from kb.types import Matrix

log = logging.getLogger(__name__)


_LEAST_TOKENS = 256
"""Of a batch: a passage. Smaller batches save no memory that counts beside the weights."""
AWAY_SECONDS = 600.0
"""On the CPU before the GPU is tried again: the answering model that took its memory gives it back when nobody asks for
some minutes (Ollama: five)."""
_OUT_OF_MEMORY = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""What errors say for which PyTorch has no class: of Apple's GPU, and of libraries that allocate by themselves."""


class Model:
    """``Runtime`` by PyTorch, the reference. Safe to call from several threads.

    Attention is PyTorch's ``scaled_dot_product_attention``, which takes the flash kernel where there is one.
    Where a GPU has too little memory, the model computes on the CPU for ``AWAY_SECONDS``, and ``trouble`` says so.
    """

    engine = "torch"
    batch_tokens = 2048
    """See docs/embedding.md for what smaller and larger ones cost. Half as many where a GPU's memory ran out."""

    most_alone: int | None = None

    def __init__(
        self,
        folder: Path,
        spec: EmbedderSpec,
        *,
        device: str,
        pad: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spec = spec
        self.device = self._home = usable_device(device)
        self.dtype = _dtype(spec, self.device)
        self._pad = pad
        self._clock = clock
        self._away_until: float | None = None
        self._turns = Turns()
        # Passages are computed on a thread of their own, so that its priority can be lowered
        # without touching the caller's: an unprivileged thread cannot raise its priority again.
        self._background = ThreadPoolExecutor(1, "embed-passages", initializer=lower_priority)
        self._network: SentenceTransformer | None = self._loaded(folder)

    @property
    def shares_device(self) -> bool:
        return self._home != "cpu"

    @property
    def trouble(self) -> str | None:
        """A sentence, while the model computes on the CPU since the GPU had too little memory; else None."""
        if self._away_until is None:
            return None
        return (
            f"PyTorch computes its vectors on the CPU, which is slower, since the memory of {self._home} ran out. "
            f"{self._home} is tried again after {AWAY_SECONDS / 60:.0f} minutes. Close what else uses it, choose a "
            'smaller model, or set embedding.device = "cpu".'
        )

    def run(self, rows: Rows) -> Matrix:
        """Returns the vectors of ``rows`` as the model returns them: one batch, ahead of passages that wait."""
        with self._turn(question=True):
            return self._forward(rows)

    def run_in_background(self, batches: Iterable[Rows]) -> list[Matrix]:
        """Returns the vectors of each batch, at a priority that lets questions go first."""
        return in_order(self._background, self._run_passages, batches, closed=lambda: self._network is None)

    def close(self) -> None:
        """Waits for the passages under way, then frees the weights; a question that comes later is Cancelled."""
        self._background.shutdown(cancel_futures=True)
        self._network = None
        # its modules refer to each other in circles: left to the collector's own time, several models that were
        # opened one after the other lie in memory at once
        gc.collect()
        self._empty_cache()
        give_back()

    def _run_passages(self, rows: Rows) -> Matrix:
        with self._turn(question=False):
            return self._forward(rows)

    @contextmanager
    def _turn(self, *, question: bool) -> Iterator[None]:
        """Admits one batch at a time on a GPU, questions first; on the CPU, too, while the model is away from its GPU.

        Where the CPU is its place, the system's scheduler does it better.
        """
        if self._home == "cpu":
            yield
            return
        with self._turns.take(question=question):
            self._try_home()
            yield

    def _forward(self, rows: Rows) -> Matrix:
        return run_halving(
            rows, self._forward_once, out_of_memory=torch.OutOfMemoryError, last_resort=self._move_to_cpu
        )

    def _forward_once(self, rows: Rows) -> Matrix:
        """Returns the vectors of ``rows``; raises OutOfMemoryError where the GPU has too little memory for them."""
        try:
            return self._computed(rows)
        except RuntimeError as error:
            if self.device == "cpu" or not _is_out_of_memory(error):
                raise
        self._empty_cache()
        self.batch_tokens = max(_LEAST_TOKENS, self.batch_tokens // 2)
        log.warning("out of memory", extra={"device": self.device, "rows": len(rows), "tokens": len(rows[0])})
        raise torch.OutOfMemoryError

    def _computed(self, rows: Rows) -> Matrix:
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

    def _loaded(self, folder: Path) -> SentenceTransformer:
        try:
            return _load(folder, self.device, self.dtype)
        except RuntimeError as error:
            if self.device == "cpu" or not _is_out_of_memory(error):
                raise
        self._leave_home()
        return _load(folder, self.device, self.dtype)

    def _move_to_cpu(self) -> None:
        self._leave_home()
        self._network = self.network().to(self.device, self.dtype)
        self._empty_cache()

    def _leave_home(self) -> None:
        log.warning(
            "the GPU has too little memory; the model goes on on the CPU",
            extra={"model": self.spec.model, "device": self._home, "seconds": AWAY_SECONDS},
        )
        self.device, self.dtype = "cpu", torch.float32
        self._away_until = self._clock() + AWAY_SECONDS

    def _try_home(self) -> None:
        """Moves the model back to its GPU where it was away for long enough and there is room for it."""
        if self._away_until is None or self._clock() < self._away_until:
            return
        dtype = _dtype(self.spec, self._home)
        try:
            self._network = self.network().to(self._home, dtype)
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            self._move_to_cpu()  # a part of it was moved
            return
        self.device, self.dtype, self._away_until = self._home, dtype, None
        self.batch_tokens = type(self).batch_tokens
        log.info("the model is on the GPU again", extra={"model": self.spec.model, "device": self.device})

    def _empty_cache(self) -> None:
        if self._home.startswith("cuda"):
            torch.cuda.empty_cache()


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(said in str(error) for said in _OUT_OF_MEMORY)


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
    kind, _, number = wanted.partition(":")
    if kind == "cuda" and number and not (number.isdecimal() and int(number) < torch.cuda.device_count()):
        raise Misconfigured(
            f"device = {wanted!r} is not there: PyTorch sees {torch.cuda.device_count()} GPUs, from cuda:0 on."
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
