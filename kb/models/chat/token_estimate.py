"""Estimates of tokens for answering models whose servers do not count, corrected by what they report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kb.text.token_estimate import estimated_tokens
from kb.types import Message

_ENOUGH_TO_LEARN = 200
_MOST_FACTOR = 8.0
"""No tokenizer is that far off; a server that says so counts something else."""


class TokenEstimator:
    """Estimates for one model, corrected upwards by what its server has counted.

    A model that was never trained on a script needs several tokens for each of its characters; no
    fixed weight knows that, the first answer does.
    """

    def __init__(self) -> None:
        self._factor = 1.0

    def count(self, text: str) -> int:
        """Returns the estimate for ``text``."""
        return math.ceil(estimated_tokens(text) * self._factor)

    def learn(self, prompt: Sequence[Message], counted: int | None) -> None:
        """Corrects the estimate by ``counted``, the server's count for ``prompt``; None teaches nothing.

        Never lowers the estimate: a server that reuses or truncates a prompt reports fewer tokens. Short
        prompts teach nothing either: there the chat template's own tokens weigh too much.
        """
        estimated = estimated_tokens("\n".join(message.content for message in prompt))
        if counted is not None and estimated >= _ENOUGH_TO_LEARN:
            self._factor = min(_MOST_FACTOR, max(self._factor, counted / estimated))
