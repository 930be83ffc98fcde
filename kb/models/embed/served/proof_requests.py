"""The requests of a proof, and which of their answers fail it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
