"""What the page knows of one question while it is being answered. Pure: events in, a new view out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kb.types import Answer, AnswerEvent, Citation, Hit, Notice, Searched, TextDelta, ThinkingDelta, Turn


@dataclass(frozen=True, slots=True)
class TurnView:
    """A question and as much of its answer as there is."""

    id: str
    """Unique on the page; goes into the anchors of its footnotes."""
    question: str
    text: str = ""
    """The answer so far."""
    thinks: bool = False
    """Whether the model is thinking and has not written yet."""
    searched: Searched | None = None
    notices: tuple[str, ...] = ()
    answer: Answer | None = None
    """None until it is complete."""
    error: str | None = None
    stopped: bool = False

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.answer is None and self.error is None and not self.stopped

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The passages the answer draws on; footnote ``[n]`` is ``hits[n - 1]``."""
        return self.searched.hits if self.searched else ()

    @property
    def citations(self) -> dict[int, Citation]:
        """The checked footnotes by number; empty until the answer is complete."""
        return {citation.n: citation for citation in self.answer.citations} if self.answer else {}

    def after(self, event: AnswerEvent) -> TurnView:
        """The view once ``event`` has happened."""
        match event:
            case Searched():
                return replace(self, searched=event)
            case ThinkingDelta():
                return replace(self, thinks=not self.text)
            case TextDelta():
                return replace(self, text=self.text + event.text, thinks=False)
            case Notice():
                return replace(self, notices=(*self.notices, event.text))
            case Answer():
                return replace(self, answer=event, text=event.text, thinks=False)

    def turn(self) -> Turn:
        """As a follow-up question remembers it."""
        return Turn(
            question=self.question,
            answer=self.text,
            searched=self.searched.question if self.searched else "",
            citations=self.answer.citations if self.answer else (),
        )
