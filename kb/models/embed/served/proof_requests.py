"""The requests of a proof, and which of their answers fail it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb.errors import BackendDown
from kb.models.embed.served.probe_texts import CHINESE, NEARLY_EMPTY, SHORT
from kb.models.embed.served.protocol import (
    Answered,
    NotVectors,
    ProofFailed,
    ServerFault,
    TextEmbedder,
    TextsRefused,
)
from kb.models.replies import Unacceptable

if TYPE_CHECKING:
    from kb.types import Matrix

_ONE_VECTOR = 1e-6
"""What is nearer than this to a cosine of 1 is the same vector, in single precision."""


def reply_to(server: TextEmbedder, texts: Sequence[str], *, ending: str = "") -> Answered:
    """Returns what ``server`` gives to ``texts``, each with ``ending``, in one request.

    Raises:
        ProofFailed: it is not one vector for each; the sentence says what it is.
        TextsRefused: there are several, and it does not take so many.
        ServerFault: it stumbled twice.
        BackendDown, Misconfigured: it cannot be asked.
    """
    sent = [text + ending for text in texts]
    try:
        try:
            found = server.embed(sent)
        except ServerFault:
            found = server.embed(sent)
    except NotVectors as error:
        raise ProofFailed(str(error)) from error
    except TextsRefused as error:
        if len(texts) > 1:
            raise
        raise ProofFailed(f"{ended(str(error))} The text was {named(texts[0])}.") from error
    if found.vectors.shape[0] != len(texts):
        raise ProofFailed(f"{server.who} gave {found.vectors.shape[0]} vectors for {len(texts)} texts.")
    return found


@contextmanager
def failing_proof() -> Iterator[None]:
    """Makes a failed proof of every wrong answer to what is asked before a first proof ends.

    Who was never proved and answers wrongly is not away: nobody should wait for it.

    Raises:
        ProofFailed: the answer was no vector, no reply that is meant, or an error of the server's own.
    """
    try:
        yield
    except (NotVectors, ServerFault, TextsRefused) as error:
        raise ProofFailed(str(error)) from error
    except BackendDown as error:
        if isinstance(error.__cause__, Unacceptable):  # more than any reply with vectors has
            raise ProofFailed(str(error)) from error
        raise


def named(text: str) -> str:
    """Returns a text as a sentence names it."""
    if text in (SHORT, CHINESE, NEARLY_EMPTY):
        return f"“{text}”"
    return f"of {len(text.split()):,} words (“{text[:30]}…”)"


def ended(sentence: str) -> str:
    """Returns ``sentence``, which may end with a server's own words, with a mark at its end."""
    return sentence if sentence.endswith((".", "!", "?", "。", "！", "？", "…")) else f"{sentence}."


def require_told_apart(who: str, texts: Sequence[str], vectors: Matrix) -> None:
    """Raises ProofFailed where all ``texts`` have one vector (rows of length 1): nothing could be found by it."""
    if len(texts) > 1 and float((vectors @ vectors[0]).min()) > 1 - _ONE_VECTOR:
        raise ProofFailed(
            f"{who} gives every text the same vector, {named(texts[0])} and {named(texts[1])} alike: it tells no text "
            "from another. Look at its pooling and its file."
        )
