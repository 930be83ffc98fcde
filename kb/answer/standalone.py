"""What is searched for a question: what somebody typed, its rewriting by a model, or its words and those before."""

from __future__ import annotations

import asyncio

from kb.answer.fence import DrawMark, new_mark
from kb.answer.library_facts import fact_asked
from kb.answer.long_question import asked_in
from kb.answer.query_rewrite import condense, condense_without_model
from kb.errors import FootnoteError
from kb.ports import ChooseModel
from kb.types import Question, StandaloneQuestion


async def standalone(
    question: Question,
    choose_model: ChooseModel,
    *,
    context_tokens: int,
    weight: float,
    draw: DrawMark = new_mark,
) -> StandaloneQuestion:
    """Returns what to search for: what somebody typed, else the model's rewriting, else the history for ``weight``."""
    if question.searched is not None:
        return StandaloneQuestion(question.searched.strip())
    asked = await asyncio.to_thread(asked_in, question.text.strip())
    history = [turn for turn in question.history if fact_asked(turn.question) is None]
    if not history:  # a greeting, or a list of the documents, is no subject that a question could go on with
        return StandaloneQuestion(asked)
    try:
        model, _ = await choose_model(question.model)
    except FootnoteError:  # the answer will say so; the passages can be found all the same
        model = None
    written = None
    if model is not None:
        written = await condense(asked, history, model, context_tokens=context_tokens, draw=draw)
    if written:
        return StandaloneQuestion(written)
    return condense_without_model(asked, history, weight=weight)
