"""Asks a model something real, and says what it did: vectors that are proved, an answer, an obvious order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import aclosing

from kb.errors import FootnoteError
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.served.probe_texts import long_words
from kb.models.embed.served.proof import Demands, Proof, prove
from kb.models.embed.served.protocol import Answered, ProvedEmbedder
from kb.models.rerank.proof import TRIALS
from kb.models.rerank.proof import prove as prove_order
from kb.ports import ChatModel, Embedder, Reranker
from kb.types import ChatOptions, Message, ModelFinished, ModelTest, TextDelta, ThinkingDelta

_LONGEST = 2048
"""Tokens of the longest input that is tried: on a processor, longer ones take minutes with large models."""
_PASSAGE_WORDS = 150
_MOST_PASSAGES = 32
_TOGETHER = 4
_ENOUGH_SECONDS = 2.0
_ASKED = "Name three colours of the rainbow, in one sentence."
_ANSWER_TOKENS = 64


class _InProcess:
    """A model in this process, as what is proved."""

    def __init__(self, embedder: LocalEmbedder) -> None:
        self._embedder = embedder
        self.who = f"The model {embedder.spec.model}"

    def embed(self, texts: Sequence[str]) -> Answered:
        rows = self._embedder.token_rows("", texts)
        return Answered(self._embedder.embed_bare(texts), sum(map(len, rows)))


def try_embedder(name: str, embedder: Embedder) -> ModelTest:
    """Returns what proving the model showed, and how many tokens a second it reads."""
    try:
        if isinstance(embedder, LocalEmbedder):
            longest = _proved(embedder).longest
        else:
            if isinstance(embedder, ProvedEmbedder):
                embedder.require_proof()
            longest = embedder.max_tokens
        speed = _reading_speed(embedder)
    except FootnoteError as error:
        return ModelTest(name, "embedding", ok=False, text=str(error))
    return ModelTest(
        name,
        "embedding",
        ok=True,
        text=f"Proved: a batch gives what single texts give, and nothing is cut up to {longest:,} tokens. "
        f"{embedder.engine_status}",
        tokens_per_second=round(speed, 1),
        context_tokens=longest,
    )


def _proved(embedder: LocalEmbedder) -> Proof:
    demands = Demands(count=embedder.count_tokens, longest=min(embedder.max_tokens, _LONGEST))
    return prove(_InProcess(embedder), demands)


def _reading_speed(embedder: Embedder) -> float:
    """Returns tokens a second, of passages in small batches until that took a while."""
    words = long_words(_PASSAGE_WORDS * _MOST_PASSAGES).split()
    passages = [" ".join(words[at : at + _PASSAGE_WORDS]) for at in range(0, len(words), _PASSAGE_WORDS)]
    counts = embedder.count_tokens(passages)
    embedder.embed_documents(passages[:1])  # what is loaded with the first text is no speed of reading
    read, began = 0, time.perf_counter()
    for at in range(0, len(passages), _TOGETHER):
        embedder.embed_documents(passages[at : at + _TOGETHER])
        read += sum(counts[at : at + _TOGETHER])
        if time.perf_counter() - began > _ENOUGH_SECONDS:
            break
    return read / (time.perf_counter() - began)


def try_reranker(name: str, reranker: Reranker) -> ModelTest:
    """Returns whether the model orders what is obvious, and about how many tokens a second it reads."""
    from kb.text.token_estimate import estimated_tokens

    try:
        reranker.warm_up()
        began = time.perf_counter()
        languages = prove_order(reranker, f"The reranker {name}")
        seconds = time.perf_counter() - began
    except FootnoteError as error:
        return ModelTest(name, "reranker", ok=False, text=str(error))
    pairs = [
        (question, passage) for trial in TRIALS for question in trial.questions for passage in trial.passages
    ]
    read = 2 * sum(estimated_tokens(question) + estimated_tokens(passage) for question, passage in pairs)
    return ModelTest(
        name,
        "reranker",
        ok=True,
        text=f"Proved: each question has the passage that answers it first, in {' and '.join(languages)}.",
        tokens_per_second=round(read / seconds, 1),
    )


async def try_chat_model(name: str, model: ChatModel) -> ModelTest:
    """Returns what one real request showed: the first words, the time until they came, and the speed after them."""
    try:
        context = await model.context_tokens()
        await model.count_tokens(_ASKED)  # loads a model that is a file: that is no part of an answer
        return await _asked(name, model, context)
    except FootnoteError as error:
        return ModelTest(name, "answering", ok=False, text=str(error))


async def _asked(name: str, model: ChatModel, context: int) -> ModelTest:
    options = ChatOptions(max_tokens=_ANSWER_TOKENS)
    began = time.perf_counter()
    first: float | None = None
    said: list[str] = []
    thought: list[str] = []
    written: int | None = None
    async with aclosing(model.stream([Message("user", _ASKED)], options)) as events:
        async for event in events:
            if isinstance(event, TextDelta | ThinkingDelta):
                first = first if first is not None else time.perf_counter()
                (said if isinstance(event, TextDelta) else thought).append(event.text)
            elif isinstance(event, ModelFinished):
                written = event.completion_tokens
    ended = time.perf_counter()
    if first is None:
        return ModelTest(name, "answering", ok=False, text=f"{name} ended its answer without a word.")
    if written is None:
        written = await model.count_tokens("".join((*thought, *said)))
    shown = " ".join("".join(said or thought).split())[:80]
    return ModelTest(
        name,
        "answering",
        ok=True,
        text=f"It answers: “{shown}”",
        tokens_per_second=round((written - 1) / (ended - first), 1)
        if written > 1 and ended > first
        else None,
        first_token_seconds=round(first - began, 3),
        context_tokens=context,
    )
