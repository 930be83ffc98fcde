"""What a chat program puts around a question, or asks a model beside it, in the words of Open WebUI's templates.

To a model that only answers from documents all of it would be a question: it would be searched for, and the program
would take passages for the title of a chat. What is not written so is a question, as ever.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from kb.text.visible import shortened

_BEGINS = "### Task:"
_HISTORY_BEGINS, _HISTORY_ENDS = "<chat_history>", "</chat_history>"
_WANTED = re.compile(r'"(title|tags|follow_ups|queries|prompt|text)"\s*:')
_SAID = re.compile(r"^(USER|ASSISTANT|SYSTEM|TOOL): ?", re.MULTILINE)
_ATTACHED = re.compile(r"\A\s*<attached_files>.*?</attached_files>\s*", re.DOTALL)
_QUERY = re.compile(r"\A\s*<user_query>(.*)</user_query>\s*\Z", re.DOTALL)
_SOURCE = re.compile(r'<source id="(\d{1,3})"')
_CONTEXT_ENDS = "</context>"
_TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person typed."""

    text: str
    sources: int | None = None
    """How many texts of its own the program put beside it, which are none of the library's, and shows as sources; None
    where it put nothing."""


def typed(message: str) -> Asked:
    """Returns what a person typed of a message with the role ``user``."""
    sources: int | None = None
    if message.startswith(_BEGINS) and "<context>" in message and _CONTEXT_ENDS in message:
        end = message.rindex(_CONTEXT_ENDS)  # the last one: a file may hold such a mark, too
        sources = max((int(found) for found in _SOURCE.findall(message, 0, end)), default=0)
        message = message[end + len(_CONTEXT_ENDS) :]
    if (attached := _ATTACHED.match(message)) is not None:
        message = message[attached.end() :]
    if sources is not None and (query := _QUERY.match(message)) is not None:
        message = query[1]
    is_bare = sources is None and attached is None
    return Asked(message if is_bare else message.strip(), sources)


def chore_reply(message: str) -> str | None:
    """Returns the JSON that a chat program wants beside answers, from the chat alone; None for a question.

    A title is the question that the chat begins with, and what is to be searched for is the last one. There are no
    tags, no further questions, no continuations and no pictures: no model is asked.
    """
    if not message.startswith(_BEGINS):
        return None
    begin, end = message.find(_HISTORY_BEGINS), message.rfind(_HISTORY_ENDS)
    wanted = _WANTED.search(message, 0, begin) if 0 < begin < end else None
    if wanted is None:
        return None
    questions = _questions(message[begin + len(_HISTORY_BEGINS) : end].lstrip())
    replies: dict[str, object] = {
        "title": shortened(" ".join(questions[0].split()), _TITLE_CHARACTERS) if questions else "",
        "queries": questions[-1:],
        "tags": [],
        "follow_ups": [],
        "prompt": "",
        "text": "",
    }
    return json.dumps({wanted[1]: replies[wanted[1]]}, ensure_ascii=False)


def _questions(history: str) -> list[str]:
    """Returns what the person said in a chat that is written down, line for line with who speaks."""
    parts = _SAID.split(history)
    said = zip(parts[1::2], parts[2::2], strict=True)
    return [text for who, words in said if who == "USER" and (text := typed(words).text.strip())]
