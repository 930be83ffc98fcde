"""``kb.ports.Embedder`` over a server that was proved."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import BackendDown, Busy, FootnoteError, Misconfigured
from kb.models.embed import batching as shape
from kb.models.embed.instructions import query_prompt
from kb.models.embed.served.batches import Batches
from kb.models.embed.served.known_model import KnownModel
from kb.models.embed.served.patience import QUESTION_WAITING_SECONDS, Patience
from kb.models.embed.served.proof import QUANTISED_COSINE, SAME_COSINE, prove_again
from kb.models.embed.served.protocol import EmbeddingServer, LongTexts, ProofFailed, ServerFault
from kb.models.embed.served.record import Record
from kb.models.embed.served.register import measure_of, require_same
from kb.models.embed.served.weights import is_quantised
from kb.types import Fingerprint, WholeTexts

if TYPE_CHECKING:
    from kb.types import Matrix

log = logging.getLogger(__name__)

_NARROWEST = 32
_NOTHING = "."
"""Sent for a text without a letter: servers refuse what is empty, or give it no direction."""
_DOWN_SECONDS = 3.0
"""A server that was away is left alone for so long: questions that come meanwhile go by words at once."""
_FAILED_SECONDS = 60.0
"""The same after a proof that failed."""
_URGENT_TEXTS = 64
_ADVICE = (
    "Run the server as before; or, to take on what it computes now and embed everything anew with it, end the app, "
    "run `python3 app.py doctor --prove-again`, and start it."
)
_BYTES_PER_TOKEN = 3
"""About that, in most languages: batches need no more."""


@dataclass(frozen=True, slots=True)
class Use:
    """How a registered model is used, by the settings."""

    width: int | None
    instruction: str | None


class ServedEmbedder:
    """A model of a server, proved again before its first text of a start, and whenever the server was away."""

    def __init__(
        self,
        server: EmbeddingServer,
        record: Record,
        known: KnownModel,
        use: Use,
        *,
        proved: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``proved``: it has just been registered.

        Raises:
            Misconfigured: it cannot have the width that is asked for, or takes no instructions and is given one.
        """
        self._server = server
        self._record = record
        self._known = known
        self._use = use
        self._clock = clock
        self._query_prompt = query_prompt(known.spec, use.instruction)
        self._document_prompt = known.spec.document_prompt if known.spec else ""
        self._measure = measure_of(record, known, server)
        self.width = self._checked_width(use.width)
        self._proved = proved
        self._failure: FootnoteError | None = None
        self._retry_at = 0.0
        self._proving = threading.Lock()
        self._patience = Patience(server)
        self._batches = Batches(
            self._patience,
            ending=record.proof.ending,
            special_tokens=record.proof.special_tokens,
            exact=record.proof.counts and self._measure.is_exact,
            most_texts=record.proof.most_texts,
        )
        self._ending_tokens = self._measure.count([record.proof.ending])[0] if record.proof.ending else 0
        self._most = record.proof.longest - record.proof.special_tokens - self._ending_tokens
        """Tokens of a text as it is sent, without what is added to it."""

    # --- What it is ---------------------------------------------------------------------------

    @property
    def fingerprint(self) -> Fingerprint:
        identity, spec = self._record.identity, self._known.spec
        pooling = spec.pooling if spec else "the server's"
        return Fingerprint(
            model=spec.model if spec else identity.model,
            revision=identity.revision,
            width=self.width,
            native_width=self._record.proof.width,
            details=f"query={query_prompt(spec, None)!r} document={self._document_prompt!r} pooling={pooling} "
            f"end={identity.ending!r} server={identity.served} proof={identity.digest}",
            questions=self._use.instruction or "",
        )

    @property
    def max_tokens(self) -> int:
        """The longest text that is not cut, in tokens as ``count_tokens`` counts them; the prompt has its own room."""
        longer = max(map(len, (self._query_prompt, self._document_prompt)))
        prompt = max(self._measure.count([self._query_prompt, self._document_prompt])) if longer else 0
        return max(1, self._most - prompt)

    @property
    def is_light(self) -> bool:
        return self._record.is_light

    @property
    def engine_status(self) -> str:
        """What computes the vectors and was proved of it; or what keeps it from computing any now."""
        if self._failure is not None:
            return f"{self._failure} Until then questions are answered by words alone."
        record = self._record
        agreement = record.proof.agreement
        said = [
            f"{self._server.who} ({record.served}) computes its vectors"
            + (
                f", from weights of {record.weight_bits:.1f} bits" if is_quantised(record.weight_bits) else ""
            ),
            "its batches equal its single texts"
            + (
                f", and its vectors those of the same model here (cosine {agreement:.4f})"
                if agreement
                else ""
            ),
            f"the longest input that is proved has {record.proof.longest:,} tokens, counted by {self._measure.how}",
        ]
        return f"{'; '.join(said)}."

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of tokens of each text, prompt and special tokens not counted.

        Raises:
            BackendDown: they are counted by the server, which does not answer.
        """
        return self._measure.count(texts) if texts else []

    # --- Vectors ------------------------------------------------------------------------------

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Returns the questions' vectors in their order: shape (len(texts), width), rows of length 1.

        Raises:
            BackendDown, Misconfigured: the server is away, or did not pass its proof.
        """
        return shape.narrowed(self._embed(self._query_prompt, texts, urgent=True), self.width)

    def embed_for(self, instruction: str, texts: Sequence[str]) -> Matrix:
        """Does as ``Instructable.embed_for``; raises as ``embed_queries``, too."""
        prompt = query_prompt(self._known.spec, instruction)
        return shape.narrowed(self._embed(prompt, texts, urgent=True), self.width)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        """Returns the passages' vectors in their order: shape (len(texts), native width), rows of length 1.

        Raises:
            Unembeddable: the server takes the others, and not one of them.
            BackendDown, Misconfigured: the server is away, or did not pass its proof.
        """
        return self._embed(self._document_prompt, texts, urgent=urgent)

    def _embed(self, prompt: str, texts: Sequence[str], *, urgent: bool) -> Matrix:
        if not texts:
            return np.empty((0, self._record.proof.width), np.float32)
        self.require_proof()
        sent = [text if text.strip() else _NOTHING for text in shape.prompted(prompt, texts)]
        try:
            vectors = self._asked(sent, urgent=urgent)
        except (Busy, ServerFault):
            raise
        except BackendDown as error:
            self._lose(error, _DOWN_SECONDS)
            raise
        if vectors.shape[1] != self._record.proof.width:
            raise BackendDown(
                f"{self._server.who} gives vectors of {vectors.shape[1]} dimensions instead of "
                f"{self._record.proof.width}; nothing of it is stored."
            )
        return shape.unit_rows(vectors)

    def embed_whole(self, texts: Sequence[str]) -> WholeTexts:
        """Does as ``Embedder.embed_whole``; raises as ``embed_documents``, too."""
        sent = shape.prompted(self._document_prompt, texts)
        added = self._ending_tokens + self._record.proof.special_tokens
        lengths = tuple(tokens + added for tokens in self._measure.count(sent))
        proved = self._record.proof.longest
        server = self._server if isinstance(self._server, LongTexts) else None
        most = max(proved, server.most_whole) if server else proved
        for place, tokens in enumerate(lengths):
            if tokens > most:
                raise shape.too_long(self._server.who, tokens, most, place=place)
        rows = []
        for text, given, tokens in zip(texts, sent, lengths, strict=True):
            if tokens <= proved or server is None:
                rows.append(self._embed(self._document_prompt, [text], urgent=False))
                continue
            self.require_proof()
            answered = server.embed_whole(given + self._record.proof.ending, tokens)
            if answered.tokens != tokens:
                raise BackendDown(f"{self._server.who} read {answered.tokens} of {tokens} tokens of a text.")
            rows.append(shape.unit_rows(answered.vectors))
        empty = np.empty((0, self._record.proof.width), np.float32)
        return WholeTexts(np.concatenate([empty, *rows]), lengths)

    def _asked(self, texts: Sequence[str], *, urgent: bool) -> Matrix:
        counts = self._lengths(texts)
        short = [
            text if tokens <= self._most else self._measure.cut(text, self._most)
            for text, tokens in zip(texts, counts, strict=True)
        ]
        if short != list(texts):
            counts = self._lengths(short)
        lengths = [tokens + self._ending_tokens for tokens in counts]
        if not urgent or len(texts) > _URGENT_TEXTS:
            return self._batches.embed(short, lengths)
        return self._batches.embed_now(short, lengths, seconds=QUESTION_WAITING_SECONDS)

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        """Returns how long each text is; an estimate, which is slow, only of what may be too long."""
        if self._measure.is_exact:
            return self._measure.count(texts)
        rough = [len(text.encode()) for text in texts]  # no tokenizer makes more tokens than bytes
        return [
            size // _BYTES_PER_TOKEN + 1 if size <= self._most else self._measure.count([text])[0]
            for size, text in zip(rough, texts, strict=True)
        ]

    def warm_up(self) -> None:
        """Proves the server, which loads the model there; raises as ``require_proof``."""
        self.require_proof()

    def close(self) -> None:
        self._batches.close()
        self._server.close()

    # --- The proof ----------------------------------------------------------------------------

    def require_proof(self) -> None:
        """Proves the server where that is still to be done since the start, or since it was away.

        Raises:
            ProofFailed: it computes something else than when it was registered; the sentence names what differs.
            BackendDown, Misconfigured: it cannot be asked.
        """
        with self._proving:
            if self._proved:
                return
            if self._failure is not None and self._clock() < self._retry_at:
                raise self._failure.with_traceback(None)
            try:
                facts = self._server.facts()
                require_same(self._record, facts, self._server.who)
                quantised = is_quantised(self._record.weight_bits)
                least = QUANTISED_COSINE if quantised else SAME_COSINE
                prove_again(self._patience, self._record.proof, least_cosine=least)
            except ProofFailed as error:
                advice = f"{error} {_ADVICE}"
                self._lose(ProofFailed(advice), _FAILED_SECONDS)
                raise ProofFailed(advice) from error
            except (BackendDown, Misconfigured) as error:
                self._lose(error, _DOWN_SECONDS)
                raise
            self._failure, self._proved = None, True
            if facts.version != self._record.version:
                log.info("another version of the server passed the proof", extra={"version": facts.version})

    def _lose(self, error: FootnoteError, seconds: float) -> None:
        """Notes why the server cannot be used; it is proved again, not before ``seconds`` have passed."""
        self._failure, self._proved = error, False
        self._retry_at = self._clock() + seconds

    def _checked_width(self, width: int | None) -> int:
        native = self._record.proof.width
        if self._known.spec is not None:
            return self._known.spec.checked_width(width)
        if width is not None and not _NARROWEST <= width <= native:
            raise Misconfigured(
                f"embedding.width = {width} does not fit {self._record.model}, which has {native} dimensions. "
                "Change it, or remove it to keep the model's own width."
            )
        return native if width is None else width
