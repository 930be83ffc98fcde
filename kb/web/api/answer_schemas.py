"""Questions and answers as they go over the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

from pydantic import Field

from kb.text.query_syntax import KnownValue, parse_question, search_instead, tidy_filters
from kb.types import (
    Answer,
    AnswerEvent,
    AnswerRun,
    AnswerRunState,
    Caller,
    Filters,
    Notice,
    Progress,
    Question,
    Searched,
    SearchTuning,
    TextDelta,
    TextWithdrawn,
    ThinkingDelta,
    Turn,
)
from kb.web.api.check_schema import CheckOut
from kb.web.api.fields import (
    Collection,
    Date,
    FilePath,
    Id,
    Label,
    ModelName,
    Name,
    QuestionText,
    Text,
    Truth,
)
from kb.web.api.schemas import CitationOut, HitOut, Wire

MAX_VALUES = 1000
"""Values of one condition."""


class TurnIn(Wire):
    """An earlier question of the conversation and its answer."""

    question: QuestionText
    answer: Text
    searched: QuestionText = ""
    """What was searched for it, as its ``searched`` event said."""

    def turn(self) -> Turn:
        return Turn(question=self.question, answer=self.answer, searched=self.searched)


class ConditionsIn(Wire):
    """The filters of a question; what is empty leaves out no document."""

    collections: list[Collection] = Field(default=[], max_length=MAX_VALUES)
    documents: list[Name] = Field(default=[], max_length=MAX_VALUES)
    """Ids or names."""
    folders: list[FilePath] = Field(default=[], max_length=MAX_VALUES)
    types: list[Label] = Field(default=[], max_length=MAX_VALUES)
    languages: list[Label] = Field(default=[], max_length=MAX_VALUES)
    tags: list[Label] = Field(default=[], max_length=MAX_VALUES)
    """All of them have to be there."""
    since: Date | None = None
    before: Date | None = None

    def filters(self) -> Filters:
        """Returns the filters as the knowledge base takes them; raises BadInput for a date that is none."""
        return tidy_filters(
            Filters(
                collections=tuple(self.collections),
                documents=tuple(self.documents),
                folders=tuple(self.folders),
                types=tuple(self.types),
                languages=tuple(self.languages),
                tags=tuple(self.tags),
                since=self.since,
                before=self.before,
            )
        )


class ConditionsOut(Wire):
    """The conditions of a question that is kept; an earlier version may have kept longer ones than are taken now."""

    collections: list[str]
    documents: list[str]
    folders: list[str]
    types: list[str]
    languages: list[str]
    tags: list[str]
    since: str | None
    before: str | None

    @classmethod
    def of(cls, filters: Filters) -> ConditionsOut:
        return cls.model_validate(filters)


class QuestionIn(Wire):
    """A question, as searching and answering take it."""

    question: QuestionText = Field(min_length=1)
    collection: Collection | None = None
    filters: ConditionsIn | None = None
    """What narrows it down; then all of ``question`` is words. Without it, conditions are read from ``question``."""
    words: Truth = False
    """Whether all of ``question`` is words without ``filters``, too."""

    def asked(self, caller: Caller, known: KnownValue) -> Question:
        """Returns the question of ``caller`` as the knowledge base takes it; raises BadInput for an impossible date."""
        question = Question(
            self.question, collections=(self.collection,) if self.collection else (), caller=caller
        )
        if self.filters is None:
            return question if self.words else parse_question(question, known)
        return replace(question, filters=self.filters.filters())


class SearchIn(QuestionIn):
    """A question whose passages are wanted."""

    k: int = Field(default=10, ge=1, le=100, strict=True)
    dense_weight: float | None = Field(default=None, ge=0, le=1, strict=True)
    """The weight of meaning against words for this search; none leaves it to the settings and the question."""
    refined: Truth = True
    """Whether the best are looked at more closely."""

    @property
    def tuning(self) -> SearchTuning:
        """How the search differs from the settings."""
        return SearchTuning(self.dense_weight, self.refined)


class SearchOut(Wire):
    """What a search found, best first, and what was understood of the question."""

    hits: list[HitOut]
    question: str
    """The words that were searched, without the conditions."""
    filters: ConditionsOut
    notice: str = ""  # what was left out of the search, and why; empty where nothing was
    timings_ms: dict[str, float] = Field(default_factory=dict)  # by step


class AskIn(QuestionIn):
    """A question that is to be answered."""

    model: ModelName | None = None
    conversation: Id | None = None
    """The id of the conversation that it belongs to; none begins one."""
    history: list[TurnIn] | None = Field(default=None, max_length=50)
    """What was asked before; none takes the earlier turns of the conversation."""
    searched: QuestionText | None = Field(default=None, min_length=1)
    """What to search for in place of a follow-up question; without it, that is worked out."""

    def asked(self, caller: Caller, known: KnownValue) -> Question:
        """Returns the question with what its answer needs besides; raises BadInput for a date that is none."""
        history = tuple(turn.turn() for turn in self.history or ())
        question = replace(super().asked(caller, known), model=self.model, history=history)
        if self.searched is None:
            return question
        if self.filters is None and not self.words:
            return search_instead(question, self.searched, known)
        return replace(question, searched=self.searched)


class RequestEvent(Wire):
    """The question is kept and will be answered, whoever waits for it; the first event of every stream."""

    event: Literal["request"] = "request"
    id: str
    conversation: str
    question: str
    """The words that were understood, without the conditions."""
    filters: ConditionsOut
    """The conditions that were understood."""


class StoppedEvent(Wire):
    """Somebody stopped the answer; the last event of such a stream."""

    event: Literal["stopped"] = "stopped"


class SearchedEvent(Wire):
    """The question was searched."""

    event: Literal["searched"] = "searched"
    question: str
    hits: list[HitOut]
    dropped: int
    timings_ms: dict[str, float]
    context: str
    """What was said before and counted a little in the search; empty where the question says everything."""


class ProgressEvent(Wire):
    """How far the reading of whole documents has come."""

    event: Literal["progress"] = "progress"
    done: int
    total: int
    text: str


class TextEvent(Wire):
    """The next piece of the answer, or of what the model says to itself; ``withdrawn``: all text so far was that."""

    event: Literal["text", "thinking", "withdrawn", "notice"]
    text: str


class AnswerEventOut(Wire):
    """The whole answer; the last event of a question that did not fail."""

    event: Literal["answer"] = "answer"
    text: str
    model: str
    searched: str
    citations: list[CitationOut]
    unsupported: list[str]
    backed: bool
    """Whether any sentence is supported by a passage; False for a refusal."""
    refused: bool
    incomplete: str | None
    timings_ms: dict[str, float]
    tokens: int | None
    """How many a model wrote; null where its server does not say, or no model was asked."""
    checks: list[CheckOut]
    closest: list[CitationOut]
    """The nearest passages, where the question was refused."""


class ErrorEvent(Wire):
    """Why there is no answer; the last event of a question that failed."""

    event: Literal["error"] = "error"
    error: str


EventOut: TypeAlias = SearchedEvent | ProgressEvent | TextEvent | AnswerEventOut | ErrorEvent


class RequestOut(Wire):
    """A question and what has become of it so far."""

    id: str
    conversation: str
    question: str
    """As it was typed."""
    collection: str | None
    filters: ConditionsOut
    state: AnswerRunState
    added: str
    text: str
    searched: SearchedEvent | None
    notices: list[str]
    answer: AnswerEventOut | None
    error: str | None

    @classmethod
    def of(cls, request: AnswerRun) -> RequestOut:
        return cls(
            id=request.id,
            conversation=request.conversation_id,
            question=request.question.as_typed,
            collection=next(iter(request.question.collections), None),
            filters=ConditionsOut.of(request.question.filters),
            state=request.state,
            added=request.added,
            text=request.text,
            searched=_searched(request.searched) if request.searched else None,
            notices=list(request.notices),
            answer=_answer(request.answer) if request.answer else None,
            error=request.error,
        )


class ConversationRequestsOut(Wire):
    """Everything that was asked in a conversation, in order."""

    requests: list[RequestOut]


def event_out(event: AnswerEvent) -> EventOut:
    """Returns an event of an answer as one line of the stream."""
    match event:
        case Searched():
            return _searched(event)
        case Progress():
            return ProgressEvent(done=event.done, total=event.total, text=event.text)
        case TextDelta():
            return TextEvent(event="text", text=event.text)
        case TextWithdrawn():
            return TextEvent(event="withdrawn", text="")
        case ThinkingDelta():
            return TextEvent(event="thinking", text=event.text)
        case Notice():
            return TextEvent(event="notice", text=event.text)
        case Answer():
            return _answer(event)


def _searched(searched: Searched) -> SearchedEvent:
    return SearchedEvent(
        question=searched.question,
        hits=[HitOut.of(hit) for hit in searched.hits],
        dropped=searched.dropped,
        timings_ms=dict(searched.timings_ms),
        context=searched.context,
    )


def _answer(answer: Answer) -> AnswerEventOut:
    return AnswerEventOut(
        text=answer.text,
        model=answer.model,
        searched=answer.searched,
        citations=[CitationOut.of(citation) for citation in answer.citations],
        unsupported=list(answer.unsupported),
        backed=answer.backed,
        refused=answer.refused,
        incomplete=answer.incomplete,
        timings_ms=dict(answer.timings_ms),
        tokens=answer.tokens,
        checks=[CheckOut.of(check) for check in answer.checks],
        closest=[CitationOut.of(citation) for citation in answer.closest],
    )
