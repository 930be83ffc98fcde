"""Many texts to one server: batches by a budget of tokens, several at a time, and the one bad text found among them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import BackendDown, Unembeddable
from kb.models.embed.served.patience import MOST_WAITING_SECONDS, AtMost, Patience
from kb.models.embed.served.probe_texts import NEARLY_EMPTY
from kb.models.embed.served.proof_requests import ended
from kb.models.embed.served.protocol import Answered, ProofFailed, ServerFault, TextsRefused
from kb.models.embed.served.replies import MOST_TEXTS

if TYPE_CHECKING:
    from kb.types import Matrix

BATCH_TOKENS = 4096
"""Of one request: some twenty passages. A server that makes batches of its own gathers them from several requests."""
_AT_ONCE = 16
"""Requests under way: servers queue what they cannot compute yet, and one that says it is busy gets half as many."""


_LEAST_ROUNDS = 2
"""Requests one after the other for each that is under way: what is read of one is read while others are computed."""
_LEAST_TOKENS = 512
"""Of a request, where there is enough to send: smaller ones cost more to send than to compute."""


class Batches:
    """Sends texts to one server. Safe to use from several threads."""

    def __init__(
        self,
        server: Patience,
        *,
        ending: str,
        special_tokens: int,
        exact: bool,
        most_texts: int | None = None,
    ) -> None:
        """``ending`` stands at the end of every text; ``special_tokens`` is what the server adds to one.

        ``exact``: the tokens of texts are counted as the server counts them, so that fewer mean that it cut.
        ``most_texts``: of one request, where it was proved that the server takes no more.
        """
        self._server = server
        self._ending = ending
        self._special = special_tokens
        self._exact = exact
        self._most_texts = most_texts or MOST_TEXTS
        self._at_once = AtMost(first=_AT_ONCE, most=_AT_ONCE)
        server.on_busy = self._at_once.halve
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="embed")

    def embed(self, texts: Sequence[str], tokens: Sequence[int]) -> Matrix:
        """Returns the vectors of ``texts``, as the server gives them, in order; ``tokens`` is how many each has.

        Raises:
            Unembeddable: the server does not take one of them; it is named.
            BackendDown: it does not answer, or cut a text in silence.
            Misconfigured: it takes no text at all any more.
        """
        groups = grouped(tokens, budget=BATCH_TOKENS, most=self._most_texts, at_once=self._at_once.limit)
        running = [self._pool.submit(self._together, group, texts, tokens) for group in groups]
        try:
            parts = [future.result() for future in running]
        finally:
            for future in running:
                future.cancel()
        vectors = np.empty((len(texts), parts[0].shape[1]), np.float32)
        for group, part in zip(groups, parts, strict=True):
            if part.shape[1] != vectors.shape[1]:
                raise BackendDown(f"{self._server.who} changed the width of its vectors.")
            vectors[group] = part
        return vectors

    def embed_now(self, texts: Sequence[str], tokens: Sequence[int], *, seconds: float) -> Matrix:
        """Returns the same for a few texts that somebody waits for, in one request that passes others by."""
        return self._part(range(len(texts)), texts, tokens, seconds)

    def close(self) -> None:
        """Ends what waits, then waits for what runs."""
        self._server.close()
        self._pool.shutdown(cancel_futures=True)

    # --- One batch ----------------------------------------------------------------------------

    def _together(self, group: Sequence[int], texts: Sequence[str], tokens: Sequence[int]) -> Matrix:
        with self._at_once:
            return self._part(group, texts, tokens, MOST_WAITING_SECONDS)

    def _part(
        self, group: Sequence[int], texts: Sequence[str], tokens: Sequence[int], seconds: float
    ) -> Matrix:
        """Returns the vectors of the texts at ``group``: in halves where they are refused, alone where it stumbles."""
        try:
            answered = self._server.embed([texts[at] + self._ending for at in group], seconds=seconds)
        except TextsRefused as refused:
            if len(group) == 1:
                raise self._named(group[0], texts, refused) from refused
            middle = len(group) // 2
            halves = (group[:middle], group[middle:])
            found = np.concatenate([self._part(half, texts, tokens, seconds) for half in halves])
            self._most_texts = max(1, min(self._most_texts, len(group) - middle))
            return found
        except ServerFault:
            return np.concatenate([self._once_more(at, texts, tokens, seconds) for at in group])
        self._require_whole(answered, [tokens[at] for at in group])
        return answered.vectors

    def _once_more(self, at: int, texts: Sequence[str], tokens: Sequence[int], seconds: float) -> Matrix:
        try:
            answered = self._server.embed([texts[at] + self._ending], seconds=seconds)
        except (TextsRefused, ServerFault) as fault:
            raise self._named(at, texts, fault) from fault
        self._require_whole(answered, [tokens[at]])
        return answered.vectors

    def _named(self, at: int, texts: Sequence[str], why: TextsRefused | ServerFault) -> Exception:
        """Returns the error that names the text at ``at``; another where the server takes no text at all."""
        try:
            self._server.embed([NEARLY_EMPTY + self._ending], seconds=0.0)
        except TextsRefused as refused:
            return ProofFailed(f"{self._server.who} takes no text any more. {refused}")
        except BackendDown as down:
            return down
        return Unembeddable(
            f"{ended(str(why))} The passage begins: “{' '.join(texts[at][:80].split())}”.", place=at
        )

    def _require_whole(self, answered: Answered, tokens: Sequence[int]) -> None:
        """Raises BackendDown where the server read less than was sent."""
        if not self._exact:
            return
        sent = sum(tokens) + self._special * len(tokens)
        if answered.tokens is None or answered.tokens < sent:
            raise BackendDown(
                f"{self._server.who} read {answered.tokens} of {sent} tokens: it cut a text in silence, and nothing "
                "of it is stored. Start it with a longer context, or set parsing.chunk_tokens to less."
            )


def grouped(tokens: Sequence[int], *, budget: int, most: int, at_once: int) -> list[list[int]]:
    """Returns every index of ``tokens`` once, texts of like length together, the longest first.

    A group has at most ``budget`` tokens and ``most`` texts, or one text. There are as many groups as fill the last
    round of ``at_once`` too, so that nobody waits beside a server that is half idle.
    """
    total = sum(tokens)
    rounds = max(_LEAST_ROUNDS, -(-total // (budget * at_once)))
    share = max(_LEAST_TOKENS, min(budget, -(-total // (rounds * at_once))))
    order = sorted(range(len(tokens)), key=lambda index: -tokens[index])
    groups: list[list[int]] = []
    held = 0
    for index in order:
        if not groups or held + tokens[index] > share or len(groups[-1]) >= most:
            groups.append([])
            held = 0
        groups[-1].append(index)
        held += tokens[index]
    return groups
