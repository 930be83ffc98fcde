"""From a packed prompt to streamed text with its citation numbers set right."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from kb.answer.citation_marks import FootnoteStream
from kb.answer.draft import Draft
from kb.answer.prompt import Prompt
from kb.answer.repetition import RepetitionWatch
from kb.ports import ChatModel
from kb.system.request_recording import count_tokens
from kb.types import AnswerEvent, ChatOptions, ModelFinished, Notice, TextDelta, TextWithdrawn, ThinkingDelta

_READ_SHARE = 0.8
"""A server that says it read less of the prompt than this cut it: Ollama does so without a word."""

_REPEATS = "The model repeated itself, so that its answer was ended. Ask again, or choose another model."


async def generate(
    model: ChatModel, prompt: Prompt, draft: Draft, *, context_tokens: int
) -> AsyncGenerator[AnswerEvent, None]:
    """Yields text and thoughts of ``model``, as they come; text, times and an early end are noted in ``draft``.

    Raises:
        BackendDown, NotFound: the model does not answer, or breaks off.
    """
    asked = time.perf_counter()
    footnotes, watch = FootnoteStream(prompt.hits), RepetitionWatch()
    options = ChatOptions(max_tokens=prompt.answer_tokens, context_tokens=context_tokens, own_settings=True)
    try:
        async with aclosing(model.stream(prompt.messages, options)) as events:
            async for event in events:
                draft.timings.setdefault("first_token", 1000 * (time.perf_counter() - asked))
                if isinstance(event, ModelFinished):
                    count_tokens(event.prompt_tokens, event.completion_tokens)
                    draft.tokens = event.completion_tokens
                    if notice := _cut(prompt, event):
                        yield Notice(notice)
                    if event.stopped_at_limit:
                        draft.incomplete = _limit_reached(prompt)
                    continue
                if isinstance(event, TextWithdrawn):
                    footnotes, draft.text = FootnoteStream(prompt.hits), ""
                    watch = RepetitionWatch()
                    yield event
                elif isinstance(event, ThinkingDelta):
                    yield event
                else:
                    end = watch.end_in(event.text)
                    if piece := footnotes.push(event.text[:end]):
                        draft.text += piece
                        yield TextDelta(piece)
                    if end is not None:
                        draft.incomplete = _REPEATS
                        break
    finally:
        draft.text += (rest := footnotes.finish())
        draft.timings["generate"] = 1000 * (time.perf_counter() - asked)
    if rest:
        yield TextDelta(rest)
    if not draft.text.strip() and not draft.incomplete:
        draft.incomplete = (
            f"{model.name} ended without a word of an answer. Ask again, or choose another model."
        )


def _limit_reached(prompt: Prompt) -> str:
    return (
        f"The answer reached its limit of {prompt.answer_tokens} tokens. "
        "Raise answering.answer_tokens for longer ones."
    )


def _cut(prompt: Prompt, finished: ModelFinished) -> str | None:
    read = finished.prompt_tokens
    if read is None or read >= _READ_SHARE * prompt.tokens:
        return None
    return (
        f"The model's server read only {read} of about {prompt.tokens} tokens of the passages. "
        "Set answering.context_tokens to what the server really runs with."
    )
