"""From the messages of a chat to the question that is asked of the documents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from kb.errors import BadInput
from kb.text.citation_marks import without_footnotes
from kb.types import Turn
from kb.web.api.fields import MAX_QUESTION, ModelName, without_nul
from kb.web.openai.chat_programs import Asked, chore_reply, typed
from kb.web.openai.wire import Lenient

_MOST_MESSAGES = 1000
_MOST_CHARACTERS = 2**20
"""Of a message: chat programs put whole files beside a question."""
Text = Annotated[str, Field(max_length=_MOST_CHARACTERS), AfterValidator(without_nul)]
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

    @property
    def chore_reply(self) -> str | None:
        """What the program wants beside answers, as ``chat_programs.chore_reply`` says; None for a question."""
        last = self.messages[-1]
        return chore_reply(last.text) if last.role == "user" else None

    def question(self) -> tuple[Asked, tuple[Turn, ...]]:
        """Returns the last question, and what was asked and answered before it.

        Raises:
            BadInput: the chat does not end with a question, or it is too long.
        """
        if self.n != 1:
            raise BadInput("'n' is 1 here: the documents give one answer. Ask again for another.", field="n")
        said = [message for message in self.messages if message.role in ("user", "assistant")]
        if not said or said[-1].role != "user" or not typed(said[-1].text).text.strip():
            raise BadInput("The last message has to be a question, with the role 'user'.", field="messages")
        asked = typed(said[-1].text)
        if len(asked.text) > MAX_QUESTION:
            raise BadInput(f"A question may have {MAX_QUESTION} characters; this one has {len(asked.text)}.")
        return asked, _turns(said[:-1])[-_TURNS:]


def _turns(said: list[MessageIn]) -> tuple[Turn, ...]:
    """Returns each question with all that was answered before the next one."""
    turns: list[Turn] = []
    for message in said:
        if message.role == "user":
            turns.append(Turn(typed(message.text).text[:MAX_QUESTION], ""))
        elif turns:
            before = turns.pop()
            answer = "\n".join(filter(None, (before.answer, without_footnotes(message.text))))
            turns.append(Turn(before.question, answer))
    return tuple(turn for turn in turns if turn.answer)
