"""A sentence-transformers model in this process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.config import Settings
from kb.errors import Misconfigured
from kb.models.embed import batching as shape
from kb.models.embed.converted import kept_folder
from kb.models.embed.engines import ENGINES, LocalModel, engine_in_words, is_light, open_runtime, prepare
from kb.models.embed.folder import read_spec
from kb.models.embed.instructions import query_prompt
from kb.models.embed.obtain import obtain
from kb.models.embed.spec import EmbedderSpec
from kb.models.hub import Announce
from kb.system.home_layout import HomeLayout
from kb.types import Fingerprint, WholeTexts

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from kb.models.embed.runtime import Runtime
    from kb.types import Matrix


_TOGETHER = 64
"""Texts that are turned into tokens before the first of them are computed: some ten batches."""


class LocalEmbedder:
    """``kb.ports.Embedder`` on the weights in a folder, which are loaded when a vector is first needed.

    Counting tokens, the fingerprint and the limits need no weights and no PyTorch.
    """

    def __init__(
        self,
        folder: Path,
        *,
        width: int | None = None,
        device: str = "auto",
        engine: str = "torch",
        kept: Path | None = None,
        idle_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        instruction: str | None = None,
    ) -> None:
        """Reads the folder's small files.

        ``engine`` and ``kept``: as in ``LocalModel``. ``idle_seconds``: after so long without a text
        ``unload_if_idle`` frees a GPU; None: never. ``instruction``: what questions are for, None the model's own.

        Raises:
            Misconfigured: the folder is not a model, is not safe to load, does not allow ``width``, or takes no
                instructions and is given one.
        """
        self.folder = folder
        self.spec: EmbedderSpec = read_spec(folder)
        self.width = self.spec.checked_width(width)
        query_prompt(self.spec, instruction)  # which refuses one where the model takes none
        self._instruction = instruction or ""
        self._how = LocalModel(folder, self.spec, device=device, engine=engine, kept=kept)
        self._model: Runtime | None = None
        self._engine: str | None = None
        self._loading = threading.Lock()
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._busy = 0
        self._used = clock()

    @classmethod
    def from_settings(cls, settings: Settings, name: str, *, announce: Announce) -> LocalEmbedder:
        """Returns the model ``name``, unpacked or downloaded first where it is not here: see ``obtain``."""
        folder = obtain(settings, name, announce=announce)
        asked = settings.embedding
        return cls.of_folder(settings, folder, width=asked.width, instruction=asked.instruction)

    @classmethod
    def of_folder(
        cls, settings: Settings, folder: Path, *, width: int | None = None, instruction: str | None = None
    ) -> LocalEmbedder:
        """Returns the model in ``folder``, run as the settings say."""
        asked = settings.embedding
        kept = kept_folder(HomeLayout(settings.home).models)
        engine = asked.engine if asked.engine in ENGINES else "auto"  # else it is for another embedder
        return cls(
            folder,
            width=width,
            device=asked.device,
            engine=engine,
            kept=kept,
            idle_seconds=asked.idle_minutes * 60.0 or None,
            instruction=instruction,
        )

    @property
    def engine_status(self) -> str:
        """A sentence: which engine computes the vectors, and why it; or what keeps it from doing so."""
        return self.trouble or self._engine or engine_in_words(self._how)

    @property
    def engine_used(self) -> str:
        """The name of the engine that computes; as set, before that is known."""
        model = self._model
        return model.engine if model else self._how.engine

    @property
    def trouble(self) -> str | None:
        """As ``Runtime.trouble``."""
        model = self._model
        return model.trouble if model else None

    @cached_property
    def is_light(self) -> bool:
        """Whether a sentence costs milliseconds where it runs: the model is small, or there is a GPU."""
        return is_light(self._how)

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(
            model=self.spec.model,
            revision=self.spec.revision or "main",
            width=self.width,
            native_width=self.spec.width,
            details=self.spec.details,
            questions=self._instruction,
        )

    @property
    def max_tokens(self) -> int:
        """The longest input, prompt and special tokens included."""
        return self.spec.max_tokens

    @property
    def loaded(self) -> bool:
        return self._model is not None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of tokens of each text, prompt and special tokens not counted."""
        return [
            len(found) for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ]

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Returns the questions' vectors in their order: shape (len(texts), width), rows of length 1.

        What fits in one batch goes before passages that wait. Where it does not, the questions are those of an
        evaluation, and they let a person's question go first as passages do.
        """
        return self.embed_for(self._instruction or None, texts)

    def embed_for(self, instruction: str | None, texts: Sequence[str]) -> Matrix:
        """Does as ``Instructable.embed_for``; None is the model's own instruction."""
        prompt = query_prompt(self.spec, instruction)
        return shape.narrowed(self._embed_together(prompt, texts, most_urgent=1), self.width)

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        """Returns the passages' vectors in their order: shape (len(texts), native width), rows of length 1."""
        most_urgent = None if urgent else 0
        return self._embed_together(self.spec.document_prompt, texts, most_urgent=most_urgent)

    def embed_bare(self, texts: Sequence[str]) -> Matrix:
        """Returns the vectors of ``texts`` without any prompt, at full width: what another engine is compared with."""
        return self._embed_together("", texts, most_urgent=None)

    def _embed_together(self, prompt: str, texts: Sequence[str], *, most_urgent: int | None) -> Matrix:
        """Returns rows of length 1 at full width, computed in batches.

        More batches than ``most_urgent`` let a waiting question go first; None: they never do.
        """
        if not texts:
            return np.empty((0, self.spec.width), np.float32)
        order: list[int] = []
        with self._using() as model:
            batches = self._batches(prompt, texts, order, tokens=model.batch_tokens)
            first = list(islice(batches, 0 if most_urgent == 0 else (most_urgent or len(texts)) + 1))
            if most_urgent is None or 0 < len(first) <= most_urgent:
                parts = [model.run(batch) for batch in first]
            else:
                parts = model.run_in_background(chain(first, batches))
        vectors = np.empty((len(texts), self.spec.width), np.float32)
        vectors[order] = np.concatenate(parts)
        return shape.unit_rows(vectors)

    def embed_whole(self, texts: Sequence[str]) -> WholeTexts:
        """Does as ``Embedder.embed_whole``; PyTorch, loaded for them, computes texts too long for the engine."""
        rows = self._uncut_rows(self.spec.document_prompt, texts)
        lengths = tuple(len(row) for row, _ in rows)
        for place, tokens in enumerate(lengths):
            if tokens > self.max_tokens:
                raise shape.too_long(self.spec.model, tokens, self.max_tokens, place=place)
        vectors = np.empty((len(texts), self.spec.width), np.float32)
        if not texts:
            return WholeTexts(vectors, ())
        with self._using() as model:
            fitting = [at for at, size in enumerate(lengths) if size <= (model.most_alone or size)]
            others = sorted(set(range(len(texts))) - set(fitting))
            if fitting:
                vectors[fitting] = np.concatenate(model.run_in_background([rows[at][0]] for at in fitting))
        if others:
            vectors[others] = np.concatenate(self._by_pytorch([[rows[at][0]] for at in others]))
        return WholeTexts(shape.unit_rows(vectors), lengths)

    def _by_pytorch(self, batches: Sequence[shape.Rows]) -> list[Matrix]:
        # Misconfigured, where the folder's weights are in ONNX alone
        model, _ = open_runtime(replace(self._how, engine="torch"), pad=self.pad)
        try:
            return model.run_in_background(batches)
        finally:
            model.close()

    def _batches(
        self, prompt: str, texts: Sequence[str], order: list[int], *, tokens: int
    ) -> Iterator[shape.Rows]:
        """Yields batches of at most ``tokens``, made while the ones before are computed, and notes their texts' places.

        The longest texts, by letters, come first; of each group that becomes tokens together the last batch may have
        room for some of the next group, and waits for them.
        """
        by_length = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        waiting: list[tuple[int, list[int]]] = []
        for start in range(0, len(by_length), _TOGETHER):
            places = by_length[start : start + _TOGETHER]
            waiting += zip(places, self.token_rows(prompt, [texts[place] for place in places]), strict=True)
            groups = shape.batches([len(row) for _, row in waiting], tokens=tokens)
            is_last = start + _TOGETHER >= len(by_length)
            for group in groups if is_last else groups[:-1]:
                order.extend(waiting[at][0] for at in group)
                yield [waiting[at][1] for at in group]
            waiting = [waiting[at] for at in groups[-1]]

    def prepare(self) -> None:
        """Converts the model and measures with which engine it runs, where that is still to be done; loads nothing."""
        prepare(self._how)

    def warm_up(self) -> None:
        """Loads the weights and runs them once, so that the first question does not wait for it."""
        self.embed_queries(["warm up"])

    def unload_if_idle(self) -> None:
        """Frees the weights where the model is on a GPU and had no text for ``idle_seconds``; the next loads them."""
        with self._loading:
            model = self._model
            if (
                model is None
                or self._busy
                or self._idle_seconds is None
                or not model.shares_device
                or self._clock() - self._used < self._idle_seconds
            ):
                return
            self._model = None
            model.close()
        log.info("unloaded the embedding model", extra={"model": self.spec.model})

    def close(self) -> None:
        """Waits for the batch under way, then frees the weights; a later call loads them again."""
        with self._loading:
            model, self._model = self._model, None
        if model:
            model.close()

    @contextmanager
    def _using(self) -> Iterator[Runtime]:
        """The model, loaded first where it is not, and not unloaded meanwhile."""
        with self._loading:
            if self._model is None:
                self._model, self._engine = open_runtime(self._how, pad=self.pad)
            model = self._model
            self._busy += 1
        try:
            yield model
        finally:
            with self._loading:
                self._busy -= 1
                self._used = self._clock()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        # Files may carry settings of their training; ours are applied per call.
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _end(self) -> int | None:
        """The id of the end token that has to be there; None when the model has none."""
        if self.spec.end_token is None:
            return None
        if (found := self._tokenizer.token_to_id(self.spec.end_token)) is None:
            raise Misconfigured(
                f"The tokenizer in {self.folder} does not know {self.spec.end_token!r}, which "
                f"{self.spec.model} ends every text with. Download the model again."
            )
        return int(found)

    @cached_property
    def pad(self) -> int:
        """The id to pad with. Any would do, since padding is masked; the tokenizer's own is in the vocabulary."""
        return 0 if self._end is None else self._end

    def token_rows(self, prompt: str, texts: Sequence[str]) -> list[list[int]]:
        """Returns the model's input: token ids, special ones included, at most ``max_tokens`` a text."""
        longest = self.spec.max_tokens
        return [
            shape.cut_tokens(ids, longest=longest, tail=tail) for ids, tail in self._uncut_rows(prompt, texts)
        ]

    def _uncut_rows(self, prompt: str, texts: Sequence[str]) -> list[tuple[list[int], int]]:
        """Returns the token ids of each text, special ones included, and how many special ones are at its end."""
        return [
            self._row(encoding) for encoding in self._tokenizer.encode_batch(shape.prompted(prompt, texts))
        ]

    def _row(self, encoding: Encoding) -> tuple[list[int], int]:
        ids = list(encoding.ids)
        if self._end is not None and ids[-1:] != [self._end]:
            ids.append(self._end)
            tail = 1
        else:
            tail = _special_at_end(encoding.special_tokens_mask)
        return ids, tail


def _special_at_end(mask: Sequence[int]) -> int:
    """Returns how many special tokens end a text: truncation preserves those."""
    count = 0
    for special in reversed(mask):
        if not special:
            break
        count += 1
    return count
