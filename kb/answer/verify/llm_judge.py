"""A model's verdict on citations: whether the passages that a sentence cites support what it says.

It may take so long and no longer. What it does not say clearly, or not in time, stays as words and meaning have it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.answer.completion import has_line, text_from
from kb.answer.fence import DrawMark, Fence, new_mark
from kb.answer.prompt import FENCED
from kb.answer.verify.checker import Checked
from kb.errors import FootnoteError
from kb.models.chat.decision import Decides
from kb.ports import ChatModel, ChooseModel
from kb.system.request_recording import recorded
from kb.types import ChatOptions, CheckedSentence, Hit, Message, RequestKind, Support

log = logging.getLogger(__name__)

OFF = "off"
"""The setting's value for none."""
SECONDS = 15.0
"""For all sentences of an answer together: it stands there already, only its marks are waited for."""
_MOST_TOKENS = 512
"""Room for one word, and for what a model thinks first although it was told not to."""
_MOST_CHARACTERS = 200
"""Of what is no thought: a model that has not said its word by then will not."""
_PASSAGE_CHARACTERS = 4000
_SYSTEM = (
    "You check quotations. You are given passages and a sentence. Answer yes if the passages say everything that the "
    "sentence says, partly if they say only a part of it, and no if they do not say it or say otherwise. Names, "
    f"numbers and negations must agree. The passages may be in another language than the sentence. {FENCED} "
    "Answer with one word: yes, partly or no."
)
_WORD = re.compile(
    r"[\s*_\"'“”`>#.\-(\[]*+(?:(?:the )?(?:answer|verdict|答案|回答)\s*+(?:is|是)?\s*+[:：]?[\s*_\"'“”`]*+)?+"
    r"(?:(?P<yes>yes\b|是的?(?![否不]))"
    r"|(?P<part>partly\b|partially\b|partial\b|部分)|(?P<no>not?\b(?! doubt)|不是|否|不))",
    re.IGNORECASE,
)
_ASKED = (
    "Does the text say everything that this sentence says, only a part of it, or not? Names, numbers and negations "
    "must agree. The sentence: {sentence}"
)
"""For a decision model, which is told nothing else and writes nothing, so that no text can talk it into anything."""
_CHOICES = {"yes": Support.SUPPORTED, "partly": Support.WEAK, "no": Support.UNSUPPORTED}
_VERDICTS = {"yes": Support.SUPPORTED, "part": Support.WEAK, "no": Support.UNSUPPORTED}


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer's checks after a model was asked about them."""

    checked: Checked
    problem: str | None = None
    """Why the model judged none or not all of the sentences, in words for the person; None when it did."""


class LlmJudge:
    """Asks the judging model of the settings, one sentence at a time."""

    def __init__(
        self,
        name: str,
        choose: ChooseModel,
        *,
        context_tokens: int,
        seconds: float = SECONDS,
        draw: DrawMark = new_mark,
    ) -> None:
        """``name`` as in the setting ``model``; ``choose`` finds the model for it; ``draw`` draws fences' marks."""
        self._name = name
        self._choose = choose
        self._context_tokens = context_tokens
        self._seconds = seconds
        self._draw = draw

    async def on(self, checked: Checked, hits: Sequence[Hit]) -> Judgement:
        """Returns ``checked`` with the model's verdicts where it gave any; ``hits[n - 1]`` is what ``[n]`` names."""
        checks = list(checked.checks)
        problem = None
        try:
            async with asyncio.timeout(self._seconds):
                model, _ = await self._choose(self._name)
                if model is None:
                    return Judgement(checked)
                for index, check in enumerate(checks):
                    if not check.numbers:  # it names no passage that could be read
                        continue
                    with recorded(RequestKind.JUDGE, text=check.sentence) as request:
                        request.name_model(model.name)
                        verdict = await _asked(model, check, hits, self._context_tokens, Fence(self._draw()))
                    checks[index] = _judged(check, verdict) if verdict else check
        except (FootnoteError, TimeoutError) as error:
            problem = str(error) or f"it was not done within {self._seconds:g} s"
            log.warning("not all sentences are judged by the model", extra={"reason": problem})
        return Judgement(replace(checked, checks=tuple(checks)), problem)


def llm_judge(
    name: str,
    choose: ChooseModel,
    *,
    context_tokens: int,
) -> LlmJudge | None:
    """Returns the judge that the setting ``judge`` names; None where it is off."""
    return None if name == OFF else LlmJudge(name, choose, context_tokens=context_tokens)


def verdict_in(text: str) -> Support | None:
    """Returns the verdict that ``text``, a model's, begins with; None where it begins with none."""
    found = _WORD.match(text)
    return _VERDICTS[found.lastgroup] if found and found.lastgroup else None


def _judged(check: CheckedSentence, verdict: Support) -> CheckedSentence:
    """Returns ``check`` with the model's verdict; a reason that it does not share goes."""
    if verdict is Support.SUPPORTED:
        return replace(check, support=verdict, reason=None, difference=None)
    return replace(check, support=verdict)


async def _asked(
    model: ChatModel, check: CheckedSentence, hits: Sequence[Hit], context_tokens: int, fence: Fence
) -> Support | None:
    texts = [hits[number - 1].chunk.embedded_text[:_PASSAGE_CHARACTERS] for number in check.numbers]
    if isinstance(model, Decides):
        choice = await model.decide(
            "\n\n".join(texts), _ASKED.format(sentence=check.sentence), tuple(_CHOICES)
        )
        if choice is not None:
            return _CHOICES.get(choice)
    passages = "\n\n".join(fence.piece("Passage:", text) for text in texts)
    sentence = fence.piece(f"Sentence: {fence.line(check.sentence, _PASSAGE_CHARACTERS)}")
    messages = (
        Message("system", _SYSTEM),
        Message("user", f"{passages}\n\n{sentence}\n{fence.end}\n\nYes, partly or no?"),
    )
    options = ChatOptions(max_tokens=_MOST_TOKENS, context_tokens=context_tokens)

    def enough(text: str) -> bool:
        return has_line(text) or len(text) > _MOST_CHARACTERS

    return verdict_in(await text_from(model, messages, options, enough=enough))
