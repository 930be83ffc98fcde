"""A cross-encoder in this process, through sentence-transformers: bge-reranker-v2-m3, Qwen3-Reranker, and others.

Qwen3-Reranker is a chat model: it is shown its own template with question and passage in it and the score is
``logit("yes") - logit("no")`` of the next token. Both come from the model's own folder (``chat_template``,
``1_LogitScore``), which sentence-transformers 6 reads; nothing of it is repeated here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.errors import Misconfigured

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

log = logging.getLogger(__name__)

_BATCH = 8


class CrossEncoderReranker:
    """``kb.ports.Reranker`` on the weights of a folder or a model of the hub, loaded when first needed."""

    def __init__(
        self, model: str, *, device: str = "auto", local_only: bool = False, engine: str = "auto"
    ) -> None:
        """``local_only`` takes nothing from the hub that is not in its cache already.

        ``engine`` torch is PyTorch alone; else OpenVINO takes its place on a processor where that pays.
        """
        self._model = model
        self._device = None if device == "auto" else device
        self._local_only = local_only
        self._engine = engine
        self.engine_status = "PyTorch, as set."
        """What computes it, and why, in a sentence; known once it is loaded."""
        self._network: CrossEncoder | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._model

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        if not passages:
            return []
        with self._lock:  # one after the other: two at a time are no quicker, and need twice the memory
            network = self._loaded()
            pairs = [(question, passage) for passage in passages]
            found = network.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        return [float(score) for score in found]

    def warm_up(self) -> None:
        with self._lock:
            self._loaded()

    def close(self) -> None:
        with self._lock:
            self._network = None

    def _loaded(self) -> CrossEncoder:
        if self._network is None:
            from sentence_transformers import CrossEncoder

            from kb.models.rerank.openvino_forward import run_by_openvino

            try:
                self._network = CrossEncoder(
                    self._model,
                    device=self._device,
                    trust_remote_code=False,
                    local_files_only=self._local_only,
                    model_kwargs={"use_safetensors": True},
                )
            except (OSError, ValueError) as error:
                raise Misconfigured(
                    f"The reranker {self._model!r} cannot be loaded: {error}. Name a folder with a cross-encoder, "
                    'a model of the hub such as BAAI/bge-reranker-v2-m3, or set reranker.model = "off".'
                ) from error
            if self._engine != "torch":
                self.engine_status = run_by_openvino(self._network)
            log.info("loaded the reranker", extra={"model": self._model, "engine": self.engine_status})
        return self._network
