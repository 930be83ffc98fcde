"""Counting tokens for a served model: by its own tokenizer file, by the server's page, or by a safe estimate."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kb.errors import BackendDown
from kb.text.token_estimate import estimated_tokens

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_KEPT = 65_536
"""Counts that are remembered of a server's page: chunks are counted sentence by sentence, and again as a whole."""
_AT_ONCE = 8


class TokenMeasure(Protocol):
    """How the tokens of a model are counted. Safe to use from several threads."""

    is_exact: bool
    """Whether it counts as the server does."""
    how: str
    """In words, as in "the tokenizer in FOLDER"."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of tokens of each text, special ones not counted."""
        ...

    def cut(self, text: str, longest: int) -> str:
        """Returns the longest beginning of ``text`` with at most ``longest`` tokens; all of it where it fits."""
        ...


class OwnTokenizer:
    """The tokenizer file of the model, on this machine."""

    is_exact = True

    def __init__(self, file: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer: Tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.how = f"the tokenizer in {file.parent}"

    def count(self, texts: Sequence[str]) -> list[int]:
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(each) for each in found]

    def cut(self, text: str, longest: int) -> str:
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        if len(offsets) <= longest:
            return text
        return fitted(text, longest, self.count, guess=offsets[longest - 1][1])

    def end_token(self) -> str | None:
        """Returns the special token that it puts behind every text; None where it puts none there."""
        encoded = self._tokenizer.encode("a")
        if not encoded.special_tokens_mask or not encoded.special_tokens_mask[-1]:
            return None
        return str(encoded.tokens[-1])

    def special_tokens(self) -> int:
        """Returns how many tokens it adds to a text."""
        return sum(self._tokenizer.encode("a").special_tokens_mask)


class ServerTokenizer:
    """The ``/tokenize`` of the server."""

    is_exact = True

    def __init__(self, counted: Callable[[str], int | None], who: str) -> None:
        """``counted``: as ``EmbeddingServer.counted``."""
        self._counted = counted
        self._who = who
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self.how = "the server's own page /tokenize"

    def count(self, texts: Sequence[str]) -> list[int]:
        with self._lock:
            found = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            with ThreadPoolExecutor(min(_AT_ONCE, len(missing))) as pool:
                found.update(zip(missing, pool.map(self._one, missing), strict=True))
            with self._lock:
                self._kept.update((text, found[text]) for text in missing)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return [found[text] for text in texts]

    def cut(self, text: str, longest: int) -> str:
        return fitted(text, longest, self.count)

    def _one(self, text: str) -> int:
        if not text:
            return 0
        if (found := self._counted(text)) is None:
            raise BackendDown(f"{self._who} does not count tokens any more. Restart it.")
        return found


class EstimatedTokens:
    """An estimate that is rather too high than too low."""

    is_exact = False
    how = "a safe estimate, since neither this machine nor the server has the model's tokenizer"

    def __init__(self, factor: float = 1.0) -> None:
        """``factor``: how many times as many the server counted for texts that it was asked about."""
        self.factor = max(1.0, factor)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [math.ceil(self.factor * estimated_tokens(text)) for text in texts]

    def cut(self, text: str, longest: int) -> str:
        return fitted(text, longest, self.count)


def fitted(
    text: str, longest: int, count: Callable[[Sequence[str]], list[int]], *, guess: int | None = None
) -> str:
    """Returns a beginning of ``text`` with at most ``longest`` tokens by ``count``: all that fits, to a few letters.

    ``guess`` is how many letters should fit.
    """
    found = count([text])[0]
    while found > longest and text:
        letters = len(text) * longest // found if guess is None else guess
        guess = None
        text = text[: min(letters, len(text) - 1)]
        found = count([text])[0]
    return text
