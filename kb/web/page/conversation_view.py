"""A conversation as the page shows it: when it is opened, and where a question could not be read."""

from __future__ import annotations

from kb.errors import BadInput
from kb.types import AnswerRun, AnswerRunState, Question
from kb.web.api.refusal_sentences import refusal_sentence
from kb.web.page import render
from kb.web.page.open_conversation import OpenConversation
from kb.web.page.strings import Strings
from kb.web.page.turns import TurnView


def shown(
    requests: list[AnswerRun], conversation: OpenConversation, strings: Strings
) -> tuple[str, str, str]:
    """Returns (earlier turns, the last one, its sources) of a conversation in which something was asked."""
    conversation.id = requests[-1].conversation_id
    *before, last = [TurnView.of(request) for request in requests]
    conversation.turns = before
    if requests[-1].state is AnswerRunState.RUNNING:
        conversation.request = requests[-1].id
    else:
        conversation.turns = [*before, last]
    return (
        "\n\n".join(render.turn(turn, strings) for turn in before),
        render.turn_text(last, strings),
        render.turn_sources(last, strings),
    )


def refused(
    question: Question, error: BadInput, conversation: OpenConversation, strings: Strings
) -> tuple[str, str, str]:
    """Returns (earlier turns, a question that could not be read and why, no sources); nothing of it is kept."""
    view = TurnView("refused", question, error=refusal_sentence(error, strings.language))
    earlier = "\n\n".join(render.turn(turn, strings) for turn in conversation.turns)
    return earlier, render.turn_text(view, strings), ""
