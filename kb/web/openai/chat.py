"""``/v1/chat/completions``: an answer from the documents, with footnotes, streamed or whole."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from kb.errors import BackendDown, FootnoteError
from kb.system.request_recording import TokenTotal, totalled
from kb.text.language import language
from kb.types import (
    Answer,
    AnswerEvent,
    Caller,
    Hit,
    Question,
    Searched,
    TextDelta,
    TextWithdrawn,
    ThinkingDelta,
)
from kb.web.door.refusals import error_body
from kb.web.openai.caller import ByOpenai
from kb.web.openai.footnotes import annotations_of, footnotes_of
from kb.web.openai.messages import ChatIn
from kb.web.openai.numbering import Numbering
from kb.web.openai.schemas import CompletionOut
from kb.web.openai.wire import collection_of
from kb.web.sentences.catalogue import said_in

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_FILES_NOT_READ = (
    "The files that are attached to this chat were not read: add them to Footnote to ask about them."
)


@dataclass(slots=True)
class _Completion:
    """An answer that is being made, as the protocol numbers and counts it."""

    model: str
    address: str
    """Of this server, for links into documents."""
    note: str = ""
    """What is said behind the answer; empty for nothing."""
    numbering: Numbering = field(default_factory=Numbering)
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))
    tokens: TokenTotal = field(default_factory=TokenTotal)

    def body(self, kind: str, choice: dict[str, Any] | None, **others: Any) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": [] if choice is None else [{"index": 0, "logprobs": None, **choice}],
            **others,
        }

    def usage(self) -> dict[str, int]:
        """Returns what the model counted; 0 where none was asked."""
        read, written = self.tokens.read, self.tokens.written
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


class _Stream(StreamingResponse):
    """Server-sent events; ``end`` is called when nobody gets any more of them, be it before the first."""

    def __init__(self, lines: AsyncIterator[str], end: Callable[[], None]) -> None:
        super().__init__(lines, media_type="text/event-stream")
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()


def chat_router(kb: KnowledgeBase) -> APIRouter:
    router = APIRouter()

    @router.post("/v1/chat/completions", response_model=CompletionOut)
    async def complete(asked: ChatIn, caller: ByOpenai, request: Request) -> Response:
        made = _Completion(asked.model, str(request.base_url).rstrip("/"))
        if (reply := asked.chore_reply) is not None:
            await run_in_threadpool(_collection, kb, asked, caller)
            return _replied(made, reply, stream=asked.stream)
        question = await run_in_threadpool(_question, kb, asked, made, caller)
        end = kb.query_engine.begin(caller)  # now, while the status can say that there is no room
        if asked.stream:
            with_usage = asked.stream_options is not None and asked.stream_options.include_usage
            return _Stream(_streamed(kb, question, made, with_usage=with_usage), end)
        try:
            answer = await _whole(kb, question, made, request)
        finally:
            end()
        return Response(json.dumps(answer, ensure_ascii=False), media_type="application/json")

    return router


def _collection(kb: KnowledgeBase, asked: ChatIn, caller: Caller) -> str | None:
    return collection_of(asked.model, kb.library.collections(caller=caller), caller)


def _question(kb: KnowledgeBase, asked: ChatIn, made: _Completion, caller: Caller) -> Question:
    collection = _collection(kb, asked, caller)
    typed, history = asked.question()
    if typed.sources is not None:
        made.numbering = Numbering(typed.sources + 1)
        made.note = f"\n\n{said_in(language(typed.text), _FILES_NOT_READ)}"
    return Question(
        typed.text,
        collections=(collection,) if collection is not None else (),
        history=history,
        caller=caller,
    )


def _replied(made: _Completion, reply: str, *, stream: bool) -> Response:
    """Returns what no document is asked for, as an answer has it."""
    message: dict[str, Any] = {"role": "assistant", "content": reply}
    if stream:
        chunk = made.body("chat.completion.chunk", {"delta": message, "finish_reason": "stop"})
        return Response(f"{_event(chunk)}data: [DONE]\n\n", media_type="text/event-stream")
    message |= {"refusal": None, "annotations": []}
    body = made.body("chat.completion", {"message": message, "finish_reason": "stop"},
                     usage=made.usage(), footnotes=[])  # fmt: skip
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")


async def _events(
    kb: KnowledgeBase, question: Question, made: _Completion
) -> AsyncGenerator[AnswerEvent, None]:
    with totalled(made.tokens):
        async with aclosing(kb.query_engine.ask(question, counted=True)) as events:
            async for event in events:
                yield event


async def _whole(
    kb: KnowledgeBase, question: Question, made: _Completion, request: Request
) -> dict[str, Any]:
    """Returns the whole answer; stops the model where the client leaves."""
    answer: Answer | None = None
    async with anyio.create_task_group() as watching:
        watching.start_soon(_cancel_when_left, request, watching.cancel_scope)
        async with aclosing(_events(kb, question, made)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    answer = event
        watching.cancel_scope.cancel()
    if answer is None or (answer.incomplete and not answer.text):
        raise BackendDown((answer and answer.incomplete) or "The model ended without an answer. Ask again.")
    answer = made.numbering.of_answer(answer)
    message = {
        "role": "assistant",
        "content": answer.text + made.note,
        "refusal": None,
        "annotations": annotations_of(answer.text, answer.citations, made.address),
    }
    return made.body(
        "chat.completion",
        {"message": message, "finish_reason": _finish(answer)},
        usage=made.usage(),
        footnotes=footnotes_of(answer, made.address),
    )


async def _streamed(
    kb: KnowledgeBase, question: Question, made: _Completion, *, with_usage: bool
) -> AsyncIterator[str]:
    """Yields the answer as server-sent events. An error is the last one, since the status is sent by then."""
    try:
        async with aclosing(_chunks(kb, question, made)) as chunks:
            async for chunk in chunks:
                yield _event(chunk)
        if with_usage:
            yield _event(made.body("chat.completion.chunk", None, usage=made.usage()))
    except FootnoteError as error:
        yield _event(error_body("/v1/", str(error), 500))
    yield "data: [DONE]\n\n"


async def _chunks(
    kb: KnowledgeBase, question: Question, made: _Completion
) -> AsyncGenerator[dict[str, Any], None]:
    def chunk(delta: dict[str, Any], finish: str | None = None, **others: Any) -> dict[str, Any]:
        return made.body("chat.completion.chunk", {"delta": delta, "finish_reason": finish}, **others)

    yield chunk({"role": "assistant", "content": ""})
    sent = shown = ""
    hits: tuple[Hit, ...] = ()
    async with aclosing(_events(kb, question, made)) as events:
        async for event in events:
            if isinstance(event, Searched):
                hits = event.hits
            elif isinstance(event, TextDelta):
                sent += event.text
                shown += (piece := made.numbering.of_text(event.text))
                yield chunk({"content": piece})
            elif isinstance(event, ThinkingDelta):
                yield chunk({"reasoning_content": event.text})
            elif isinstance(event, TextWithdrawn):  # it was a thought; what is sent cannot be taken back
                sent = ""
            elif isinstance(event, Answer):
                if event.incomplete and not event.text:
                    raise BackendDown(event.incomplete)
                if event.text.startswith(sent) and (rest := event.text[len(sent) :]):
                    shown += (piece := made.numbering.of_text(rest))
                    yield chunk({"content": piece})
                if made.note:
                    yield chunk({"content": made.note})
                answer = made.numbering.of_answer(event)
                known = [*answer.citations, *made.numbering.left_out(answer, hits)]
                marks = annotations_of(shown, known, made.address)
                notes = footnotes_of(answer, made.address)
                whole = answer.text + made.note
                yield chunk({"annotations": marks}, _finish(event), footnotes=notes, answer=whole)


def _finish(answer: Answer) -> str:
    return "length" if answer.incomplete else "stop"


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


async def _cancel_when_left(request: Request, scope: anyio.CancelScope) -> None:
    """Waits until the client is gone, then cancels."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
