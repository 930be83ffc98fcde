"""Embedding models in GGUF files, run by llama.cpp in a process that belongs to this one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import httpx
import numpy as np

from kb.config import Settings, expanded
from kb.errors import BackendDown, Misconfigured
from kb.models.embed.proof_store import ProofStore
from kb.models.embed.runtime import Turns
from kb.models.embed.served.backends import served
from kb.models.embed.served.embedder import ServedEmbedder
from kb.models.embed.served.openai_server import OpenAiServer
from kb.models.embed.served.protocol import Answered, ProofFailed, ServerFacts, ServerFault, TextsRefused
from kb.models.embed.served.record import opened_proofs, place_of
from kb.models.gguf_files import embedding_files, gguf_files, kind_of, read_header
from kb.models.gguf_process import GgufProcess
from kb.models.hub import Announce
from kb.system.home_layout import HomeLayout

_SHORTEST = 2048
"""Tokens of its longest input, where chunks are shorter: what a proof asks for, too."""
_PIECE = 4096
_PIECES = 64


class GgufServer:
    """``kb.models.embed.served.protocol.EmbeddingServer`` over one file.

    The process is started with the first text, again where it ended, and ended when nobody asks. Texts are sent one at
    a time, a request of one before others: llama.cpp computes one after the other anyway, and so a question waits for
    one passage at most.
    """

    def __init__(
        self,
        file: Path,
        *,
        pooling: str,
        longest: int,
        idle_seconds: float | None = None,
        most_whole: int = 0,
    ) -> None:
        """``pooling``: ``last``, ``mean`` or ``cls``; ``longest``: tokens of the longest input.

        ``most_whole``: tokens that the model takes in one piece, where that is more.
        ``idle_seconds``: after so long without a text the process ends, and its memory is free; None: never.
        """
        self.model = file.name
        self._file = file
        self._wanted = {"embedding": pooling, "context": longest}
        self._longest = longest
        self._pooling = pooling
        self.most_whole = max(longest, most_whole)
        self._idle_seconds = idle_seconds
        self._turns = Turns()
        self._changing = threading.RLock()
        self._process: GgufProcess | None = None
        self._server: OpenAiServer | None = None
        self._idle: threading.Timer | None = None
        self._busy = 0
        self._closed = False

    @property
    def who(self) -> str:
        return f"The model {self._file.name}"

    @property
    def loaded(self) -> bool:
        """Whether its process runs."""
        process = self._process
        return process is not None and process.alive

    def embed(self, texts: Sequence[str]) -> Answered:
        """Does as ``TextEmbedder.embed``; a ServerFault where llama.cpp stopped: the next text starts it again.

        llama.cpp rounds its context up, and computes a text that is longer than what was proved of it, with a full
        count: such a text is refused here.
        """
        parts, tokens = [], 0
        for text in texts:
            with self._turns.take(question=len(texts) == 1), self._running() as server:
                answered = server.embed([text])
            counted = answered.tokens or 0
            if counted > self._longest:
                raise TextsRefused(
                    f"{self.who} takes at most {self._longest:,} tokens in one piece as it is run here, and a text has "
                    f"{counted:,}."
                )
            parts.append(answered.vectors)
            tokens += counted
        return Answered(np.concatenate(parts), tokens)

    def embed_whole(self, text: str, tokens: int) -> Answered:
        """Does as ``LongTexts.embed_whole``, in a process of its own that has just the context for it, and ends."""
        long = GgufServer(self._file, pooling=self._pooling, longest=tokens)
        try:
            return long.embed([text])
        finally:
            long.close()

    def facts(self) -> ServerFacts:
        with self._running() as server:
            told = server.facts()
        return replace(
            told,
            version=version("xllamacpp"),
            digest=_digest(self._file),
            max_tokens=min(self._longest, told.max_tokens or self._longest),
        )

    def counted(self, text: str) -> int | None:
        with self._running() as server:
            return server.counted(text)

    def close(self) -> None:
        """Ends the process; a text that comes later starts none."""
        self._closed = True
        self._end()

    @contextmanager
    def _running(self) -> Iterator[OpenAiServer]:
        """The client of the process, which is started first where there is none."""
        with self._changing:
            server, process = self._started()
            self._busy += 1
        try:
            yield server
        except BackendDown as error:
            cause = error.__cause__
            # on a busy machine it may not take a connection for a second; then it is as good as a server that is away
            if isinstance(cause, (httpx.TransportError, OSError)) and not isinstance(
                cause, httpx.TimeoutException
            ):
                process.broke_off()
                raise ServerFault(
                    f"llama.cpp stopped at a text that it was given by {self.who.lower()}. It is started again."
                ) from error
            raise
        finally:
            with self._changing:
                self._busy -= 1
                self._rest()

    def _started(self) -> tuple[OpenAiServer, GgufProcess]:
        if self._closed:
            raise BackendDown(f"{self.who} was closed.")
        if self._server is None or self._process is None or not self._process.alive:
            self._end()
            process = self._process = GgufProcess(self._file, self._wanted, setting="embedding.model")
            self._server = OpenAiServer(f"{process.address()}/v1", "", key=process.key, who=self.who)
        return self._server, self._process

    def _rest(self) -> None:
        """Begins to wait until nobody has asked for long enough."""
        if self._idle is not None:
            self._idle.cancel()
        if self._idle_seconds is None:
            return
        self._idle = threading.Timer(self._idle_seconds, self._end_idle)
        self._idle.daemon = True
        self._idle.start()

    def _end_idle(self) -> None:
        with self._changing:
            if not self._busy:
                self._end()

    def _end(self) -> None:
        with self._changing:
            if self._idle is not None:
                self._idle.cancel()
            server, self._server = self._server, None
            process, self._process = self._process, None
        if server is not None:
            server.close()
        if process is not None:
            process.end()


class GgufEmbedder(ServedEmbedder):
    """A model in a GGUF file."""

    @classmethod
    def from_settings(
        cls, settings: Settings, name: str, *, announce: Announce, proofs: ProofStore | None
    ) -> ServedEmbedder:
        """Returns the model in the file ``name``: a path, or a file in the data folder's ``models``; empty for the one
        embedding model that lies there.

        Raises:
            ProofFailed: it may not be used; the sentence names what differed.
            Misconfigured: there is no such file, or it cannot be loaded.
        """
        file = _file(settings, name)
        header = read_header(file)
        wanted = max(_SHORTEST, settings.parsing.chunk_tokens * 9 // 8)
        longest = min(wanted, header.context_tokens or wanted)
        poolings = [header.pooling] if header.pooling else _likely_poolings(header.architecture)
        proofs = opened_proofs(settings.home, proofs)
        places = {pooling: place_of(f"gguf:{file.resolve()}#{pooling}", file.name) for pooling in poolings}
        proven = [pooling for pooling, place in places.items() if proofs.find(place) is not None]
        failures: list[ProofFailed] = []
        for pooling in proven or poolings:
            idle = settings.embedding.idle_minutes * 60.0 or None
            server = GgufServer(
                file,
                pooling=pooling,
                longest=longest,
                idle_seconds=idle,
                most_whole=header.context_tokens or longest,
            )
            try:
                return served(settings, server, places[pooling], announce=announce, proofs=proofs)
            except ProofFailed as error:
                failures.append(error)
        raise failures[0]


def _likely_poolings(architecture: str) -> list[str]:
    """Returns what to try where a file does not say it; what reads from left to right knows the whole at its end."""
    return ["mean", "cls"] if "bert" in architecture else ["last", "mean"]


def _file(settings: Settings, name: str) -> Path:
    here = embedding_files(settings)
    if name in here:
        return here[name]
    if name and (path := expanded(Path(name))).is_file():
        return path
    if not name and len(here) == 1:
        return next(iter(here.values()))
    if (other := gguf_files(settings).get(name)) is not None:
        raise Misconfigured(
            f"The file {name!r} is here and holds no embedding model: it is of the kind {kind_of(other)}. "
            "Set embedding.model to one that does."
        )
    wanted = f"There is no model file {name!r}" if name else "No file is set for engine gguf"
    raise Misconfigured(
        f"{wanted}. Set embedding.model to a GGUF file, or to the name of one in {HomeLayout(settings.home).models}. "
        f"There is: {', '.join(here) or 'none'}."
    )


def _digest(file: Path) -> str:
    """Returns a hash of a file's size and of samples of it: gigabytes are not read at every start."""
    size = file.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with file.open("rb") as opened:
        for step in range(_PIECES):
            opened.seek(size * step // _PIECES)
            digest.update(opened.read(_PIECE))
    return f"file-{digest.hexdigest()[:16]}"
