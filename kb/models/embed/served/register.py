"""Registers a model of a server: measures how it is to be used, and proves it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kb.models.embed.local import LocalEmbedder
from kb.models.embed.served.known_model import KnownModel
from kb.models.embed.served.patience import Patience
from kb.models.embed.served.probe_texts import CHINESE, NEARLY_EMPTY, SHORT, long_words
from kb.models.embed.served.proof import (
    QUANTISED_COSINE,
    SAME_COSINE,
    Demands,
    Proof,
    Reference,
    prove,
)
from kb.models.embed.served.proof_requests import reply_to
from kb.models.embed.served.protocol import (
    EmbeddingServer,
    ProofFailed,
    ServerFacts,
    ServerFault,
    TextsRefused,
)
from kb.models.embed.served.recognise import recognised
from kb.models.embed.served.record import Identity, Record
from kb.models.embed.served.tokens import EstimatedTokens, OwnTokenizer, ServerTokenizer, TokenMeasure
from kb.models.embed.served.weights import is_quantised
from kb.text.token_estimate import estimated_tokens

log = logging.getLogger(__name__)

_LEAST_LONGEST = 2000
"""Inputs up to this length are proved even where chunks are shorter; longer ones only where chunks are."""
_LIGHT_SECONDS = 0.5
_LIGHT_SENTENCES = 20
_MEMORY_PER_WEIGHT = 3
"""Free memory for each byte of a reference's weights, without which it is not loaded."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be registered."""

    server: EmbeddingServer
    model: str
    known: KnownModel
    chunk_tokens: int
    """The longest chunk, by the settings."""


def register(asked: Asked, earlier: Iterable[Record] = ()) -> Record:
    """Returns the record of a model that was proved, with the identity of one of ``earlier`` that computes the same.

    Raises:
        ProofFailed: it may not write; the sentence names what differed.
        BackendDown, Misconfigured: the server cannot be asked.
    """
    facts = asked.server.facts()
    with _reference(asked.known) as reference:
        measure, proof = _proved(asked, facts, reference)
    counting = {OwnTokenizer: "file", ServerTokenizer: "server"}.get(type(measure), "estimate")
    record = Record(
        model=asked.model,
        kind=facts.kind,
        version=facts.version,
        digest=facts.digest,
        weight_bits=facts.weight_bits,
        counting=counting,
        factor=measure.factor if isinstance(measure, EstimatedTokens) else 1.0,
        is_light=_is_light(asked.server, proof.ending),
        proof=proof,
        identity=Identity(
            model=asked.model,
            revision=facts.digest or "served",
            served=facts.served,
            ending=proof.ending,
            digest=proof.digest,
        ),
        spec=asked.known.spec,
    )
    return recognised(record, Patience(asked.server), earlier)


def measure_of(record: Record, known: KnownModel, server: EmbeddingServer) -> TokenMeasure:
    """Returns how the tokens of a registered model are counted."""
    if record.counting == "file" and known.tokenizer is not None:
        return OwnTokenizer(known.tokenizer)
    if record.counting == "server":
        return ServerTokenizer(server.counted, server.who)
    return EstimatedTokens(record.factor)


def _proved(asked: Asked, facts: ServerFacts, reference: Reference | None) -> tuple[TokenMeasure, Proof]:
    """Returns the first measure of tokens that counts as the server does, and the proof made with it."""
    server = Patience(asked.server)
    least = QUANTISED_COSINE if is_quantised(facts.weight_bits) else SAME_COSINE
    tells = reply_to(server, [NEARLY_EMPTY]).tokens is not None
    for measure in _measures(asked, server):
        demands = Demands(
            count=measure.count,
            is_exact=measure.is_exact,
            reference=reference,
            least_cosine=least,
            endings=_endings(asked.known, measure),
            longest=_longest(asked, facts),
        )
        proof = prove(server, demands if reference else replace(demands, endings=("",)))
        if measure.is_exact and tells and not proof.counts:
            log.info("a tokenizer counts otherwise than the server", extra={"tokenizer": measure.how})
            continue
        if reference is None and _lacks_end_token(measure, proof, demands.endings):
            proof = prove(server, replace(demands, endings=demands.endings[1:]))
        return measure, proof
    raise AssertionError  # the estimate claims no exactness


def _measures(asked: Asked, server: Patience) -> Iterator[TokenMeasure]:
    if asked.known.tokenizer is not None:
        yield OwnTokenizer(asked.known.tokenizer)
    if asked.server.counted(SHORT) is not None:
        yield ServerTokenizer(asked.server.counted, asked.server.who)
    yield EstimatedTokens(_factor(server))


def _factor(server: Patience) -> float:
    """Returns how many times as many tokens the server counts as are estimated, at most; 1 where it tells none."""
    most = 1.0
    for text in (CHINESE, long_words(100)):
        try:
            told = server.embed([text]).tokens
        except (TextsRefused, ServerFault):  # longer than its longest input
            continue
        most = max(most, (told or 0) / estimated_tokens(text))
    return most


def _endings(known: KnownModel, measure: TokenMeasure) -> tuple[str, ...]:
    """Returns what may have to stand at the end of every text: nothing, or the token that the model ends texts with."""
    own = measure.end_token() if isinstance(measure, OwnTokenizer) else None
    ending = own or (known.spec.end_token if known.spec is not None else None)
    return ("",) if ending is None else ("", ending)


def _lacks_end_token(measure: TokenMeasure, proof: Proof, endings: tuple[str, ...]) -> bool:
    """Whether the server adds fewer tokens than the model's tokenizer, which ends every text with one; or none at all,
    though the model is known to want one.
    """
    if not isinstance(measure, OwnTokenizer):
        return proof.counts and proof.special_tokens == 0 and len(endings) > 1
    return (
        proof.counts and measure.end_token() is not None and proof.special_tokens < measure.special_tokens()
    )


def _longest(asked: Asked, facts: ServerFacts) -> int:
    limits = [facts.max_tokens, asked.known.spec.max_tokens if asked.known.spec else None]
    wanted = max(_LEAST_LONGEST, asked.chunk_tokens + asked.chunk_tokens // 8)
    return min([wanted, *(limit for limit in limits if limit is not None)])


def _is_light(server: EmbeddingServer, ending: str) -> bool:
    """Whether twenty sentences take less than half a second, once the model is loaded."""
    texts = [f"{sentence}.{ending}" for sentence in long_words(400).split(". ")[:_LIGHT_SENTENCES]]
    began = time.monotonic()
    try:
        server.embed(texts)
    except (TextsRefused, ServerFault):  # so many at a time: then it is not known
        return False
    return time.monotonic() - began < _LIGHT_SECONDS


@contextmanager
def _reference(known: KnownModel) -> Iterator[Reference | None]:
    """The same model in this process while it is compared; None where its weights are not here, or too large."""
    if known.folder is None or not _has_room(known.folder):
        yield None
        return
    embedder = LocalEmbedder(known.folder, engine="torch")
    try:
        yield embedder.embed_bare
    finally:
        embedder.close()


def _has_room(folder: Path) -> bool:
    import psutil

    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return bool(psutil.virtual_memory().available >= _MEMORY_PER_WEIGHT * size)


def require_same(record: Record, facts: ServerFacts, who: str) -> None:
    """Raises ProofFailed where a server tells of other weights than those that were proved."""
    if record.digest and facts.digest and record.digest != facts.digest:
        raise ProofFailed(
            f"{who} has other weights under the name {record.model!r} than when it was registered: "
            f"{facts.digest[:19]} instead of {record.digest[:19]}."
        )
