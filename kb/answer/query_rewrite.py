"""Condenses a follow-up question into a standalone one: by the answering model, else by what was said before."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence

from kb.answer.completion import has_line, text_from
from kb.answer.fence import DrawMark, Fence, new_mark, without_template_tokens
from kb.answer.prompt import FENCED, answer_language
from kb.answer.refusal import is_refusal
from kb.errors import FootnoteError
from kb.ports import ChatModel
from kb.text.citation_marks import without_marks
from kb.text.language import in_latin_script, language
from kb.text.mentions import names
from kb.text.sentences import is_question
from kb.text.word_lists import languages_with, word_lists
from kb.text.words import words
from kb.types import ChatOptions, Context, Message, StandaloneQuestion, Turn

log = logging.getLogger(__name__)

_CONTEXT_CHARACTERS = 1200
"""Of an earlier answer: its beginning names its subject, and a long query costs time."""
_FEW_WORDS = 4
"""A question this short seldom names what it is about."""
_SECONDS = 12.0
"""A model that has not rewritten the question by then would keep the person waiting for the search."""
_MOST_TOKENS = 256
"""Room for a question, and for the few words that a model says to itself although it was told not to."""
_TURNS_SHOWN = 3
_ANSWER_SHOWN = 400
_QUESTION_SHOWN = 1000
"""Characters of earlier answers and questions that the model sees."""
_SYSTEM = (
    "You rewrite the last question of a conversation so that it can be understood without the conversation. "
    "Replace words like it, they, this or there by what they stand for. Keep every name and number. "
    f"Do not answer it. {FENCED} Write the rewritten question and nothing else, in {{language}}."
)
_LABEL = re.compile(
    r"^(?:[-*>\s]|\d{1,3}[.)])*+(?:(?:the\s++)?(?:rewritten|standalone|last|full)?\s*+question|改写后的问题|问题)?+\s*+(?:is\s*+)?[:：]\s*+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b[A-Za-z]*\d[\w.,:/-]*\b")
_LEAST_KEPT = 0.5
"""The share of the question's words, those that point back aside, that a rewriting must keep."""
_MOST_INVENTED = 0.34
"""The share of a rewriting's words that may stand neither in the question nor in the conversation."""


async def condense(
    question: str,
    history: Sequence[Turn],
    model: ChatModel,
    *,
    context_tokens: int | None = None,
    draw: DrawMark = new_mark,
) -> str | None:
    """Returns ``question`` as ``model`` makes it stand alone, in one call; None when that is of no use.

    Of no use is what comes too late, is empty or long, loses names or words of the question, or
    invents what nobody said: small models do all of that.
    """
    question = question.strip()
    fence = Fence(draw())
    spoken = _conversation(history, fence)
    fenced = "\n".join((fence.piece("Conversation:"), spoken, fence.end))
    asked = without_template_tokens(question)
    messages = (
        Message("system", _SYSTEM.format(language=answer_language(question))),
        Message("user", f"{fenced}\n\nLast question: {asked}\nRewritten question:"),
    )
    options = ChatOptions(max_tokens=_MOST_TOKENS, context_tokens=context_tokens)
    try:
        async with asyncio.timeout(_SECONDS):
            written = await text_from(model, messages, options, enough=has_line)
    except (FootnoteError, TimeoutError) as error:
        log.info("the question is not rewritten", extra={"reason": str(error) or "no answer in time"})
        return None
    first_line = next(iter(written.strip().splitlines()), "")
    found = _LABEL.sub("", first_line).strip().strip("\"'“”「」*_` ")
    return found if is_useful(found, question, spoken) else None


def condense_without_model(question: str, history: Sequence[Turn], *, weight: float) -> StandaloneQuestion:
    """Returns the query of a follow-up without a model: the question, and beside it, for ``weight``, the last answer.

    An answer names what a question like "And how high is it?" is about, mostly in the words of the
    documents. Where it said nothing, the question it was given to stands in. A question in another script that points
    back at nothing is about something else: what was said before would only bring passages in its own language.
    """
    question = question.strip()
    if not history:
        return StandaloneQuestion(question)
    last = history[-1]
    has_answer = last.answer.strip() and not is_refusal(last.answer)
    said = last.answer if has_answer else last.searched or last.question
    if not is_follow_up(question) and in_latin_script(question) != in_latin_script(said):
        return StandaloneQuestion(question)
    return StandaloneQuestion(question, Context(without_marks(said)[:_CONTEXT_CHARACTERS], weight))


def is_follow_up(question: str) -> bool:
    """Returns whether ``question`` points back at something said before, or is too short to name its subject."""
    return len(words(question)) <= _FEW_WORDS or bool(_pointing_back(question))


def _pointing_back(question: str) -> list[str]:
    """Returns the words of ``question`` that refer to something said before; none without a list of them."""
    code = language(question, likely=languages_with("points_back"))
    pattern = word_lists(code).points_back
    return [match.group() for match in pattern.finditer(question)] if pattern else []


def is_useful(written: str, question: str, conversation: str) -> bool:
    """Returns whether ``written`` may be searched in place of ``question``, asked after ``conversation``."""
    if not written or len(written) > 3 * len(question) + 200 or "\n" in written:
        return False
    if is_question(question) and not is_question(written):
        return False
    if language(written, likely=(asked_in := language(question),)) != asked_in:
        return False
    asked, said = frozenset(words(question)), frozenset(words(written))
    if any(not frozenset(words(name)) <= said for name in (*names(question), *_NUMBER.findall(question))):
        return False
    own = asked - frozenset(words(" ".join(_pointing_back(question))))
    if len(own & said) < _LEAST_KEPT * len(own):
        return False
    if said == asked and is_follow_up(question):  # it was to be rewritten and was not
        return False
    return len(said - asked - frozenset(words(conversation))) <= _MOST_INVENTED * len(said)


def _conversation(history: Sequence[Turn], fence: Fence) -> str:
    lines = []
    for turn in history[-_TURNS_SHOWN:]:
        lines.append(f"Question: {fence.line(turn.searched or turn.question, _QUESTION_SHOWN)}")
        lines.append(f"Answer: {fence.line(without_marks(turn.answer), _ANSWER_SHOWN)}")
    return "\n".join(lines)
