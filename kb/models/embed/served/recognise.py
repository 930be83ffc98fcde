"""Tells whether a server computes the vectors of one that was proved before: by their cosines, never by a hash.

Another machine, another version of a server, and other kernels round otherwise. What was stored of a model stays
comparable then, so that it is not embedded anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kb.models.embed.served.proof import QUANTISED_COSINE, cosines_with
from kb.models.embed.served.protocol import ProofFailed, TextEmbedder
from kb.models.embed.served.record import Record
from kb.models.embed.served.weights import is_quantised

SAME_MODEL_COSINE = 0.9999
"""From it on two servers compute the same: the bundled model in bfloat16 has .99997 with itself in 32 bit, in 8 bit
.995."""


def recognised(record: Record, server: TextEmbedder, earlier: Iterable[Record]) -> Record:
    """Returns ``record`` under the identity of the first of ``earlier`` whose vectors ``server`` computes, if any.

    Raises:
        BackendDown, Misconfigured: the server cannot be asked.
    """
    for before in earlier:
        if before.proof.width == record.proof.width and _is_same(record, server, before):
            return replace(record, identity=before.identity, spec=before.spec)
    return record


def _is_same(record: Record, server: TextEmbedder, before: Record) -> bool:
    least = _least_cosine(record, before)
    mine = dict(zip(record.proof.texts, record.proof.vectors, strict=True))
    theirs = dict(zip(before.proof.texts, before.proof.vectors, strict=True))
    if any(float(mine[text] @ theirs[text]) < least for text in mine.keys() & theirs.keys()):
        return False
    most = max(map(len, record.proof.texts))  # longer ones may not fit this server
    texts = [text for text in before.proof.texts if len(text) <= most]
    try:
        cosines = cosines_with(server, before.proof, texts, ending=record.proof.ending)
    except ProofFailed:
        return False
    return bool(texts) and min(cosines) >= least


def _least_cosine(record: Record, before: Record) -> float:
    """Returns what is demanded; less where both say that they have the same quantised weights.

    Their rounding is coarser, and what computes with them rounds further, each in its own way.
    """
    told = record.digest and record.digest == before.digest
    return QUANTISED_COSINE if told and is_quantised(record.weight_bits) else SAME_MODEL_COSINE
