"""A reranker in a GGUF file, run by llama.cpp in a process that belongs to this one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import httpx

from kb.config import Settings, expanded
from kb.errors import BackendDown, Misconfigured
from kb.models.gguf_files import gguf_files, kind_of, read_header, reranking_files
from kb.models.gguf_process import GgufProcess
from kb.models.rerank.endpoint import EndpointReranker
from kb.system.home_layout import HomeLayout

_LONGEST = 2048
"""Tokens of a question and a passage together, at most: passages have `[parsing] chunk_tokens`."""


class GgufReranker:
    """``kb.ports.Reranker`` over one file; the process is started with the first question, again where it ended."""

    def __init__(self, file: Path, *, seconds: float = 60.0) -> None:
        """``seconds`` is the longest silence of llama.cpp."""
        self._file = file
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: GgufProcess | None = None
        self._server: EndpointReranker | None = None

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> GgufReranker:
        """Returns the model in the file ``name``: a path, or a file in the data folder's ``models``.

        Raises:
            Misconfigured: there is no such file.
        """
        here = reranking_files(settings)
        file = here.get(name) or expanded(Path(name))
        if not file.is_file():
            if (other := gguf_files(settings).get(name)) is not None:
                raise Misconfigured(
                    f"The file {name!r} is here and holds no reranker: it is of the kind {kind_of(other)}. "
                    "Set reranker.model to one that does."
                )
            raise Misconfigured(
                f"There is no model file {name!r}. Set reranker.model to a GGUF file, or to the name of one in "
                f"{HomeLayout(settings.home).models}. There is: {', '.join(here) or 'none'}."
            )
        return cls(file)

    @property
    def name(self) -> str:
        """As in ``gguf/Qwen3-Reranker-0.6B-Q8_0.gguf``."""
        return f"gguf/{self._file.name}"

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        if not passages:
            return []
        with self._lock:  # llama.cpp reads one pair after the other anyway
            server = self._running()
            try:
                return server.scores(question, passages)
            except BackendDown as error:
                if self._process is not None and isinstance(error.__cause__, httpx.TransportError):
                    self._process.broke_off()
                raise

    def warm_up(self) -> None:
        """Loads the model; raises Misconfigured where it cannot be loaded."""
        with self._lock:
            self._running()

    def close(self) -> None:
        """Ends the process, and with it whatever it was doing."""
        process, self._process = self._process, None
        server, self._server = self._server, None
        if process is not None:
            process.end()
        if server is not None:
            server.close()

    def _running(self) -> EndpointReranker:
        if self._server is None or self._process is None or not self._process.alive:
            self.close()
            longest = min(_LONGEST, read_header(self._file).context_tokens or _LONGEST)
            wanted = {"embedding": "rank", "context": longest}
            self._process = GgufProcess(self._file, wanted, setting="reranker.model")
            self._server = EndpointReranker(
                f"{self._process.address()}/v1",
                key=self._process.key,
                seconds=self._seconds,
                who=f"The reranker {self._file.name}",
            )
        return self._server
