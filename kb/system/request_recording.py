"""Measures requests where they are carried out, for whoever keeps a log of them.

A surface, or a worker, says once on whose behalf it works (``on_behalf_of``); what is carried out within is told to its
``Record``. Where nobody said so, as in a benchmark, nothing is recorded. This travels by context variables, as traces
do, because a request passes through a dozen layers that have no use for them.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kb.errors import Cancelled
from kb.types import OWNER, Caller, LoggedRequest, RequestKind, RequestStatus

Record = Callable[[LoggedRequest], None]
"""Takes a request that has ended, at once: it is called on the way of an answer."""


@dataclass(frozen=True, slots=True)
class Behalf:
    """On whose behalf something is carried out."""

    record: Record
    caller: Caller = OWNER


@dataclass(slots=True)
class OpenRequest:
    """A request that is being carried out; what is learnt of it meanwhile is noted here."""

    kind: RequestKind
    engine: str = ""
    model: str = ""
    text: str = ""
    job: str = ""
    tokens: int | None = None
    tokens_written: int | None = None
    queued_ms: float = 0.0
    begun: float = field(default_factory=time.perf_counter)

    def count(self, read: int | None, written: int | None = None) -> None:
        """Adds tokens; None leaves a number as it is."""
        if read is not None:
            self.tokens = (self.tokens or 0) + read
        if written is not None:
            self.tokens_written = (self.tokens_written or 0) + written

    def begins(self) -> None:
        """Notes that all until now was waiting."""
        self.queued_ms = 1000 * (time.perf_counter() - self.begun)

    def name_model(self, name: str) -> None:
        """Takes a name as ``ollama/qwen3:8b`` apart; one without a backend is its own."""
        backend, slash, model = name.partition("/")
        self.engine, self.model = (backend, model) if slash else (name, name)


@dataclass(slots=True)
class TokenTotal:
    """Tokens of several requests together; 0 where no model counted any."""

    read: int = 0
    written: int = 0


_behalf: ContextVar[Behalf | None] = ContextVar("on whose behalf", default=None)
_conversation: ContextVar[str] = ContextVar("the conversation that it belongs to", default="")
_open: ContextVar[OpenRequest | None] = ContextVar("the request being carried out", default=None)

_total: ContextVar[TokenTotal | None] = ContextVar("the tokens of all requests within", default=None)


@contextmanager
def on_behalf_of(behalf: Behalf) -> Iterator[None]:
    """Has what is carried out within told to ``behalf.record``; the conversation of an outer one stays."""
    outer = _behalf.get()
    _behalf.set(behalf)
    try:
        yield
    finally:
        _behalf.set(outer)  # no token: a generator may be closed in another context than it was begun in


def person_at_work() -> int:
    """Returns the account on whose behalf something is carried out; 0 is the owner of the machine, or nobody said."""
    behalf = _behalf.get()
    return 0 if behalf is None else behalf.caller.person_id


@contextmanager
def in_conversation(conversation: str) -> Iterator[None]:
    """Says to which conversation everything within belongs."""
    outer = _conversation.get()
    _conversation.set(conversation)
    try:
        yield
    finally:
        _conversation.set(outer)


@contextmanager
def recorded(
    kind: RequestKind, *, engine: str = "", model: str = "", text: str = "", job: str = ""
) -> Iterator[OpenRequest]:
    """Measures what is carried out within, and has it recorded at its end, however it ends."""
    request, outer = OpenRequest(kind, engine, model, text, job), _open.get()
    _open.set(request)
    status, reason = RequestStatus.OK, ""
    try:
        yield request
    except (asyncio.CancelledError, GeneratorExit, Cancelled):
        status = RequestStatus.CANCELLED
        raise
    except BaseException as error:
        status, reason = RequestStatus.FAILED, type(error).__name__
        raise
    finally:
        _open.set(outer)
        behalf = _behalf.get()
        if behalf is not None:
            behalf.record(_ended(request, behalf, status, reason))


def count_tokens(read: int | None, written: int | None = None) -> None:
    """Adds the tokens that a model says it read and wrote to the request that is being carried out, if one is."""
    if (request := _open.get()) is not None:
        request.count(read, written)
    if (total := _total.get()) is not None:
        total.read += read or 0
        total.written += written or 0


@contextmanager
def totalled(total: TokenTotal) -> Iterator[None]:
    """Adds the tokens of everything within to ``total``, for those who are to be told."""
    outer = _total.get()
    _total.set(total)
    try:
        yield
    finally:
        _total.set(outer)


def hash_of(text: str) -> str:
    """Returns what stands in the log in place of ``text``."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _ended(request: OpenRequest, behalf: Behalf, status: RequestStatus, reason: str) -> LoggedRequest:
    took = 1000 * (time.perf_counter() - request.begun)
    return LoggedRequest(
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
        kind=request.kind,
        origin=behalf.caller.origin,
        owner=behalf.caller.id,
        engine=request.engine,
        model=request.model,
        text=request.text,
        tokens=request.tokens,
        tokens_written=request.tokens_written,
        queued_ms=round(request.queued_ms, 1),
        ms=round(max(took - request.queued_ms, 0.0), 1),
        status=status,
        reason=reason,
        job=request.job,
        conversation=_conversation.get(),
        key=behalf.caller.key,
        key_id=behalf.caller.key_id,
        person=behalf.caller.person,
    )
