"""Registering is proving: what a server must show before anything that it computes may be stored.

Fixed texts (short, Chinese, 300 tokens, 2,000 tokens, nearly empty) are embedded alone and as one ragged batch in
another order. Count, order, width and finite values are demanded, and that a batch gives what single texts give.
Servers exist that fail each of these: Text Embeddings Inference gives Qwen3 other vectors in batches, older GGUF files
lack the end token, Ollama cuts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kb.models.embed.batching import unit_rows
from kb.models.embed.served.probe_texts import CHINESE, NEARLY_EMPTY, SHORT, of_length, other_ends
from kb.models.embed.served.proof_requests import named, reply_to, require_told_apart
from kb.models.embed.served.protocol import (
    Answered,
    NotVectors,
    ProofFailed,
    ServerFault,
    TextEmbedder,
    TextsRefused,
    TokenCount,
)

if TYPE_CHECKING:
    from kb.types import Matrix

BATCH_COSINE = 0.9999
"""A text in a batch has at least this cosine with itself alone."""
SAME_COSINE = 0.999
"""Weights in 16 or 32 bit have at least this cosine with the reference, and a proof with the one before."""
QUANTISED_COSINE = 0.98
"""The same for weights of 4 to 8 bit."""

_LENGTHS = (300, 2000)
_NEAR_ENOUGH = 16
"""Tokens between the longest input that is proven and the shortest that failed; then the search for the limit ends."""
_CUT = 1e-6
"""Two long texts that differ at one end and are nearer than this are one text to the server: it cut that end."""

Reference = Callable[[Sequence[str]], "Matrix"]
"""The same model on this machine: texts, as they are sent -> rows of length 1. It adds what its tokenizer adds."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What is known of the model before it is proved."""

    count: TokenCount | None = None
    """Counts the tokens of the model; None where nothing does."""
    is_exact: bool = True
    """Whether ``count`` is the model's own tokenizer, and no estimate."""
    reference: Reference | None = None
    least_cosine: float = SAME_COSINE
    """With the reference."""
    endings: tuple[str, ...] = ("",)
    """What to try at the end of every text, in this order: nothing, or an end token."""
    longest: int | None = None
    """The longest input in tokens that server or model allow, special tokens included; None where neither says."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a server has shown."""

    texts: tuple[str, ...]
    """Those that it was proved with, without the ending."""
    vectors: Matrix = field(repr=False)
    """Theirs: shape (texts, native width), rows of length 1."""
    ending: str
    """What is put at the end of every text; empty where nothing is."""
    special_tokens: int
    """How many the server adds to a text by its own count; 0 where it is not known."""
    counts: bool
    """Whether the server's counts and ours were compared and agree."""
    longest: int
    """The longest input in tokens that was proven, special tokens included."""
    agreement: float | None
    """The least cosine with the reference; None where there is none."""
    most_texts: int | None = None
    """1 for a server that takes no two texts in one request; None where it takes several."""

    @property
    def width(self) -> int:
        return int(self.vectors.shape[1])

    @property
    def digest(self) -> str:
        """A hash of the proof, for the fingerprint."""
        rounded = np.asarray(self.vectors, dtype=np.float16).tobytes()
        return hashlib.sha256("\0".join(self.texts).encode() + rounded).hexdigest()[:16]


def prove(server: TextEmbedder, demands: Demands) -> Proof:
    """Returns what ``server`` has shown.

    Raises:
        ProofFailed: what it computes is not what it must be; the sentence names what differed.
        BackendDown, Misconfigured: it cannot be asked; as ``TextEmbedder.embed``.
    """
    failures: list[ProofFailed] = []
    proven: list[Proof] = []
    for ending in demands.endings:
        try:
            proven.append(_Attempt(server, demands, ending).proof())
        except ProofFailed as error:
            failures.append(error)
        if proven and demands.reference is None:
            break
    if not proven:
        raise failures[0]
    return max(proven, key=lambda proof: proof.agreement or 0.0)


def prove_again(server: TextEmbedder, before: Proof, *, least_cosine: float = SAME_COSINE) -> None:
    """Embeds the texts of a proof once more, as one batch, and compares.

    Raises:
        ProofFailed: something differs; the sentence names it.
        BackendDown, Misconfigured: it cannot be asked.
    """
    cosines = cosines_with(server, before, before.texts, ending=before.ending)
    worst = min(range(len(cosines)), key=cosines.__getitem__)
    if cosines[worst] < least_cosine:
        raise ProofFailed(
            f"{server.who} gives the text {named(before.texts[worst])} another vector than when it was registered: "
            f"their cosine is {cosines[worst]:.4f}, and {least_cosine} is demanded."
        )


def cosines_with(server: TextEmbedder, before: Proof, texts: Sequence[str], *, ending: str) -> list[float]:
    """Returns the cosines of what ``server`` computes of ``texts`` now with what stands in a proof that has them.

    Raises:
        ProofFailed: it computes nothing of the kind: it refuses them, or its vectors have another width.
        BackendDown, Misconfigured: it cannot be asked.
    """
    vectors = _Attempt(server, Demands(), ending).batch(texts)
    if vectors.shape[1] != before.width:
        raise ProofFailed(
            f"{server.who} gives vectors of {vectors.shape[1]} dimensions; those that are stored have {before.width}."
        )
    then = before.vectors[[before.texts.index(text) for text in texts]]
    return [float(cosine) for cosine in (vectors * then).sum(axis=1)]


class _Attempt:
    """One proof, with one ending."""

    def __init__(self, server: TextEmbedder, demands: Demands, ending: str) -> None:
        self._server = server
        self._demands = demands
        self._ending = ending
        self._special: int | None = None
        """Tokens that the server adds to a text; None before it is known, or where it is not."""
        self._together = 0
        """The most texts that ``batch`` got an answer to at once."""

    def proof(self) -> Proof:
        """Returns the proof; raises as ``prove``."""
        short = self._short()
        alone = {text: self._alone(text) for text in short}
        widths = {answered.vectors.shape[1] for answered in alone.values()}
        if len(widths) > 1:
            raise ProofFailed(f"{self._server.who} gives vectors of different widths: {sorted(widths)}.")
        self._special = self._added_tokens([(text, alone[text].tokens) for text in short])
        longest = self._longest({text: answered.vectors for text, answered in alone.items()})
        texts = tuple(sorted((*short, *longest.texts), key=lambda text: text != SHORT))
        vectors = unit_rows(
            np.concatenate(
                [alone[text].vectors if text in alone else longest.vectors[text] for text in texts]
            )
        )
        order = [*range(1, len(texts), 2), *range(0, len(texts), 2)][::-1]
        batch = self.batch([texts[index] for index in order])
        self._compare_batch(texts, vectors, batch, order)
        require_told_apart(self._server.who, texts, vectors)
        return Proof(
            texts,
            vectors,
            self._ending,
            special_tokens=self._special or 0,
            counts=self._special is not None,
            longest=longest.tokens,
            agreement=self._agreement(texts, vectors),
            most_texts=1 if self._together == 1 else None,
        )

    def _short(self) -> list[str]:
        """Returns the short texts that fit the longest input; one of a single mark fits every model."""
        most = self._demands.longest
        return [*(one for one in (SHORT, CHINESE) if not most or self._tokens(one) < most), NEARLY_EMPTY]

    def batch(self, texts: Sequence[str]) -> Matrix:
        """Returns the vectors of ``texts``, rows of length 1, together or in halves; raises ProofFailed."""
        try:
            found = unit_rows(reply_to(self._server, texts, ending=self._ending).vectors)
        except (TextsRefused, ServerFault):
            if len(texts) == 1:
                raise
            middle = len(texts) // 2
            halves = [self.batch(texts[:middle]), self.batch(texts[middle:])]
            if halves[0].shape[1] != halves[1].shape[1]:
                raise ProofFailed(f"{self._server.who} gives vectors of several widths.") from None
            return np.concatenate(halves)
        self._together = max(self._together, len(texts))
        return found

    def _alone(self, text: str) -> Answered:
        return reply_to(self._server, [text], ending=self._ending)

    def _added_tokens(self, told: Sequence[tuple[str, int | None]]) -> int | None:
        """Returns how many tokens the server adds to each text; None where the counts are no measure.

        Each text must have the same number more: else the server counts with another tokenizer, or counts nothing.
        """
        if self._demands.count is None or not self._demands.is_exact:
            return None
        own = self._demands.count([text + self._ending for text, _ in told])
        more = {
            None if tokens is None else tokens - count for count, (_, tokens) in zip(own, told, strict=True)
        }
        added = more.pop()
        return added if not more and added is not None and added >= 0 else None

    # --- Lengths ------------------------------------------------------------------------------

    def _longest(self, alone: dict[str, Matrix]) -> _Longest:
        """Returns the longest input that is neither refused nor cut, and the vectors of those of the fixed lengths."""
        allowed = self._demands.longest
        lengths = _LENGTHS if allowed is None else (*(one for one in _LENGTHS if one < allowed), allowed)
        found = _Longest(max(self._tokens(text) for text in alone), {})
        for length in lengths:
            if length <= found.tokens:
                continue
            text = of_length(length - self._extra, self._demands.count)
            if (vectors := self._whole(text)) is None:
                return _Longest(self._limit(found.tokens, length), found.vectors)
            found = _Longest(length, {**found.vectors, text: vectors})
        return found

    def _limit(self, proven: int, failed: int) -> int:
        """Returns the greatest length that passes, to a few tokens: ``proven`` does, ``failed`` does not."""
        while failed - proven > _NEAR_ENOUGH:
            middle = (proven + failed) // 2
            if self._whole(of_length(middle - self._extra, self._demands.count)) is not None:
                proven = middle
            else:
                failed = middle
        return proven

    def _whole(self, text: str) -> Matrix | None:
        """Returns the vector of ``text``, or None where the server refuses it or reads only a part of it."""
        try:
            answered = self._server.embed([text + self._ending])
        except TextsRefused:
            return None
        except ServerFault:  # llama.cpp answers so to what does not fit into its batch
            self._alone(NEARLY_EMPTY)
            return None
        except NotVectors as error:
            raise ProofFailed(str(error)) from error
        if self._special is not None:
            if answered.tokens is None or answered.tokens < self._tokens(text):
                return None
            return answered.vectors
        return None if self._is_cut(text, answered.vectors) else answered.vectors

    def _is_cut(self, text: str, vectors: Matrix) -> bool:
        """Whether other words at one end of ``text`` make no difference: for servers that count nothing."""
        own = unit_rows(vectors)
        others = [unit_rows(self._alone(other).vectors) for other in other_ends(text)]
        return any(1 - float((own * other).sum()) < _CUT for other in others)

    @property
    def _extra(self) -> int:
        """Tokens of a text beyond its words: those that the server adds, and the ending."""
        count = self._demands.count
        return (self._special or 0) + (count([self._ending])[0] if count and self._ending else 0)

    def _tokens(self, text: str) -> int:
        """Returns the number of tokens of ``text`` as the server should count them; about that without a tokenizer."""
        count = self._demands.count
        if count is None:
            return max(1, len(text) // 4)
        return count([text + self._ending])[0] + (self._special or 0)

    # --- Comparisons --------------------------------------------------------------------------

    def _compare_batch(
        self, texts: Sequence[str], vectors: Matrix, batch: Matrix, order: Sequence[int]
    ) -> None:
        """Raises ProofFailed where a batch gives other vectors, or gives them in another order."""
        if batch.shape[1] != vectors.shape[1]:
            raise ProofFailed(
                f"{self._server.who} gives {batch.shape[1]} dimensions in a batch and {vectors.shape[1]} to one text."
            )
        cosines = batch @ vectors.T
        nearest = [int(row) for row in cosines.argmax(axis=1)]
        own = np.array([cosines[row, index] for row, index in enumerate(order)])
        worst = int(own.argmin())
        if own[worst] >= BATCH_COSINE:
            return
        if sorted(nearest) == sorted(order) and nearest != list(order):
            raise ProofFailed(f"{self._server.who} returns the vectors of a batch in another order.")
        raise ProofFailed(
            f"{self._server.who} gives the text {named(texts[order[worst]])} another vector in a batch than alone: "
            f"their cosine is {own[worst]:.5f}, and {BATCH_COSINE} is demanded."
        )

    def _agreement(self, texts: Sequence[str], vectors: Matrix) -> float | None:
        """Returns the least cosine with the reference; raises ProofFailed where it is too small."""
        if self._demands.reference is None:
            return None
        reference = self._demands.reference(texts)
        if reference.shape != vectors.shape:
            raise ProofFailed(
                f"{self._server.who} gives vectors of {vectors.shape[1]} dimensions; the model that it names has "
                f"{reference.shape[1]}."
            )
        cosines = (reference * vectors).sum(axis=1)
        worst = int(cosines.argmin())
        if cosines[worst] < self._demands.least_cosine:
            raise ProofFailed(
                f"{self._server.who} does not compute what the model that it names computes on this machine: for the "
                f"text {named(texts[worst])} the cosine is {cosines[worst]:.4f}, and {self._demands.least_cosine} is "
                "demanded. Look at its pooling, its end token and its file."
            )
        return float(cosines[worst])


@dataclass(frozen=True, slots=True)
class _Longest:
    """The longest input that was proven, in tokens, and the texts of the fixed lengths with their vectors."""

    tokens: int
    vectors: dict[str, Matrix]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self.vectors)
