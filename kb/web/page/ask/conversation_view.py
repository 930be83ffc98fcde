"""A conversation as the page shows it: its newest turns when it is opened, and older ones when they are scrolled to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.errors import BadInput
from kb.types import AnswerRun, AnswerRunState, Question
from kb.web.api.refusal_sentences import refusal_sentence
from kb.web.page.answer import render
from kb.web.page.answer.turns import TurnView
from kb.web.page.ask.open_conversation import OpenConversation
from kb.web.page.strings import Strings

SHOWN = 10
"""Turns that are on the page before the newest one: a window of text is two or three, and drawing one takes 20 ms."""


@dataclass(frozen=True, slots=True)
class Window:
    """The newest turns of a conversation."""

    runs: Sequence[AnswerRun]
    has_older: bool

    @classmethod
    def of(cls, runs: Sequence[AnswerRun]) -> Window:
        """Returns the newest of ``runs``, of which one more was asked for than is shown."""
        return cls(runs[-SHOWN:], has_older=len(runs) > SHOWN)


def shown(window: Window, conversation: OpenConversation, strings: Strings) -> tuple[str, str, str]:
    """Returns (earlier turns, the last one, its sources) of a conversation in which something was asked."""
    conversation.id = window.runs[-1].conversation_id
    conversation.has_older = window.has_older
    *before, last = [TurnView.of(request) for request in window.runs]
    conversation.turns = before
    text = earlier(conversation, strings)
    if window.runs[-1].state is AnswerRunState.RUNNING:
        conversation.request = window.runs[-1].id
    else:
        conversation.turns = [*before, last]
    return text, render.turn_text(last, strings), render.turn_sources(last, strings)


def earlier(conversation: OpenConversation, strings: Strings) -> str:
    """Returns the turns of a conversation, of a long one the newest, and what brings the others."""
    if len(conversation.turns) > SHOWN:
        conversation.turns, conversation.has_older = conversation.turns[-SHOWN:], True
    return "\n\n".join(_blocks(conversation.turns, strings, has_older=conversation.has_older))


def earlier_turns(window: Window, strings: Strings) -> str:
    """Returns the turns of a window, as they stand above those that are on the page, and what brings the next ones."""
    turns = [TurnView.of(run) for run in window.runs]
    return "".join(_blocks(turns, strings, has_older=window.has_older))


def _blocks(turns: Sequence[TurnView], strings: Strings, *, has_older: bool) -> list[str]:
    blocks = [render.turn(turn, strings) for turn in turns]
    if has_older and turns:
        blocks.insert(0, render.older(turns[0].conversation, turns[0].request, strings))
    return blocks


def refused(
    question: Question, error: BadInput, conversation: OpenConversation, strings: Strings
) -> tuple[str, str, str]:
    """Returns (earlier turns, a question that could not be read and why, no sources); nothing of it is kept."""
    view = TurnView("refused", question, error=refusal_sentence(error, strings.language))
    return earlier(conversation, strings), render.turn_text(view, strings), ""
