"""What the page knows of one question while it is being answered. Pure: events in, a new view out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kb.types import (
    Answer,
    AnswerEvent,
    AnswerRun,
    AnswerRunState,
    Citation,
    Hit,
    Notice,
    Progress,
    Question,
    Searched,
    TextDelta,
    TextWithdrawn,
    ThinkingDelta,
)


@dataclass(frozen=True, slots=True)
class TurnView:
    """A question and as much of its answer as there is."""

    id: str
    """Unique on the page; goes into the anchors of its footnotes."""
    question: Question
    text: str = ""
    """The answer so far."""
    thinks: bool = False
    """Whether the model is thinking and has not written yet."""
    searched: Searched | None = None
    notices: tuple[str, ...] = ()
    progress: Progress | None = None
    """How much of whole documents is read; None where none is read."""
    answer: Answer | None = None
    """None until it is complete."""
    error: str | None = None
    stopped: bool = False
    request: str = ""
    """The id of the request, by which its answer can be followed."""
    conversation: str = ""

    @classmethod
    def new(cls, request: AnswerRun) -> TurnView:
        """Returns a question before anything is known of its answer."""
        return cls(
            id=f"t{request.id}",
            question=request.question,
            request=request.id,
            conversation=request.conversation_id,
        )

    @classmethod
    def of(cls, request: AnswerRun) -> TurnView:
        """Returns a question and all that is kept of its answer."""
        return replace(
            cls.new(request),
            text=request.text,
            searched=request.searched,
            notices=request.notices,
            answer=request.answer,
            error=request.error,
            stopped=request.state is AnswerRunState.STOPPED,
        )

    @property
    def running(self) -> bool:
        return self.answer is None and self.error is None and not self.stopped

    @property
    def failed(self) -> bool:
        """Whether a model was to answer and wrote nothing."""
        return self.answer is not None and bool(self.answer.incomplete) and not self.text.strip()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The passages the answer draws on; footnote ``[n]`` is ``hits[n - 1]``."""
        return self.searched.hits if self.searched else ()

    @property
    def citations(self) -> dict[int, Citation]:
        """The checked footnotes by number; of a refused question its closest passages. Empty until then."""
        if self.answer is None:
            return {}
        return {citation.n: citation for citation in self.answer.citations or self.answer.closest}

    def after(self, event: AnswerEvent) -> TurnView:
        match event:
            case Searched():
                return replace(self, searched=event)
            case ThinkingDelta():
                return replace(self, thinks=not self.text)
            case TextDelta():
                return replace(self, text=self.text + event.text, thinks=False)
            case TextWithdrawn():
                return replace(self, text="", thinks=True)
            case Progress():
                return replace(self, progress=event)
            case Notice():
                return replace(self, notices=(*self.notices, event.text))
            case Answer():
                return replace(self, answer=event, text=event.text, thinks=False)
