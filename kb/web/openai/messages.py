"""From the messages of a chat to the question that is asked of the documents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kb.errors import BadInput
from kb.text.citation_marks import without_footnotes
from kb.types import Turn
from kb.web.api.fields import MAX_QUESTION, ModelName, Text
from kb.web.openai.wire import Lenient

_MOST_MESSAGES = 1000
_TURNS = 50
"""Of what was asked before; a follow-up refers to the last few."""


class _Part(Lenient):
    type: str
    text: Text = ""


class MessageIn(Lenient):
    """One message of a chat."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | Annotated[list[_Part], Field(max_length=100)] | None = None

    @property
    def text(self) -> str:
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "\n".join(part.text for part in self.content if part.type in ("text", "input_text"))


class _StreamOptions(Lenient):
    include_usage: bool = False


class ChatIn(Lenient):
    """A chat whose last question is to be answered."""

    model: ModelName
    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=_MOST_MESSAGES)]
    n: int = 1
    stream: bool = False
    stream_options: _StreamOptions | None = None

    def question(self) -> tuple[str, tuple[Turn, ...]]:
        """Returns the last question, and what was asked and answered before it.

        Raises:
            BadInput: the chat does not end with a question, or it is too long.
        """
        if self.n != 1:
            raise BadInput("'n' is 1 here: the documents give one answer. Ask again for another.", field="n")
        said = [message for message in self.messages if message.role in ("user", "assistant")]
        if not said or said[-1].role != "user" or not said[-1].text.strip():
            raise BadInput("The last message has to be a question, with the role 'user'.", field="messages")
        question = said[-1].text
        if len(question) > MAX_QUESTION:
            raise BadInput(f"A question may have {MAX_QUESTION} characters; this one has {len(question)}.")
        return question, _turns(said[:-1])[-_TURNS:]


def _turns(said: list[MessageIn]) -> tuple[Turn, ...]:
    """Returns each question with all that was answered before the next one."""
    turns: list[Turn] = []
    for message in said:
        if message.role == "user":
            turns.append(Turn(message.text[:MAX_QUESTION], ""))
        elif turns:
            before = turns.pop()
            answer = "\n".join(filter(None, (before.answer, without_footnotes(message.text))))
            turns.append(Turn(before.question, answer))
    return tuple(turn for turn in turns if turn.answer)
